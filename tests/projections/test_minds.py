"""Minds folded from the log: what an NPC feels, and how it stands to others, after what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.rulebooks import load
from commands.mind.affect import EMOTION_HALF_LIFE
from events.commit import Actor, Event, microseconds
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
from events.npc import (
    Goal,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcGoalsChanged,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcQuestChanged,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from projections import minds, relationships
from projections.mind_fold import projection
from projections.mind_tables import MINDS, RELATIONS
from projections.relationships import RELATIONSHIP_COUNTS
from tests.commits import NOON
from tests.projections.conftest import World

RULES = load()
MODELS = (projection(RULES), RELATIONSHIP_COUNTS)
ARIA, BJORN = "150000", "150001"
PLAYER = Actor("player", ARIA)
DAY = timedelta(days=1)


class Tale:
    """A world in which things happen one minute after the other unless time is given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOON
        self.told = 0

    async def happens(self, stream: str, *events: Event, actor: Actor | None = None) -> int:
        """The position of what happened."""
        await self.world.append(stream, *events, time=self.now, actor=actor)
        self.told += 1
        return self.told

    def wait(self, span: timedelta) -> None:
        self.now += span

    async def registered(self, npc_id: str = "John", **profile: Any) -> None:
        faction = profile.pop("faction", None)
        joined = (NpcFactionJoined(faction),) if faction else ()
        await self.happens(f"npc/{npc_id}", NpcRegistered(Profile(**profile)), *joined)

    async def perceives(self, what: str, *, npc_id: str = "John", subject: str = ARIA, **data: Any) -> int:
        return await self.happens(f"npc/{npc_id}", NpcPerceived(what, data, subject), actor=PLAYER)

    async def gets(self, category: str, player: str = ARIA) -> int:
        gift = NpcInteracted(player, "gift", {"item_category": category}, True, {})
        return await self.happens("npc/John", gift)

    async def feels(self, npc_id: str = "John") -> dict[str, Any]:
        answer = await self._ask(minds.emotion, npc_id)
        assert answer is not None
        return answer

    async def toward(self, target: str, npc_id: str = "John") -> dict[str, Any]:
        answer = await self._ask(minds.relationship, npc_id, target)
        assert answer is not None
        return answer

    async def _ask(self, query: Any, *about: Any) -> dict[str, Any] | None:
        await self.world.project(MODELS)
        with self.world.reading() as connection:
            found: dict[str, Any] | None = query(connection, *about, microseconds(self.now), RULES)
            return found


@pytest.fixture
def tale(world: World) -> Tale:
    return Tale(world)


async def test_an_npc_attacked_and_then_insulted_is_angry_and_can_say_by_which_commits(tale: Tale) -> None:
    await tale.registered(archetype="merchant")
    attacked = await tale.perceives("attacked", damage=50)
    insulted = await tale.perceives("insulted")
    answer = await tale.feels()
    assert answer["primary"] == "angry"
    assert answer["intensity"] > 0.3
    angry = {cause["position"] for cause in answer["causes"] if cause["emotion"] == "angry"}
    assert angry == {attacked, insulted}
    assert {cause["target"] for cause in answer["causes"] if cause["emotion"] == "angry"} == {ARIA}


async def test_anger_passes_but_the_grudge_stays_and_fades_over_weeks(tale: Tale) -> None:
    await tale.registered()
    position = await tale.perceives("attacked")
    fresh = await tale.toward(ARIA)
    tale.wait(timedelta(microseconds=20 * EMOTION_HALF_LIFE))
    assert (await tale.feels())["causes"] == []
    later = await tale.toward(ARIA)
    assert fresh["level"] <= later["level"] < 0
    assert position in {piece["position"] for piece in later["evidence"]}
    tale.wait(365 * DAY)
    forgiven = await tale.toward(ARIA)
    assert forgiven["level"] > later["level"]


async def test_gifts_please_by_taste_and_less_each_time(tale: Tale) -> None:
    await tale.registered(archetype="scholar")
    worth, before = [], (await tale.toward(ARIA))["affection"]
    for _ in range(4):
        await tale.gets("book")
        after = (await tale.toward(ARIA))["affection"]
        worth.append(after - before)
        before = after
    assert worth[0] > 0
    assert worth[-1] < worth[0]
    await tale.gets("weapon", BJORN)
    assert (await tale.toward(BJORN))["affection"] < before


