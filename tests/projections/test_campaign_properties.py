"""Whatever happens to a campaign: the row is the last revision, and any position is a fold of the log up to it."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.rulebooks import load
from commands.arguments import parse
from commands.campaign import CAMPAIGN
from commands.decider import Context
from commands.element import ELEMENT
from commands.rejection import Rejected
from events.commit import Recorded
from projections import backlinks, campaign_graph, campaign_time, elements
from projections.campaigns import CAMPAIGN_STATE
from projections.element_tables import ELEMENTS, REVISIONS, SPANS
from projections.schema import from_text
from projections.sight import Viewer
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, account, company
from tests.commits import NOON
from tests.projections.conftest import World

BOTH = (CAMPAIGN_STATE,)
IDS = ("a", "b", "c")
GM, PLAYER = Viewer(MARA, "owner"), Viewer(TOM, "player")
RULES = load()

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Ann", "Bob", None]),
        "description": st.sampled_from(["See [[a]].", "[[b]] and [[c]]", ""]),
        "secrets": st.sampled_from(["x", "y", None]),
        "relations": st.lists(
            st.builds(
                lambda to, weight: {"to": to, "label": "knows", "weight": weight},
                st.sampled_from(IDS),
                st.integers(-1, 1),
            ),
            max_size=2,
        ),
    },
)
WHICH = st.sampled_from(IDS)
NEW = st.builds(lambda given: {"fields": {"name": "New", **{k: v for k, v in given.items() if v}}}, FIELDS)
STEPS: st.SearchStrategy[tuple[str, str, dict[str, Any]]] = st.one_of(
    st.tuples(WHICH, st.just("create"), NEW),
    st.tuples(WHICH, st.just("change"), st.builds(lambda fields: {"set": fields}, FIELDS)),
    st.tuples(WHICH, st.just("show"), st.sampled_from([{"visibility": "gm"}, {"visibility": "all"}])),
    st.tuples(
        WHICH, st.just("show"), st.sampled_from([{"field_visibility": f} for f in ({}, {"relations": "gm"})])
    ),
    st.tuples(WHICH, st.sampled_from(["remove", "restore"]), st.just({})),
    st.tuples(WHICH, st.just("undo"), st.builds(lambda version: {"version": version}, st.integers(1, 5))),
)


class Table:
    """Decides commands and remembers the states of every version."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.states: dict[str, list[Any]] = {each: [ELEMENT.initial] for each in IDS}
        self.campaign: Any = CAMPAIGN.initial

    async def open(self) -> None:
        for version, event in enumerate(company(), start=1):
            made = await self.world.append(f"campaign/{CAMPAIGN_ID}", event, actor=account(MARA))
            self.campaign = CAMPAIGN.fold(self.campaign, Recorded(version, made))

    async def step(self, which: str, verb: str, args: dict[str, Any]) -> None:
        states, version = self.states[which], args.get("version", 0)
        facts = {
            "campaign": self.campaign,
            "elements": {each: found[-1] for each, found in self.states.items() if found[-1].exists},
            "past": (states[version - 1], states[version]) if 0 < version < len(states) else None,
        }
        if verb == "create":
            args = {"campaign_id": CAMPAIGN_ID, "kind": "npc", **args}
        try:
            command = parse(ELEMENT.verbs[verb].arguments, args)
            events = ELEMENT.decide(
                states[-1], command, Context(NOON, which, "t", account(MARA), RULES, facts)
            )
        except Rejected:
            return
        if events:
            made = await self.world.append(f"element/{which}", *events, actor=account(MARA))
            states.append(ELEMENT.fold(states[-1], Recorded(len(states), made)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=16))
def test_the_row_is_the_last_revision_and_every_position_a_fold_of_the_log_up_to_it(
    steps: list[tuple[str, str, dict[str, Any]]], empty_database: Path, tmp_path: Path
) -> None:
    asyncio.run(_check(steps, empty_database, tmp_path))


