"""One field of a form: what it may hold, and how a value of it is made clean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from commands.forms.text import line, paragraphs, searchable

MAX_LINE = 200
MAX_TEXT_BYTES = 20_000
MAX_TAGS, MAX_TAG = 24, 40
MAX_LINES, MAX_LINE_OF_LIST = 32, 500
MAX_REFERENCES = 64
MAX_MONSTERS = 50
MAX_PARTY = 20
ABILITIES = ("strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma")

Form = Literal[
    "line", "text", "number", "flag", "choice", "tags", "lines", "reference", "references", "relations", "abilities",
    "monsters", "levels",
]  # fmt: skip

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")


class FieldError(ValueError):
    """A value its field cannot hold; the message says what it may. `too_much` where it is only too long or large."""

    def __init__(self, problem: str, *, too_much: bool = False) -> None:
        super().__init__(problem)
        self.too_much = too_much


@dataclass(frozen=True, slots=True)
class Field:
    """`name` in the log and the API, `en` and `fr` in forms, `pascal` to older clients.

    `secret` fields are the game masters' unless an element says otherwise. `kinds` are those a reference may lead to
    (none: any), `choices` the values of a choice, `least` and `most` the bounds of a number, `length` that of a line.
    """

    name: str
    form: Form
    en: str
    fr: str
    section: str = "about"
    pascal: str = ""
    secret: bool = False
    required: bool = False
    kinds: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000
    length: int = MAX_LINE

    @property
    def refers(self) -> bool:
        """Whether its values name elements."""
        return self.form in {"reference", "references", "relations"}


def is_id(value: object) -> bool:
    """Whether it has the shape of an id of ours."""
    return isinstance(value, str) and _ID.match(value) is not None


def clean(field: Field, value: Any) -> Any:
    """`value` as the log keeps it, or None where it says nothing. Raises `FieldError`."""
    if value is None:
        return None
    found = _CLEANERS[field.form](field, value)
    if found in ("", [], {}):
        return None
    return found


def _text_of(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError("must be text")
    return value if isinstance(value, str) else str(value)


def _line(field: Field, value: Any) -> str:
    return _short(_text_of(value), field.length)


def _short(value: str, length: int) -> str:
    # Before it is looked at closely: a megabyte of spaces is still a megabyte.
    if len(value) > 4 * length + 100:
        raise FieldError(f"may have at most {length} characters", too_much=True)
    try:
        found = line(value)
    except ValueError as error:
        raise FieldError(str(error)) from None
    if len(found) > length:
        raise FieldError(f"may have at most {length} characters", too_much=True)
    return found


def _text(_field: Field, value: Any) -> str:
    text = _text_of(value)
    try:
        found = paragraphs(text) if len(text) <= 4 * MAX_TEXT_BYTES else text
    except ValueError as error:
        raise FieldError(str(error)) from None
    if len(found) > MAX_TEXT_BYTES or len(found.encode()) > MAX_TEXT_BYTES:
        raise FieldError(f"may have at most {MAX_TEXT_BYTES} bytes", too_much=True)
    return found


def _number(field: Field, value: Any) -> int | None:
    if isinstance(value, str) and not value.strip():
        return None
    return _whole(value, field.least, field.most)


def _whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise FieldError("must be a whole number")
    if not least <= value <= most:
        raise FieldError(f"must be {least} to {most}", too_much=True)
    return value


def _flag(_field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FieldError("must be true or false")
    return value


def _choice(field: Field, value: Any) -> str | None:
    wanted = searchable(_short(_text_of(value), MAX_LINE)).replace(" ", "_").replace("-", "_")
    if not wanted:
        return None
    if wanted not in field.choices:
        raise FieldError(f"must be one of {', '.join(field.choices)}")
    return wanted


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise FieldError("must be a list")
    if len(value) > most:
        raise FieldError(f"may hold at most {most}", too_much=True)
    return list(value)


def _tags(_field: Field, value: Any) -> list[str]:
    given = value.split(",") if isinstance(value, str) else value
    tags = (_short(_text_of(tag), MAX_TAG).casefold() for tag in _list(given, MAX_TAGS))
    return list(dict.fromkeys(tag for tag in tags if tag))


def _lines(_field: Field, value: Any) -> list[str]:
    given = value.splitlines() if isinstance(value, str) else value
    lines = (_short(_text_of(each), MAX_LINE_OF_LIST) for each in _list(given, MAX_LINES))
    return [each for each in lines if each]


def _reference(_field: Field, value: Any) -> str | None:
    if value == "":
        return None
    if not is_id(value):
        raise FieldError("must be the id of an element")
    return str(value)


def _references(field: Field, value: Any) -> list[str]:
    found = (_reference(field, each) for each in _list(value, MAX_REFERENCES))
    return list(dict.fromkeys(each for each in found if each))


def _relations(field: Field, value: Any) -> list[dict[str, Any]]:
    relations: dict[tuple[str, str], dict[str, Any]] = {}
    for each in _list(value, MAX_REFERENCES):
        given = _object(each, {"to", "label", "weight"})
        to = _reference(field, given.get("to"))
        if to is None:
            raise FieldError("to: must be the id of an element")
        label = _short(_text_of(given.get("label") or ""), 80)
        relations[to, label] = {
            "to": to,
            "label": label,
            "weight": _whole(given.get("weight") or 0, -100, 100),
        }
    return list(relations.values())


def _abilities(_field: Field, value: Any) -> dict[str, int]:
    given = _object(value, set(ABILITIES))
    return {name: _whole(given[name], 1, 30) for name in ABILITIES if given.get(name) not in (None, "")}


def _monsters(_field: Field, value: Any) -> list[dict[str, Any]]:
    found = []
    for each in _list(value, MAX_MONSTERS):
        given = _object(each, {"key", "name", "count", "challenge"})
        name, key = (
            _short(_text_of(given.get("name") or ""), 120),
            _short(_text_of(given.get("key") or ""), 128),
        )
        if not name and not key:
            raise FieldError("name: each monster needs a name or a key")
        monster = {"key": key, "name": name, "count": _whole(given.get("count") or 1, 1, 100)}
        challenge = _short(_text_of(given.get("challenge") or ""), 8)
        found.append({**monster, "challenge": challenge} if challenge else monster)
    return found


def _levels(_field: Field, value: Any) -> list[int]:
    return [_whole(each, 1, 20) for each in _list(value, MAX_PARTY)]


def _object(value: Any, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FieldError(f"must be an object of {', '.join(sorted(names))}")
    strangers = [str(name) for name in value if name not in names]
    if strangers:
        raise FieldError(f"{strangers[0][:40]}: unknown; there are {', '.join(sorted(names))}")
    return value


_CLEANERS: Mapping[str, Callable[[Field, Any], Any]] = {
    "line": _line, "text": _text, "number": _number, "flag": _flag, "choice": _choice, "tags": _tags, "lines": _lines,
    "reference": _reference, "references": _references, "relations": _relations, "abilities": _abilities,
    "monsters": _monsters, "levels": _levels,
}  # fmt: skip