async def test_a_relationship_shows_its_level_the_evidence_and_the_contacts_by_kind(tale: Tale) -> None:
    await tale.registered()
    first = await tale.gets("food")
    tale.wait(DAY)
    await tale.happens("npc/John", NpcSpoke(ARIA, "thanks", "ok", "calm", "talk", "template", "thank"))
    answer = await tale.toward(ARIA)
    assert answer["target_id"] == ARIA
    assert answer["interactions"] == 2
    assert answer["kinds"] == {"gift": 1, "dialogue": 1}
    assert answer["first_contact"] == NOON.isoformat()
    assert answer["last_contact"] == tale.now.isoformat()
    assert first in {piece["position"] for piece in answer["evidence"]}


async def test_somebody_never_met_gets_the_first_impression(tale: Tale) -> None:
    await tale.registered()
    answer = await tale.toward(BJORN)
    assert (answer["interactions"], answer["relationship_level"]) == (0, "neutral")
    assert (answer["trust"], answer["affection"], answer["last_contact"]) == (50, 50, None)


async def test_words_are_felt_by_what_they_meant(tale: Tale) -> None:
    await tale.registered("John")
    await tale.registered("Mary")
    for npc_id, intent in (("John", "threaten"), ("Mary", "thank")):
        spoken = NpcSpoke(ARIA, "…", "…", "calm", "talk", "template", intent)
        await tale.happens(f"npc/{npc_id}", spoken)
    assert (await tale.toward(ARIA, "John"))["affection"] < (await tale.toward(ARIA, "Mary"))["affection"]


async def test_words_of_an_interaction_are_felt_like_those_of_a_dialogue(tale: Tale) -> None:
    await tale.registered("John")
    await tale.registered("Mary")
    await tale.happens("npc/John", NpcSpoke(ARIA, "…", "…", "calm", "talk", "template", "threaten"))
    tale.now = NOON + timedelta(minutes=2)
    said = NpcInteracted(ARIA, "talk", {"message": "…"}, True, {}, intent="threaten")
    await tale.happens("npc/Mary", said)
    john, mary = await tale.toward(ARIA, "John"), await tale.toward(ARIA, "Mary")
    assert (mary["affection"], mary["trust"]) == (john["affection"], john["trust"])
    assert mary["affection"] < 50


async def test_an_untrusted_identity_is_not_blamed_over_what_the_data_say(tale: Tale) -> None:
    await tale.registered()
    await tale.happens(
        "npc/John",
        NpcPerceived("attacked", {"attacker": BJORN}, ARIA),
        actor=Actor("player", ARIA, trusted=False),
    )
    assert (await tale.toward(ARIA))["level"] == 0
    assert (await tale.toward(BJORN))["level"] < 0


async def test_a_quest_step_is_felt_once_though_it_is_recorded_twice(tale: Tale) -> None:
    await tale.registered("John")
    await tale.registered("Mary")
    changed = NpcQuestChanged(ARIA, "q1", "completed", 0)
    interacted = NpcInteracted(ARIA, "quest", {"quest_id": "q1", "step": "complete"}, True, {})
    await tale.happens("npc/John", interacted, changed)
    await tale.happens("npc/Mary", interacted)
    john, mary = await tale.toward(ARIA, "John"), await tale.toward(ARIA, "Mary")
    assert john["trust"] == mary["trust"] > 60
    assert john["interactions"] == 1


async def test_an_expired_quest_disappoints(tale: Tale) -> None:
    await tale.registered()
    await tale.happens("npc/John", NpcQuestChanged(ARIA, "q1", "expired", 0))
    assert (await tale.toward(ARIA))["trust"] < 50


async def test_a_goal_that_is_reached_makes_happy(tale: Tale) -> None:
    await tale.registered(goals=(Goal("sell_items", 1),))
    reached = (Goal("sell_items", 1, 1_000_000),)
    change = {"goal": "sell_items", "before": 0, "after": 1_000_000, "because": "trade"}
    position = await tale.happens("npc/John", NpcGoalsChanged(reached, (change,)))
    answer = await tale.feels()
    assert {cause["position"] for cause in answer["causes"]} == {position}
    assert answer["mood"]["pleasure"] > 0