async def _check(steps: list[tuple[str, str, dict[str, Any]]], empty: Path, folder: Path) -> None:
    world = _world(empty, folder / "whole.sqlite3")
    try:
        table = Table(world)
        await table.open()
        for which, verb, args in steps:
            await table.step(which, verb, args)
        await world.project(BOTH, max_batch=3)
        _rows_are_states(world, table)
        await _past_is_a_fold(world, empty, folder)
    finally:
        world.database.close()


def _world(empty: Path, path: Path) -> World:
    path.write_bytes(empty.read_bytes())
    return World(f"sqlite:///{path}")


def _rows_are_states(world: World, table: Table) -> None:
    """What the read model holds is what the decider folded, version for version."""
    with world.reading() as connection:
        rows = {row["element_id"]: row for row in connection.execute(select(ELEMENTS)).mappings()}
        revisions = connection.execute(select(REVISIONS)).mappings().all()
        spans = connection.execute(select(SPANS)).mappings().all()
    for which, states in table.states.items():
        last = states[-1]
        assert (which in rows) == last.exists
        if last.exists:
            row = rows[which]
            assert (from_text(row["fields"]), row["status"] == "removed") == (last.fields, last.removed)
            assert (row["visibility"], row["version"]) == (last.visibility, last.version)
            assert set(from_text(row["blame"])) >= set(last.fields)
    for revision in revisions:
        state = table.states[revision["element_id"]][revision["version"]]
        assert from_text(revision["fields"]) == state.fields
        assert from_text(revision["field_visibility"]) == dict(state.field_visibility)
    for which in rows:
        mine = sorted((s["since"], s["until"]) for s in spans if s["element_id"] == which)
        assert all(before[1] == after[0] for before, after in pairwise(mine))


async def _past_is_a_fold(world: World, empty: Path, folder: Path) -> None:
    """A second world is given the same log one commit at a time; after each, both say the same about that position."""
    part = _world(empty, folder / "part.sqlite3")
    try:
        head = (await world.log.head()).position
        for position in range(1, head + 1):
            message = await world.log.at(position)
            assert message is not None
            part.log.store(message.subject, message.body, message.stored_at)
            if position % 3 == 0 or position == head:
                await part.project(BOTH)
                with world.reading() as whole, part.reading() as fresh:
                    _same(whole, fresh, position)
    finally:
        part.database.close()


def _same(whole: Any, fresh: Any, position: int) -> None:
    for viewer in (GM, PLAYER):
        then = campaign_graph.graph(whole, CAMPAIGN_ID, viewer, at=position)
        now = campaign_graph.graph(fresh, CAMPAIGN_ID, viewer, at=position)
        if viewer.master:
            assert then == now
            assert then == campaign_graph.graph(fresh, CAMPAIGN_ID, viewer) | {"position": position}
        else:
            # What was taken from him since, he does not see in the past either.
            assert {node["id"] for node in then["nodes"]} <= {node["id"] for node in now["nodes"]}
    assert campaign_time.as_of(whole, CAMPAIGN_ID, GM, position) == campaign_time.as_of(
        fresh, CAMPAIGN_ID, GM, position
    )
    for each in IDS:
        was, stands = elements.element(whole, each, GM, at=position), elements.element(fresh, each, GM)
        assert (was is None) == (stands is None)
        if was is not None and stands is not None:
            assert (was["fields"], was["blame"], was["version"]) == (
                stands["fields"],
                stands["blame"],
                stands["version"],
            )
            assert was["referred"] == stands["referred"]
        assert backlinks.backlinks(whole, CAMPAIGN_ID, each, GM, at=position) == [
            {**link, "until": later["until"]}
            for link, later in zip(
                backlinks.backlinks(fresh, CAMPAIGN_ID, each, GM),
                backlinks.backlinks(whole, CAMPAIGN_ID, each, GM, at=position),
                strict=True,
            )
        ]
