"""In town: the guard decides and walks, the sage is given a book and gives a quest, the world goes on."""

from __future__ import annotations

from itertools import pairwise

from adapters.demo.cast import ACROSS_THE_BRIDGE, ARIA, BORIN, CAST, GUARD, SAGE, STRANGE_ISLAND, Player
from adapters.demo.game_server import Exchange
from adapters.demo.stage import Stage
from events.commit import Json

NO_MAP = -202
ORC = {"id": "Orc_Warrior", "kind": "monster", "distance": 3, "level": 60, "hostile": True}
RABBIT = {"id": "Rabbit", "kind": "monster", "distance": 3, "level": 1, "hostile": False}


async def patrolling(stage: Stage) -> None:
    await stage.say("Afternoon. The guard's script asks what to do, and goes on with its loop meanwhile.")
    situation = {"location": GUARD.profile["map"], "time": "14:30"}
    asked = await stage.ask_later("decide_action", GUARD, situation, "OnDecisionReady")
    data = await stage.pushed(asked)
    decision = data.get("result") or {}
    await stage.say(f"He decides: {decision.get('action')}. {decision.get('reason')}.")
    if "target_x" in decision:
        stage.check(
            "both shapes of a target agree",
            decision.get("target") == {"x": decision["target_x"], "y": decision["target_y"]},
        )
        if await _walk(stage, decision["target_x"], decision["target_y"]):
            await _walk(stage, *ACROSS_THE_BRIDGE)
            await _walk(stage, *STRANGE_ISLAND)
    again = await stage.ask("decide_action", GUARD, {"situation": situation})
    await stage.explain(again)


async def facing_danger(stage: Stage) -> None:
    await stage.say("An orc comes through the gate, a rabbit beside it.")
    situation = {"monsters": [ORC, RABBIT], "time": "14:35"}
    seen = await stage.ask("evaluate_situation", GUARD, {"situation": situation})
    stage.check("an orc is a threat", seen.data["threat_level"] != "none")
    chosen = await stage.ask("choose_target", GUARD, {"candidates": [ORC, RABBIT], "situation": situation})
    stage.check("the target is one of the candidates", chosen.data["target_id"] in {ORC["id"], RABBIT["id"]})
    acted = await stage.ask("decide_action", GUARD, {"situation": situation})
    await stage.say(
        f"Threat {seen.data['threat_level']}; he turns to {chosen.data['target_id']} "
        f"and will {acted.data['action']}: {acted.data['reason']}."
    )
    await stage.explain(acted)


async def a_gift(stage: Stage) -> None:
    before = await _standing(stage)
    book = {"item_id": "7015", "item_name": "Old Tome", "category": "book", "value": 500}
    given = await stage.ask("interact", SAGE, {"interaction_type": "gift", "data": book}, by=ARIA)
    await stage.speak(SAGE, given.data["reaction"]["comment"], given.data["reaction"]["emotion"])
    after = await _standing(stage)
    await stage.say(
        f"A sage likes books: Aria's affection with him went from {before.data['affection']} "
        f"to {after.data['affection']}, trust from {before.data['trust']} to {after.data['trust']}."
    )
    stage.check("a welcome gift is liked", after.data["affection"] > before.data["affection"])
    answer = await stage.talk(SAGE, ARIA, "Thank you for your time. May I ask you something?")
    stage.check("the sage answers", bool(answer.get("response")))


