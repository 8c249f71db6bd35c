"""Reading prompt templates: `conf/prompts/<agent's prompt>/<purpose>.<version>.md`, or an operator's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from adapters.llm.book import ModelBook
from commands.agents.prompt import MAX_TEXT, PromptTemplate
from commands.agents.purpose import Purpose
from commands.agents.purposes import PURPOSES
from events.errors import ConfigurationError

_FILE = re.compile(r"([a-z][a-z0-9_]*)\.([0-9]{1,6})\.md")


@dataclass(frozen=True, slots=True)
class PromptBook:
    """Every template that was found, by name (`npc_intelligence/dialogue`) and version; checked."""

    templates: Mapping[str, Mapping[str, PromptTemplate]]

    def of(self, prompt: str, purpose: str, version: str = "") -> PromptTemplate:
        """The template of an agent's `prompt` for a purpose: the newest version, or the one named.

        Raises `ConfigurationError` naming what there is.
        """
        name = f"{prompt}/{purpose}"
        known = self.templates.get(name, {})
        if not known:
            raise ConfigurationError(
                "conf/prompts", name, "there is no such template", f"Write {name}.1.md in your prompts/."
            )
        found = known.get(version or max(known, key=int))
        if found is None:
            versions = ", ".join(sorted(known, key=int))
            raise ConfigurationError("conf/prompts", name, f"has no version {version}", f"It has {versions}.")
        return found


def load(directory: Path | None = None, purposes: Mapping[str, Purpose] = PURPOSES) -> PromptBook:
    """The templates that ship, and those of `directory`/prompts, whose files of the same name and version win.

    A version of the operator's own that is higher than the shipped ones is the newest. Raises
    `ConfigurationError` naming file, place and remedy.
    """
    roots: list[tuple[Traversable, str]] = [(files("conf").joinpath("prompts"), "conf/prompts")]
    own = directory / "prompts" if directory is not None else None
    if own is not None and own.is_dir():
        roots.append((own, str(own)))
    found: dict[str, dict[str, PromptTemplate]] = {}
    for root, origin in roots:
        for template in _templates(root, origin):
            purpose = purposes.get(template.name.rpartition("/")[2])
            if purpose is None:
                raise ConfigurationError(
                    template.origin, "", "is named after no purpose", f"Use one of {', '.join(purposes)}."
                )
            template.check(purpose.places)
            found.setdefault(template.name, {})[template.version] = template
    return PromptBook(found)


def require(book: ModelBook, prompts: PromptBook, purposes: Mapping[str, Purpose] = PURPOSES) -> None:
    """See that every agent has a template for each of its purposes that needs one.

    Raises `ConfigurationError` naming agent and remedy: better at the start than at the first question.
    """
    for purpose in purposes.values():
        agent = book.agents.get(purpose.agent)
        if agent is None or not purpose.places or prompts.templates.get(f"{agent.prompt}/{purpose.name}"):
            continue
        raise ConfigurationError(
            book.origins["agents"],
            f"{agent.key}.prompt",
            f"there is no template {agent.prompt}/{purpose.name}",
            f"Write prompts/{agent.prompt}/{purpose.name}.1.md in your llm.directory.",
        )


def _templates(root: Traversable, origin: str) -> Iterable[PromptTemplate]:
    if not root.is_dir():
        return
    for folder in sorted(root.iterdir(), key=lambda entry: entry.name):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            named = _FILE.fullmatch(file.name)
            where = f"{origin}/{folder.name}/{file.name}"
            if named is None:
                raise ConfigurationError(where, "", "is no template", "Name it <purpose>.<version>.md.")
            yield PromptTemplate(f"{folder.name}/{named[1]}", str(int(named[2])), _text(file, where), where)


def _text(file: Traversable, where: str) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(8 * MAX_TEXT)
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigurationError(where, "", "not UTF-8 text", "Save the file as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(where, "", error.strerror or str(error), "Make the file readable.") from None
