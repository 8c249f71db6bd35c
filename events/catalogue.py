"""The vocabulary of the log: which event types exist, at which version, and how older ones are lifted.

Event classes are frozen, slotted dataclasses registered with `@event(type, version)`; their fields are what
the log stores as `data`. A change of shape bumps the version and adds an `@upcaster` from the old one; golden
files of every released version are tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter

from events.commit import Event, Json
from events.errors import UnknownEventType, UnknownEventVersion

E = TypeVar("E", bound=Event)
Upcast = Callable[[Json], Json]

_types: dict[str, type[Any]] = {}
_adapters: dict[str, TypeAdapter[Any]] = {}
_upcasters: dict[tuple[str, int], Upcast] = {}


def event(name: str, version: int = 1) -> Callable[[type[E]], type[E]]:
    """Register a dataclass as the current shape of event type `name`."""

    def register(cls: type[E]) -> type[E]:
        if name in _types:
            raise ValueError(f"event type {name} is registered twice")
        cls.type = name
        cls.version = version
        _types[name] = cls
        return cls

    return register


def upcaster(name: str, version: int) -> Callable[[Upcast], Upcast]:
    """Register a function that lifts `data` of `name` from `version` to `version + 1`."""

    def register(lift: Upcast) -> Upcast:
        _upcasters[name, version] = lift
        return lift

    return register


def known_types() -> dict[str, int]:
    """Every event type with its current version."""
    return {name: cls.version for name, cls in sorted(_types.items())}


def classes() -> tuple[type[Event], ...]:
    """The current class of every event type."""
    return tuple(_types.values())


def load(name: str, version: int, data: Json) -> Event:
    """Upcast and validate one stored event.

    Raises `UnknownEventType`, `UnknownEventVersion`, or pydantic's `ValidationError` for unfit `data`.
    """
    cls = _types.get(name)
    if cls is None:
        raise UnknownEventType(f"no event type {name!r} in this release")
    if version != cls.version:
        data = _lift(name, version, cls.version, data)
    loaded: Event = _adapter(name).validate_python(data)
    return loaded


def dump(fact: Event) -> Json:
    """The stored form of one event: `{"type", "v", "data"}`."""
    return {"type": fact.type, "v": fact.version, "data": _adapter(fact.type).dump_python(fact, mode="json")}


def _adapter(name: str) -> TypeAdapter[Any]:
    # Built on first use: compiling a schema costs a millisecond, and a role needs only some of them.
    adapter = _adapters.get(name)
    if adapter is None:
        adapter = _adapters[name] = TypeAdapter(_types[name])
    return adapter


def _lift(name: str, version: int, current: int, data: Json) -> Json:
    if version > current or version < 1:
        raise UnknownEventVersion(f"{name} v{version} is not known; this release writes v{current}")
    for step in range(version, current):
        lift = _upcasters.get((name, step))
        if lift is None:
            raise UnknownEventVersion(f"{name} v{step} has no upcaster to v{step + 1}")
        data = lift(data)
    return data
