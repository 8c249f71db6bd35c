"""Reading an NPC's profile out of the free JSON that scripts send, and changing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from commands.arguments import parse_json_text
from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json
from events.npc import Goal, Location, Profile

KNOWN_EXTRA = frozenset({"name", "level", "language", "stock", "patrol", "home", "sprite", "health"})
"""Fields that are understood elsewhere and kept as they are."""

PROFILE_FIELDS = frozenset(
    {
        "archetype",
        "faction",
        "goals",
        "initial_goals",
        "location",
        "map",
        "mood",
        "personality",
        "profile",
        "schedule",
        "x",
        "y",
    }
)

_PLACE = ("location", "map", "x", "y")

MAX_GOALS = 64
MAX_WORD = 200
MAX_COORDINATE = 32_767
"""Map coordinates are signed 16-bit numbers in rAthena."""
MILLION = 1_000_000


def new_profile(args: Mapping[str, Any]) -> Profile:
    """The profile that registration arguments describe. Raises `Rejected` naming the field."""
    return changed_profile(Profile(), args)


def changed_profile(profile: Profile, args: Mapping[str, Any]) -> Profile:
    """`profile` with the given fields changed; personality and schedule keys are merged, the rest replaced.

    Raises `Rejected` naming the field.
    """
    given = {**_object(args.get("profile"), "profile"), **{k: v for k, v in args.items() if k != "profile"}}
    described = _object(given.get("personality"), "personality")
    personality = {**profile.personality, **described}
    archetype = given.get("archetype", personality.get("archetype", profile.archetype))
    mood = given.get("mood")
    if mood is None and "personality" in given:
        mood = personality.get("mood")
    named = "goals" if given.get("goals") is not None else "initial_goals"
    goals = given.get(named)
    extra = {**profile.extra, **{k: v for k, v in given.items() if k not in PROFILE_FIELDS}}
    return replace(
        profile,
        archetype=_word(archetype, "archetype") or "generic",
        mood=profile.mood if mood is None else _word(mood, "mood"),
        personality=personality,
        goals=profile.goals if goals is None else read_goals(goals, named),
        # `ai_npc_register` has no other parameter than the personality to say where an NPC stands.
        location=_location(
            profile.location, {**{k: described[k] for k in _PLACE if k in described}, **given}
        ),
        schedule={**profile.schedule, **_object(given.get("schedule"), "schedule")},
        extra=extra,
    )


def unknown_fields(args: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields this release keeps without understanding them, sorted."""
    nested = args.get("profile")
    names = set(args) | (set(nested) if isinstance(nested, Mapping) else set())
    return tuple(sorted(names - PROFILE_FIELDS - KNOWN_EXTRA))


def not_understood(profile: Profile) -> tuple[str, ...]:
    """The fields of a profile that this release keeps without understanding them, sorted."""
    return tuple(sorted(profile.extra.keys() - KNOWN_EXTRA))


def faction_of(args: Mapping[str, Any]) -> str | None:
    """The faction named in a profile: None when it says nothing, "" when it says "none"."""
    nested = _object(args.get("profile"), "profile")
    if "faction" not in args and "faction" not in nested:
        return None
    value = args.get("faction", nested.get("faction"))
    return _word("" if value is None else value, "faction")


def read_goals(value: Any, field: str = "goals") -> tuple[Goal, ...]:
    """Goals from names or objects `{"goal", "priority"?, "progress"? (0–1)}`, most urgent first.

    A goal without a priority takes its place in the list; a name that is repeated keeps its first place. `field` is
    what the sender called them. Raises `Rejected`, also for one goal with two priorities: which of them counts?
    """
    if isinstance(value, str):
        value = _parsed(value, field) if value.strip() else []
    if not isinstance(value, list):
        raise Rejected(Code.INVALID_PARAMETER, f"{field}: expected a list of goals", field=field)
    if len(value) > MAX_GOALS:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, f"{field}: at most {MAX_GOALS} goals", field=field)
    goals: dict[str, Goal] = {}
    for place, item in enumerate(value, start=1):
        goal = _goal(item, place, f"{field}.{place - 1}")
        first = goals.setdefault(goal.goal, goal)
        if isinstance(item, dict) and goal != first:
            where = f"{field}.{place - 1}"
            raise Rejected(
                Code.INVALID_PARAMETER,
                f"{where}: {goal.goal!r} is there already, with another priority or progress; name it once",
                field=where,
            )
    return tuple(sorted(goals.values(), key=lambda goal: goal.priority))


def _goal(item: Any, place: int, field: str) -> Goal:
    if isinstance(item, str):
        return Goal(_word(item, field, required=True), place)
    if not isinstance(item, dict) or "goal" not in item:
        raise Rejected(Code.INVALID_PARAMETER, f'{field}: expected a name or {{"goal": …}}', field=field)
    progress = item.get("progress", 0)
    if isinstance(progress, bool) or not isinstance(progress, int | float) or not 0 <= progress <= 1:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"{field}.progress: must be between 0 and 1",
            field=f"{field}.progress",
        )
    return Goal(
        _word(item["goal"], f"{field}.goal", required=True),
        _whole(item.get("priority", place), f"{field}.priority", 0, 1000),
        round(progress * MILLION),
    )


def _location(current: Location, given: Mapping[str, Any]) -> Location:
    value = given.get("location")
    if isinstance(value, str):
        value = _parsed(value, "location") if value.lstrip().startswith("{") else {"map": value}
    place = {**_object(value, "location"), **{k: given[k] for k in ("map", "x", "y") if k in given}}
    if not place:
        return current
    where = place.get("map", current.map)
    inside = {name: name if name in given else f"location.{name}" for name in ("map", "x", "y")}
    return Location(
        None if where is None else _word(where, inside["map"]),
        _cell(place.get("x", current.x), inside["x"]),
        _cell(place.get("y", current.y), inside["y"]),
    )


def _cell(value: Any, field: str) -> int | None:
    return None if value is None else _whole(value, field, 0, MAX_COORDINATE)


def _whole(value: Any, field: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Rejected(Code.INVALID_PARAMETER, f"{field}: expected a whole number", field=field)
    if not low <= value <= high:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, f"{field}: must be between {low} and {high}", field=field)
    return value


def _word(value: Any, field: str, *, required: bool = False) -> str:
    if not isinstance(value, str):
        raise Rejected(Code.INVALID_PARAMETER, f"{field}: expected text", field=field)
    if len(value) > MAX_WORD or not value.isprintable() or (required and not value):
        raise Rejected(
            Code.INVALID_PARAMETER, f"{field}: expected at most {MAX_WORD} printable characters", field=field
        )
    return value


def _object(value: Any, field: str) -> Json:
    if isinstance(value, str):
        value = _parsed(value, field) if value.strip() else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Rejected(Code.INVALID_PARAMETER, f"{field}: expected an object", field=field)
    return value


def _parsed(text: str, field: str) -> Any:
    try:
        return parse_json_text(text)
    except ValueError as error:
        raise Rejected(Code.INVALID_JSON, f"{field}: {error}", field=field) from None
