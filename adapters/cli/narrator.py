"""Telling the demo's scene: as a story for people, coloured on a terminal, or as NDJSON for machines."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from adapters.cli.output import emit, safe
from adapters.cli.why import tree
from adapters.demo.beats import Act, Asked, Beat, Checked, Explained, Spoken, Summary, Told, as_json
from events.commit import Json

WHY_DEPTH = 2
WHY_BRANCHES = 6
"""As much of an explanation as fits a story; `lorestream why` shows all."""

NAME_WIDTH = 15
OPERATION_WIDTH = 20


_OMITTED = frozenset(("error_code", "request_id", "npc_id", "response", "comment"))
"""Fields that say nothing new beside the story."""


def narrator(*, as_json: bool) -> Callable[[Beat], None]:
    """Whom a stage tells its beats."""
    return _emit if as_json else _Storyteller().tell


def _emit(beat: Beat) -> None:
    emit(as_json(beat))


class _Storyteller:
    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._width = max(60, min(self._console.width, 120))

    def tell(self, beat: Beat) -> None:
        match beat:
            case Act():
                self._line()
                self._line((f"{beat.number:>2}  {beat.title}", "bold cyan"))
                self._line()
            case Told():
                for line in self._wrapped(safe(beat.text), "  "):
                    self._line((line, ""))
            case Spoken():
                self._spoken(beat)
            case Asked():
                self._asked(beat)
            case Checked():
                mark, style = ("✓", "green") if beat.ok else ("✗", "bold red")
                self._line((f"    {mark} {safe(beat.what)}", style))
            case Explained():
                self._explained(beat)
            case Summary():
                self._summary(beat)

    def _line(self, *parts: tuple[str, str]) -> None:
        self._console.print(Text.assemble(*parts))

    def _wrapped(self, text: str, indent: str) -> list[str]:
        import textwrap

        return textwrap.wrap(text, self._width, initial_indent=indent, subsequent_indent=indent)

    def _spoken(self, beat: Spoken) -> None:
        indent = " " * (NAME_WIDTH + 2)
        manner = f" ({safe(beat.manner)})" if beat.manner else ""
        first, *rest = self._wrapped(f"“{safe(beat.text)}”{manner}", indent)
        self._line((f"  {beat.speaker:<{NAME_WIDTH}}", "bold yellow"), (first.lstrip(), ""))
        for line in rest:
            self._line((line, ""))

    def _asked(self, beat: Asked) -> None:
        place = "" if beat.position is None else f"  @{beat.position}"
        took = f"{beat.ms:8.1f} ms{place:<8}"
        width = self._width - OPERATION_WIDTH - len(took) - 8
        gist = safe(_gist(beat.answer) if beat.code >= 0 else f"{beat.code} {beat.message}", width)
        self._line(
            (f"    · {safe(beat.operation):<{OPERATION_WIDTH}}", "blue"),
            (f"{gist:<{width}}", "dim"),
            (f"  {took}".rstrip(), "dim"),
        )

    def _explained(self, beat: Explained) -> None:
        self._line((f"    why {beat.which}?", "magenta"))
        for line in tree(beat.why, depth=WHY_DEPTH, breadth=WHY_BRANCHES, details=False):
            self._line((f"      {safe(line, self._width - 6)}", "dim"))
        self._line((f"      (all of it: lorestream why {beat.which})", "dim"))

    def _summary(self, beat: Summary) -> None:
        self._line()
        self._line(("    What was asked, and how fast", "bold cyan"))
        self._line()
        self._line((f"  {'operation':<28}{'asked':>7}{'p50 ms':>10}{'p95 ms':>10}", "bold"))
        for timing in beat.timings:
            figures = f"{timing.count:>7}{timing.p50_ms:>10.1f}{timing.p95_ms:>10.1f}"
            self._line((f"  {safe(timing.operation):<28}{figures}", ""))
        commits = ", ".join(f"{count} {category}" for category, count in beat.commits.items())
        self._line()
        written = sum(beat.commits.values())
        self._line(
            (f"  {beat.requests} requests in {beat.seconds:.1f} s, {written} commits ({commits});", ""),
            (f" {beat.per_second:,.0f} a second in the crowd.", ""),
        )
        self._verdict(beat)
        self._line()
        self._line(("  Look closer:", "bold"))
        for command in beat.next:
            self._line((f"    {safe(command)}", ""))

    def _verdict(self, beat: Summary) -> None:
        if beat.ok:
            self._line((f"  All {beat.checks} checks hold.", "green"))
            return
        self._line((f"  {len(beat.failed)} of {beat.checks} checks failed:", "bold red"))
        for what in beat.failed:
            self._line((f"    ✗ {safe(what)}", "red"))


def _gist(data: Json) -> str:
    """The plain values of an answer, and how many things are in its lists."""
    told = []
    for name, value in data.items():
        if name in _OMITTED:
            continue
        label = name.replace("_", " ")
        if isinstance(value, bool):
            told.append(label if value else f"not {label}")
        elif isinstance(value, str | int | float):
            told.append(f"{label} {value}")
        elif isinstance(value, list):
            told.append(f"{label} ({len(value)})")
    return ", ".join(told) or "ok"