async def test_the_mood_of_the_profile_colours_the_beginning_and_fades(tale: Tale) -> None:
    await tale.registered("John", mood="angry")
    await tale.registered("Mary")
    john, mary = await tale.feels("John"), await tale.feels("Mary")
    assert john["mood"]["pleasure"] < mary["mood"]["pleasure"]
    assert (john["primary"], mary["primary"]) == ("angry", "neutral")
    tale.wait(DAY)
    assert (await tale.feels("John"))["mood"]["pleasure"] > john["mood"]["pleasure"]


async def test_a_changed_profile_changes_the_nature_and_keeps_the_feelings(tale: Tale) -> None:
    await tale.registered()
    await tale.perceives("attacked")
    before = await tale.feels()
    tamed = Profile(personality={"agreeableness": 1.0})
    await tale.happens("npc/John", NpcProfileUpdated(tamed, ("personality",)))
    after = await tale.feels()
    assert after["causes"] == before["causes"]
    tale.wait(30 * DAY)
    assert (await tale.feels())["mood"]["pleasure"] > before["mood"]["pleasure"]


async def test_what_happens_to_the_world_is_felt_by_an_npc_to_which_nothing_else_happened(
    tale: Tale,
) -> None:
    await tale.registered()
    position = await tale.happens("world/midgard", WorldEventOccurred("festival_start", {}, None, 1))
    answer = await tale.feels()
    assert answer["primary"] == "happy"
    assert {cause["position"] for cause in answer["causes"]} == {position}
    with tale.world.reading() as connection:
        row = connection.execute(MINDS.select()).one()
        assert row.felt == row.position == 1


async def test_an_npc_registered_after_the_festival_did_not_feel_it(tale: Tale) -> None:
    await tale.happens("world/midgard", WorldEventOccurred("festival_start", {}, None, 0))
    await tale.registered()
    assert (await tale.feels())["causes"] == []


async def test_a_named_list_is_felt_by_those_on_it_only(tale: Tale) -> None:
    for npc_id in ("John", "Mary"):
        await tale.registered(npc_id)
    event = WorldEventOccurred("disaster", {}, ("Mary", "Nobody"), 1)
    await tale.happens("world/midgard", event)
    assert (await tale.feels("John"))["causes"] == []
    assert (await tale.feels("Mary"))["primary"] != "neutral"


async def test_what_happens_to_a_faction_is_felt_by_its_members_only(tale: Tale) -> None:
    await tale.registered("John", faction="guild")
    await tale.registered("Mary", faction="temple")
    await tale.registered("Left", faction="guild")
    await tale.happens("npc/Left", NpcFactionLeft("guild"))
    position = await tale.happens("faction/guild", FactionEventOccurred("attacked", {"attacker": BJORN}, 1))
    john = await tale.feels("John")
    assert {cause["position"] for cause in john["causes"]} == {position}
    for other in ("Mary", "Left"):
        assert (await tale.feels(other))["causes"] == []
    assert (await tale.toward(BJORN, "John"))["level"] < 0
    assert (await tale.toward(BJORN, "John"))["interactions"] == 0


async def test_who_leaves_a_faction_keeps_what_was_felt_for_it_before(tale: Tale) -> None:
    await tale.registered(faction="guild")
    told = await tale.happens("faction/guild", FactionEventOccurred("attacked", {"attacker": BJORN}, 1))
    await tale.happens("npc/John", NpcFactionLeft("guild"))
    await tale.happens("faction/guild", FactionEventOccurred("attacked", {"attacker": BJORN}, 0))
    assert {cause["position"] for cause in (await tale.feels())["causes"]} == {told}
    assert (await tale.toward(BJORN))["level"] < 0


async def test_news_about_somebody_reach_the_relationship_before_it_is_next_used(tale: Tale) -> None:
    await tale.registered()
    crime = await tale.happens("world/midgard", WorldEventOccurred("crime", {"criminal": BJORN}, None, 1))
    await tale.gets("food", ARIA)
    heard = await tale.toward(BJORN)
    assert heard["level"] < 0
    await tale.gets("food", BJORN)
    met = await tale.toward(BJORN)
    assert crime in {piece["position"] for piece in met["evidence"]}
    assert met["level"] < (await tale.toward(ARIA))["level"]


