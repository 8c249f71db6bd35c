"""Prompt templates: versioned text with a few named places, filled with our own values only. Pure.

`${name}` is a place, `$$` a dollar sign; anything else that begins with `$` is a mistake. Words of players, models and
game servers never stand in a template: they go into data blocks (`commands.agents.safety.blocks`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from events.decision import Prompt
from events.errors import ConfigurationError

MAX_TEXT = 20_000
"""Characters of a template: all of it is paid for with every question."""

_PLACE = re.compile(r"\$(?:(\$)|\{([a-z][a-z0-9_]*)\})?")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """One version of one template: `name` is `<agent's prompt>/<purpose>`, `origin` the file it was read from."""

    name: str
    version: str
    text: str
    origin: str = ""

    @property
    def stamp(self) -> Prompt:
        """What a decision records of it."""
        return Prompt(self.name, self.version, self.hash)

    @property
    def hash(self) -> str:
        """SHA-256 of the text, as 64 hexadecimal digits."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def canary(self) -> str:
        """A word that stands nowhere but in the filled template: an answer that holds it gives the template away.

        It follows from the text, so that equal facts still give equal questions.
        """
        return f"lore-{sha256(f'canary/{self.hash}'.encode()).hexdigest()[:12]}"

    def check(self, places: frozenset[str]) -> None:
        """Raises `ConfigurationError` naming file and remedy unless the template uses exactly `places`."""
        if not self.text.strip() or len(self.text) > MAX_TEXT:
            raise ConfigurationError(
                self.origin, "", f"holds {len(self.text)} characters", f"Write 1 to {MAX_TEXT} characters."
            )
        used = set()
        for found in _PLACE.finditer(self.text):
            if found[0] == "$":
                line = self.text.count("\n", 0, found.start()) + 1
                raise ConfigurationError(
                    self.origin,
                    f"line {line}",
                    "a lone $",
                    "Write ${name} for a place, $$ for a dollar sign.",
                )
            if found[2]:
                used.add(found[2])
        if used - places:
            raise ConfigurationError(
                self.origin,
                f"${{{min(used - places)}}}",
                "is not a place of this template",
                f"Remove it; it may use {', '.join(sorted(places))}.",
            )
        if places - used:
            missing = min(places - used)
            raise ConfigurationError(
                self.origin, f"${{{missing}}}", "is missing", f"Write ${{{missing}}} where it belongs."
            )

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with every place filled, once: a `$` inside a value means nothing.

        Raises `ConfigurationError` as `check` does when `values` are not exactly its places.
        """
        self.check(frozenset(values))
        return _PLACE.sub(lambda found: "$" if found[1] else values[found[2]], self.text)
