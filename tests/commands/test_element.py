from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from commands.arguments import parse
from commands.codes import Code
from commands.element import ELEMENT
from commands.element_state import ElementState
from commands.rejection import Rejected
from events.campaign import CampaignArchived
from events.commit import Event, Recorded
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, NIL, TOM, UMA, account, campaign
from tests.commits import commit
from tests.specification import Given, given

ILSA = ElementCreated(CAMPAIGN_ID, "npc", {"name": "Ilsa", "hit_points": 9})
PORT = ElementState(CAMPAIGN_ID, "location", 1, {"name": "Port"})


def of(who: str, *history: Event, role: str = "", **facts: Any) -> Given:
    facts = {"campaign": campaign(), "elements": {"port": PORT}, **facts}
    return given(ELEMENT, *history, entity="e1", actor=account(who, role), facts=facts)


def new(fields: Any, kind: str = "npc", **more: Any) -> dict[str, Any]:
    return {"campaign_id": CAMPAIGN_ID, "kind": kind, "fields": fields, **more}


def test_a_game_master_creates_an_element_that_nobody_else_sees_yet() -> None:
    fields = {
        "name": " Ilsa\u202e ",
        "hit_points": "9",
        "tags": "Keeper, keeper,  harbour",
        "location_id": "port",
        "notes": "",
    }
    expected = {"name": "Ilsa", "hit_points": 9, "tags": ["keeper", "harbour"], "location_id": "port"}
    of(NIL).when("create", new(fields)).then(ElementCreated(CAMPAIGN_ID, "npc", expected))


def test_players_create_nothing_and_to_strangers_there_is_no_campaign() -> None:
    of(TOM).when("create", new({"name": "x"})).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when("create", new({"name": "x"})).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(MARA, campaign=None).when("create", new({"name": "x"})).then_rejected(
        Code.NPC_NOT_FOUND, "campaign_id"
    )
    archived = campaign(CampaignArchived())
    of(MARA, campaign=archived).when("create", new({"name": "x"})).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, Code.MISSING_REQUIRED_FIELD, "fields.name"),
        ({"name": "\u200e\ufeff"}, Code.MISSING_REQUIRED_FIELD, "fields.name"),
        ({"name": "x" * 121}, Code.PARAMETER_OUT_OF_RANGE, "fields.name"),
        ({"name": "x", "wings": 2}, Code.INVALID_PARAMETER, "fields.wings"),
        ({"name": "x", "description": "a" * 20_001}, Code.PARAMETER_OUT_OF_RANGE, "fields.description"),
        ({"name": "x", "description": ["a"]}, Code.INVALID_PARAMETER, "fields.description"),
        ({"name": "x", "hit_points": 1.5}, Code.INVALID_PARAMETER, "fields.hit_points"),
        ({"name": "x", "hit_points": True}, Code.INVALID_PARAMETER, "fields.hit_points"),
        ({"name": "x", "armor_class": 61}, Code.PARAMETER_OUT_OF_RANGE, "fields.armor_class"),
        ({"name": "x", "status": "undead"}, Code.INVALID_PARAMETER, "fields.status"),
        ({"name": "x", "abilities": {"luck": 9}}, Code.INVALID_PARAMETER, "fields.abilities"),
        ({"name": "x", "abilities": {"wisdom": 31}}, Code.PARAMETER_OUT_OF_RANGE, "fields.abilities"),
        ({"name": "x", "tags": ["t"] * 25}, Code.PARAMETER_OUT_OF_RANGE, "fields.tags"),
        ({"name": "x", "location_id": "../etc"}, Code.INVALID_PARAMETER, "fields.location_id"),
        ({"name": "x", "location_id": "nowhere"}, Code.INVALID_PARAMETER, "fields.location_id"),
        ({"name": "x", "relations": [{"to": "nobody"}]}, Code.INVALID_PARAMETER, "fields.relations"),
        ({"name": "\ud800"}, Code.INVALID_PARAMETER, "fields.name"),
        (
            dict.fromkeys(("name", "description", "appearance", "personality", "notes", "secrets"), "é" * 9999)
            | {"name": "x", "motivation": "é" * 9999},
            Code.PARAMETER_OUT_OF_RANGE,
            "fields",
        ),
    ],
)  # fmt: skip
def test_fields_that_cannot_be_are_named(fields: Any, code: Code, field: str) -> None:
    of(MARA).when("create", new(fields)).then_rejected(code, field)


def test_an_unknown_kind_is_refused() -> None:
    of(MARA).when("create", new({"name": "x"}, kind="deity")).then_rejected(Code.INVALID_PARAMETER, "kind")


