"""Filling a form in: raw values from anybody become clean ones, or a rejection that names the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic_core import to_json

from commands.codes import Code
from commands.forms.field import FieldError, clean
from commands.forms.kinds import BY_NAME, KINDS
from commands.rejection import Rejected
from events.commit import Json

MAX_BYTES = 100_000
"""Everything in one element together."""
MAX_MENTIONS = 64

_MENTION = re.compile(r"\[\[([0-9A-Za-z_-]{1,64})\]\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """One element names another in `field`; the numbers and words are a relation's, `weight` from -100 to 100."""

    field: str
    to: str
    label: str = ""
    weight: int = 0


def kept(args: Json) -> Json:
    """What a commit keeps of arguments its events repeat: their digest, where they are more than a few words."""
    body = to_json(args)
    return args if len(body) <= 200 else {"sha256": sha256(body).hexdigest()}


def known_kind(kind: str) -> str:
    """`kind`, if there is such a kind of element. Raises `Rejected` -101."""
    if kind not in KINDS:
        raise Rejected(Code.INVALID_PARAMETER, f"kind: must be one of {', '.join(KINDS)}", field="kind")
    return kind


def filled(kind: str, values: Mapping[str, Any]) -> tuple[Json, tuple[str, ...]]:
    """`(set, unset)`: clean values of fields, and the names of those that were emptied.

    Raises `Rejected` -101 for unknown fields and unfit values, -105 for too long or too large ones, with the path.
    """
    fields, to_set, to_unset = BY_NAME[kind], dict[str, Any](), list[str]()
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            shown = str(name)[:40]
            problem = f"fields.{shown}: a {kind} has no such field; see /api/schemas/{kind}"
            raise Rejected(Code.INVALID_PARAMETER, problem, field=f"fields.{shown}")
        try:
            cleaned = clean(field, value)
        except FieldError as error:
            code = Code.PARAMETER_OUT_OF_RANGE if error.too_much else Code.INVALID_PARAMETER
            raise Rejected(code, f"fields.{name}: {error}", field=f"fields.{name}") from None
        if cleaned is None:
            to_unset.append(name)
        else:
            to_set[name] = cleaned
    return to_set, tuple(to_unset)


def complete(kind: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """`fields` if nothing that is required is missing and they are not too large together. Raises `Rejected`."""
    for field in BY_NAME[kind].values():
        if field.required and field.name not in fields:
            raise Rejected(
                Code.MISSING_REQUIRED_FIELD,
                f"fields.{field.name}: this field is required",
                field=f"fields.{field.name}",
            )
    size = len(to_json(fields))
    if size > MAX_BYTES:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"fields: {size} bytes together; at most {MAX_BYTES} are kept. Make several of it",
            field="fields",
        )
    return fields


def references(kind: str, fields: Mapping[str, Any]) -> list[Reference]:
    """What an element refers to: its fields of references, and `[[element id]]` in its texts (the first 64)."""
    found: dict[tuple[str, str, str], Reference] = {}
    mentions = 0
    for name, value in fields.items():
        field = BY_NAME[kind].get(name)
        if field is None:
            continue
        if field.form == "text":
            for to in dict.fromkeys(mentioned(value)):
                mentions += 1
                if mentions <= MAX_MENTIONS:
                    found[name, to, ""] = Reference(name, to)
        elif field.refers:
            for reference in _named(name, value):
                found[name, reference.to, reference.label] = reference
    return list(found.values())


def mentioned(text: str) -> list[str]:
    """The ids of `[[element id]]` in a text, in order."""
    return _MENTION.findall(text)


def with_mentions(text: str, shown: Any) -> str:
    """`text` with every `[[element id]]` replaced by `shown(id)`."""
    return _MENTION.sub(lambda match: str(shown(match.group(1))), text)


def _named(field: str, value: Any) -> Iterable[Reference]:
    if isinstance(value, str):
        yield Reference(field, value)
        return
    for each in value if isinstance(value, list) else ():
        if isinstance(each, str):
            yield Reference(field, each)
        else:
            yield Reference(field, each["to"], each["label"], each["weight"])
