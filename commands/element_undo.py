"""Undoing: the events that lead an element back, worked out from what one of its commits changed."""

from __future__ import annotations

from commands.codes import Code
from commands.decider import Context
from commands.element_state import ElementState
from commands.forms.filling import complete
from commands.forms.kinds import BY_NAME
from commands.rejection import Rejected
from events.commit import Event, Json
from events.element import ElementChanged, ElementRemoved, ElementRestored, ElementShown


def undo(state: ElementState, version: int, context: Context) -> tuple[Event, ...]:
    """What takes back the commit `version`. Raises `Rejected`: -200 for a version there is not, -202 where a later
    change of the same field, or a removal, stands in the way."""
    before, after = _past(state, version, context)
    if not before.exists:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, "version: its creation cannot be undone. Remove it", field="version"
        )
    _check_unmoved(state, before, after)
    back = _towards(
        state, before, {name for name in {**before.fields, **after.fields} if _differ(before, after, name)}
    )
    events: list[Event] = []
    if before.removed != after.removed:
        turn = ElementRemoved if before.removed else ElementRestored
        if state.removed != before.removed:
            events.append(turn(state.campaign_id, state.kind, {"by": "hand", "undo_of": version}))
    elif state.removed:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, "element_id: it is removed. Restore it first", field="element_id"
        )
    return (*events, *_compensation(state, back, _seen(before) != _seen(after), before, version))


def revert(state: ElementState, version: int, context: Context) -> tuple[Event, ...]:
    """What makes it as it was after the commit `version`. Raises `Rejected` -200 for a version there is not."""
    _, then = _past(state, version, context)
    back = _towards(state, then, set(then.fields) | set(state.fields))
    return _compensation(state, back, _seen(state) != _seen(then), then, version, word="revert_to")


def _past(state: ElementState, version: int, context: Context) -> tuple[ElementState, ElementState]:
    """The element before and after one of its commits."""
    past = context.facts.get("past")
    if version > state.version or past is None:
        raise Rejected(
            Code.NPC_NOT_FOUND,
            f"version: there is none of that number; the last is {state.version}",
            field="version",
        )
    before, after = past
    return before, after


def _check_unmoved(state: ElementState, before: ElementState, after: ElementState) -> None:
    moved = [
        name
        for name in {**before.fields, **after.fields}
        if _differ(before, after, name) and state.fields.get(name) != after.fields.get(name)
    ]
    if _seen(before) != _seen(after) and _seen(state) != _seen(after):
        moved.append("visibility")
    if moved:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"version: {', '.join(sorted(moved))} changed again since. Undo that first, or set it by hand",
            field="version",
        )


def _differ(one: ElementState, other: ElementState, name: str) -> bool:
    return bool(one.fields.get(name) != other.fields.get(name))


def _seen(state: ElementState) -> tuple[str, tuple[str, ...], dict[str, str]]:
    return state.visibility, tuple(state.members), dict(state.field_visibility)


def _towards(state: ElementState, goal: ElementState, names: set[str]) -> tuple[Json, tuple[str, ...]]:
    """What to set and to empty so that the fields of these names are as in `goal`, in the order of the form."""
    changed = [name for name in BY_NAME[state.kind] if name in names and _differ(state, goal, name)]
    return (
        {name: goal.fields[name] for name in changed if name in goal.fields},
        tuple(name for name in changed if name not in goal.fields),
    )


def _compensation(
    state: ElementState,
    back: tuple[Json, tuple[str, ...]],
    shown: bool,
    goal: ElementState,
    version: int,
    *,
    word: str = "undo_of",
) -> tuple[Event, ...]:
    origin = {"by": "hand", word: version}
    events: list[Event] = []
    if back[0] or back[1]:
        complete(state.kind, {n: v for n, v in state.fields.items() if n not in back[1]} | back[0])
        events.append(ElementChanged(state.campaign_id, state.kind, *back, origin=origin))
    if shown:
        events.append(ElementShown(state.campaign_id, state.kind, *_seen(goal), origin=origin))
    return tuple(events)