@pytest.mark.parametrize(
    "other",
    [
        ElementState("c2", "location", 1),
        ElementState(CAMPAIGN_ID, "location", 2, removed=True),
        ElementState(CAMPAIGN_ID, "quest", 1),
    ],
)
def test_a_reference_leads_to_a_fitting_element_of_the_same_campaign(other: ElementState) -> None:
    refused = of(MARA, elements={"x1": other}).when("create", new({"name": "x", "location_id": "x1"}))
    refused.then_rejected(Code.INVALID_PARAMETER, "fields.location_id")


def test_changing_says_only_what_changed() -> None:
    args = {"set": {"name": "Ilsa", "hit_points": 12, "notes": None}, "unset": ["race"]}
    of(MARA, ILSA).when("change", args).then(ElementChanged(CAMPAIGN_ID, "npc", {"hit_points": 12}))
    of(MARA, ILSA).when("change", {"set": {"name": "Ilsa"}}).then_nothing()
    of(MARA, ILSA).when("change", {"set": {"name": "Ilsa"}, "whole": True}).then(
        ElementChanged(CAMPAIGN_ID, "npc", {}, ("hit_points",))
    )
    of(MARA, ILSA).when("change", {"unset": ["name"]}).then_rejected(
        Code.MISSING_REQUIRED_FIELD, "fields.name"
    )


def test_a_stale_edit_and_one_of_a_stranger_are_refused() -> None:
    of(MARA, ILSA).when("change", {"set": {"race": "elf"}, "expected": 2}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "version"
    )
    of(EVE, ILSA).when("change", {"set": {"race": "elf"}}).then_rejected(Code.NPC_NOT_FOUND, "element_id")
    of(MARA).when("change", {"set": {"race": "elf"}}).then_rejected(Code.NPC_NOT_FOUND, "element_id")
    of(TOM, ILSA).when("change", {"set": {"race": "elf"}}).then_rejected(Code.AUTHENTICATION_FAILED, "role")


def test_what_is_shown_and_to_whom() -> None:
    of(MARA, ILSA).when("show", {"visibility": "members", "members": [UMA, TOM, TOM]}).then(
        ElementShown(CAMPAIGN_ID, "npc", "members", (TOM, UMA))
    )
    # What a field is anyway is not said.
    of(MARA, ILSA).when("show", {"field_visibility": {"secrets": "all", "notes": "gm", "race": "all"}}).then(
        ElementShown(CAMPAIGN_ID, "npc", "gm", (), {"secrets": "all"})
    )
    of(MARA, ILSA).when("show", {"visibility": "gm"}).then_nothing()
    of(MARA, ILSA).when("show", {"visibility": "members", "members": []}).then_rejected(
        Code.MISSING_REQUIRED_FIELD, "members"
    )
    of(MARA, ILSA).when("show", {"visibility": "members", "members": [EVE]}).then_rejected(
        Code.INVALID_PARAMETER, "members"
    )
    of(MARA, ILSA).when("show", {"field_visibility": {"name": "gm"}}).then_rejected(
        Code.INVALID_PARAMETER, "field_visibility.name"
    )


def test_who_has_left_is_not_in_the_way_of_another_edit() -> None:
    shown = ElementShown(CAMPAIGN_ID, "npc", "members", (TOM, "left"))
    of(MARA, ILSA, shown).when("show", {"field_visibility": {"secrets": "all"}}).then(
        ElementShown(CAMPAIGN_ID, "npc", "members", (TOM,), {"secrets": "all"})
    )


def test_what_is_removed_rests_until_it_is_restored() -> None:
    removed = ElementRemoved(CAMPAIGN_ID, "npc")
    of(MARA, ILSA).when("remove").then(removed)
    of(MARA, ILSA, removed).when("remove").then_nothing()
    of(MARA, ILSA, removed).when("change", {"set": {"race": "elf"}}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "element_id"
    )
    of(MARA, ILSA, removed).when("restore").then(ElementRestored(CAMPAIGN_ID, "npc"))
    of(MARA, ILSA).when("restore").then_nothing()


def past(*history: Event) -> tuple[ElementState, ElementState]:
    """The states before and after the last of these."""
    states = [ELEMENT.initial]
    for version, event in enumerate(history, start=1):
        states.append(
            ELEMENT.fold(states[-1], Recorded(version, commit("element/e1", event, version=version)))
        )
    return states[-2], states[-1]


RENAMED = ElementChanged(CAMPAIGN_ID, "npc", {"name": "Isolde", "race": "elf"}, ("hit_points",))


def test_undoing_gives_back_what_was_there_before() -> None:
    undo = of(MARA, ILSA, RENAMED, past=past(ILSA, RENAMED)).when("undo", {"version": 2})
    origin = {"by": "hand", "undo_of": 2}
    undo.then(ElementChanged(CAMPAIGN_ID, "npc", {"name": "Ilsa", "hit_points": 9}, ("race",), origin))