async def a_quest(stage: Stage) -> None:
    await stage.speak(ARIA, "Is there anything I can do for you?", f"to {SAGE.name}")
    offered = await _offer(stage, ARIA)
    quest = offered.data
    if "quest_id" not in quest:
        await stage.say("He has no quest for her.")
        stage.check("a sage has a quest for a welcome guest", ok=False)
        return
    await stage.speak(SAGE, quest["description"], f"quest: {quest['quest_name']}")
    await stage.say(f"Rewards: {quest['rewards'].get('exp')} exp, {quest['rewards'].get('gold')} gold.")
    await stage.explain(offered)
    other = await _offer(stage, ARIA)
    stage.check(
        "never the same quest twice while it is open", other.data.get("quest_id") != quest["quest_id"]
    )
    wanted = [objective.get("count", 1) for objective in quest.get("objectives", [])] or [1]
    steps: tuple[Json, ...] = (
        {"step": "accept"},
        {"step": "progress", "counts": wanted},
        {"step": "complete"},
    )
    for step in steps:
        data = {"interaction_type": "quest", "data": {"quest_id": quest["quest_id"], **step}}
        done = await stage.ask("interact", SAGE, data, by=ARIA)
    await stage.speak(SAGE, done.data["reaction"]["comment"], done.data["reaction"]["emotion"])
    relation = await _standing(stage)
    await stage.say(
        f"The quest is done; Aria is now {relation.data['relationship_level']} to him, "
        f"trust {relation.data['trust']}, after {relation.data['interactions']} interactions."
    )
    await stage.ask("get_goals", SAGE)


async def the_world_goes_on(stage: Stage) -> None:
    before = await stage.ask("get_emotion", GUARD)
    told = await stage.ask(
        "world_event",
        None,
        {
            "event_type": "festival_start",
            "event_data": {"name": "Harvest Festival"},
            "affected_npcs": [stage.id_of(npc) for npc in CAST],
        },
    )
    stage.check("the festival reaches all three", told.data["affected"] == len(CAST))
    after = await stage.ask("get_emotion", GUARD)
    await stage.say(
        f"The Harvest Festival begins. The guard was {before.data['primary']}, now he is {after.data['primary']}."
    )
    honoured = await stage.ask(
        "faction_event",
        None,
        {
            "faction_id": f"city_watch_{stage.run}",
            "event_type": "faction_victory",
            "event_data": {"over": "the orcs"},
        },
    )
    stage.check("the watch has one member", honoured.data["affected"] == 1)
    proud = await stage.ask("get_emotion", GUARD)
    await stage.say(f"The city watch has won: the guard, one of its members, is {proud.data['primary']}.")
    causes = {cause.get("position") for cause in proud.data.get("causes", [])}
    stage.check("his feeling names the commit that caused it", honoured.position in causes)
    changed = await stage.ask("update_profile", GUARD, {"mood": "proud", "medal": "Silver Shield"})
    if changed.data.get("unknown_fields"):
        await stage.say(f"He gets a medal; a field nobody planned is kept: {changed.data['unknown_fields']}.")
    await stage.talk(GUARD, BORIN, "What is the news?")


async def _walk(stage: Stage, x: int, y: int) -> bool:
    """Ask the way from the guard's place; False when the platform has no maps."""
    found = await stage.ask(
        "pathfind", GUARD, {"destination_x": x, "destination_y": y}, codes=(0, NO_MAP, -101)
    )
    if found.code != 0:
        await stage.say(
            "The platform runs without a map, and says so. "
            "`lorestream up --map-cache conf/maps/lorestream_cache.dat` gives it one."
            if found.code == NO_MAP
            else f"No way can be found: {found.answer.get('error_message')}"
        )
        return False
    path = found.data["path"]
    if not found.data["valid"]:
        await stage.say(f"No way leads to ({x}, {y}): {found.data.get('reason')}, known at once.")
        return True
    way = " → ".join(f"({cell['x']}, {cell['y']})" for cell in path)
    await stage.say(
        f"The way to ({x}, {y}), {found.data.get('steps')} steps at cost {found.data['cost']}: {way}"
    )
    stage.check(
        "every leg is at most 14 cells",
        all(max(abs(a["x"] - b["x"]), abs(a["y"] - b["y"])) <= 14 for a, b in pairwise(path)),
    )
    return True


async def _standing(stage: Stage) -> Exchange:
    return await stage.ask("get_relationship", SAGE, {"target_id": ARIA.id})


async def _offer(stage: Stage, player: Player) -> Exchange:
    return await stage.ask("quest_offer", SAGE, {"player_level": player.level}, by=player)