async def test_standings_between_factions_colour_the_first_impression(tale: Tale) -> None:
    await tale.happens("faction/guild", FactionFounded("Guild", "", {"thieves": -100}))
    await tale.registered("John", faction="guild")
    await tale.registered("Thief", faction="thieves")
    await tale.registered("Stranger")
    thief, stranger = await tale.toward("Thief"), await tale.toward("Stranger")
    assert thief["level"] < stranger["level"]
    await tale.happens("faction/guild", FactionStandingChanged("thieves", 100))
    assert (await tale.toward("Thief"))["level"] > stranger["level"]
    assert (await tale.toward("faction/thieves"))["level"] > stranger["level"]


async def test_npcs_have_relationships_among_themselves(tale: Tale) -> None:
    await tale.happens("faction/guild", FactionFounded("Guild", "", {"thieves": -100}))
    await tale.registered("John", faction="guild")
    await tale.registered("Thief", faction="thieves")
    before = await tale.toward("Thief")
    event = NpcPerceived("helped", {}, "Thief")
    await tale.happens("npc/John", event, actor=Actor("server", "map-1"))
    after = await tale.toward("Thief")
    assert before["affection"] < after["affection"] < 100
    assert after["interactions"] == 1


async def test_who_is_unregistered_leaves_nothing_and_begins_anew(tale: Tale) -> None:
    await tale.registered()
    await tale.perceives("attacked")
    await tale.happens("npc/John", NpcUnregistered())
    await tale.world.project(MODELS)
    with tale.world.reading() as connection:
        assert connection.execute(MINDS.select()).all() == []
        assert connection.execute(RELATIONS.select()).all() == []
        assert minds.emotion(connection, "John", microseconds(tale.now), RULES) is None
        assert minds.relationship(connection, "John", ARIA, microseconds(tale.now), RULES) is None
    await tale.registered()
    assert (await tale.toward(ARIA))["level"] == 0
    assert (await tale.feels())["causes"] == []


async def test_a_life_within_one_batch_leaves_no_trace_in_the_next(tale: Tale) -> None:
    await tale.registered()
    await tale.perceives("attacked")
    await tale.happens("npc/John", NpcUnregistered())
    await tale.registered()
    await tale.gets("food")
    answer = await tale.toward(ARIA)
    assert answer["interactions"] == 1
    assert answer["level"] > 0


async def test_a_decider_sees_mood_standing_and_what_they_rest_on(tale: Tale) -> None:
    await tale.registered(faction="guild")
    attacked = await tale.perceives("attacked")
    await tale.world.project(MODELS)
    with tale.world.reading() as connection:
        seen = minds.view(connection, "John", (ARIA, BJORN), microseconds(tale.now), RULES)
        assert minds.view(connection, "Nobody", (), 0, RULES) is None
        listed = minds.relations(connection, "John", microseconds(tale.now), RULES)
        counted = relationships.contact(connection, "John", ARIA)
    assert seen is not None
    assert (seen.npc_id, seen.position, seen.outlook.faction) == ("John", 2, "guild")
    assert seen.basis() == (attacked,)
    assert seen.trust(ARIA) < seen.trust(BJORN) == seen.trust("anybody")
    assert seen.affection(ARIA) < 0
    assert seen.standing(ARIA).goodwill < 500_000
    assert seen.character_mood().pleasure < seen.outlook.rest.pleasure
    assert listed is not None
    assert [other["target_id"] for other in listed["relationships"]] == [ARIA]
    assert counted["kinds"] == {"attacked": 1}


async def test_hostile_data_are_an_ordinary_case(tale: Tale) -> None:
    await tale.registered(
        personality={"traits": [1, None, "x" * 999], "openness": "NaN", "likes": {"a": 1}, "neuroticism": []}
    )
    nasty: dict[str, Any] = {"damage": 10**400, "attacker": ["x"], "k" * 999: {}, "victim": "v" * 9999}
    await tale.perceives("attacked", **nasty)
    await tale.happens("world/midgard", WorldEventOccurred("disaster", {**nasty, "n": "y" * 9999}, None, 1))
    await tale.happens("faction/guild", FactionEventOccurred("attacked", nasty, 1))
    assert (await tale.feels())["mood"]["label"] != ""