def test_undoing_keeps_later_changes_of_other_fields_and_refuses_over_one_of_the_same() -> None:
    later = ElementChanged(CAMPAIGN_ID, "npc", {"level": 3})
    undo = of(MARA, ILSA, RENAMED, later, past=past(ILSA, RENAMED)).when("undo", {"version": 2})
    assert undo.then_events()[0] == ElementChanged(
        CAMPAIGN_ID, "npc", {"name": "Ilsa", "hit_points": 9}, ("race",), {"by": "hand", "undo_of": 2}
    )
    again = ElementChanged(CAMPAIGN_ID, "npc", {"race": "orc"})
    of(MARA, ILSA, RENAMED, again, past=past(ILSA, RENAMED)).when("undo", {"version": 2}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "version"
    )


def test_a_removal_can_be_undone_a_creation_cannot() -> None:
    removed = ElementRemoved(CAMPAIGN_ID, "npc")
    origin = {"by": "hand", "undo_of": 2}
    of(MARA, ILSA, removed, past=past(ILSA, removed)).when("undo", {"version": 2}).then(
        ElementRestored(CAMPAIGN_ID, "npc", origin)
    )
    of(MARA, ILSA, past=past(ILSA)).when("undo", {"version": 1}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "version"
    )
    of(MARA, ILSA, past=None).when("undo", {"version": 7}).then_rejected(Code.NPC_NOT_FOUND, "version")


def test_reverting_makes_it_what_it_was() -> None:
    shown = ElementShown(CAMPAIGN_ID, "npc", "all")
    revert = of(MARA, ILSA, RENAMED, shown, past=past(ILSA)).when("revert", {"version": 1})
    origin = {"by": "hand", "revert_to": 1}
    revert.then(
        ElementChanged(CAMPAIGN_ID, "npc", {"name": "Ilsa", "hit_points": 9}, ("race",), origin),
        ElementShown(CAMPAIGN_ID, "npc", "gm", origin=origin),
    )


class Live:
    """An element that commands are decided on, commit by commit."""

    def __init__(self) -> None:
        self.states = [ELEMENT.initial]
        self.commits: list[tuple[Event, ...]] = []

    def decide(self, verb: str, args: dict[str, Any]) -> bool:
        version = args.get("version", 0)
        facts = {
            "campaign": campaign(),
            "elements": {"port": PORT},
            "past": (self.states[version - 1], self.states[version])
            if 0 < version < len(self.states)
            else None,
        }
        asked = given(ELEMENT, entity="e1", actor=account(MARA), facts=facts)
        try:
            command = parse(ELEMENT.verbs[verb].arguments, args)
            events = ELEMENT.decide(self.states[-1], command, _context(asked))
        except Rejected:
            return False
        if events:
            self.commits.append(events)
            number = len(self.states)
            recorded = Recorded(number, commit("element/e1", *events, version=number))
            self.states.append(ELEMENT.fold(self.states[-1], recorded))
        return bool(events)


def _context(asked: Given) -> Any:
    from adapters.rulebooks import load
    from commands.decider import Context

    return Context(asked.at, asked.entity, "test/1", asked.actor, load(), asked.facts)


VALUES = {
    "name": st.sampled_from(["Ilsa", "Isolde", None]),
    "race": st.sampled_from(["elf", "orc", ""]),
    "hit_points": st.integers(0, 12) | st.none(),
    "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    "location_id": st.sampled_from(["port", None]),
}
EDITS = st.fixed_dictionaries({}, optional=VALUES)
STEPS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("change"),
        st.builds(lambda fields, whole: {"set": fields, "whole": whole}, EDITS, st.booleans()),
    ),
    st.tuples(st.just("show"), st.builds(lambda to: {"visibility": to}, st.sampled_from(["gm", "all"]))),
    st.tuples(
        st.just("show"), st.builds(lambda f: {"field_visibility": f}, st.sampled_from([{}, {"race": "gm"}]))
    ),
    st.tuples(st.sampled_from(["remove", "restore"]), st.just({})),
    st.tuples(
        st.sampled_from(["undo", "revert"]),
        st.builds(lambda version: {"version": version}, st.integers(1, 8)),
    ),
)


@settings(max_examples=150, deadline=None)
@hypothesis_given(st.lists(STEPS, max_size=8))
def test_undoing_twice_is_as_if_nothing_had_been_done(steps: list[tuple[str, dict[str, Any]]]) -> None:
    live = Live()
    assert live.decide("create", new({"name": "Ilsa"}))
    for verb, args in steps:
        live.decide(verb, args)
    before, last = live.states[-1], len(live.commits)
    if live.decide("undo", {"version": last}):
        assert _essence(live.states[-1]) == _essence(live.states[last - 1])
        assert live.decide("undo", {"version": last + 1})
        assert _essence(live.states[-1]) == _essence(before)


def _essence(state: ElementState) -> tuple[Any, ...]:
    return dict(state.fields), state.visibility, state.members, dict(state.field_visibility), state.removed
