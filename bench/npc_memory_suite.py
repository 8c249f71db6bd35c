"""A memory suite for NPCs, generated from a seed: what public benchmarks of conversational memory do not ask.

A small world of NPCs lives through events (seen, whispered, told on, changed, denied, long ago). Every
question has an answer known from how the world was made, not from the code under test. The score of a part is
the share of questions answered right; `boundary` and `as_of` count a single leak as a wrong answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.npc_memory_world import NAMES, PLACES, THINGS, WORDINGS, World
from commands.mind.memory.facts import contradictions, current
from commands.mind.memory.forgetting import DAY_US, lasts
from commands.mind.memory.hearsay import RETOLD, Telling, tell
from commands.mind.memory.perception import SIGHT, Place, Reach, Witness
from commands.mind.memory.recall import Query
from commands.mind.memory.record import MILLION


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the suite: questions asked, answered right, and the share."""

    asked: int
    right: int

    @property
    def score(self) -> float:
        """Share answered right, 0-1; 1 if nothing was asked."""
        return self.right / self.asked if self.asked else 1.0


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """The score table of one run, and how long the questions took (ms)."""

    seed: int
    events: int
    memories: int
    parts: dict[str, Part]
    p50_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values, with the scores."""
        scores = {name: round(part.score, 4) for name, part in self.parts.items()}
        return {**asdict(self), "scores": scores}

    def as_text(self) -> str:
        """The report as a table for people."""
        lines = [f"seed {self.seed}: {self.events} events, {self.memories} memories"]
        lines += [
            f"{name:16}{part.right:>7} of {part.asked:<7}{part.score:.3f}"
            for name, part in self.parts.items()
        ]
        lines.append(f"query ms: p50 {self.p50_ms:.2f}, p95 {self.p95_ms:.2f}")
        return "\n".join(lines)


def run(seed: int = 1, *, events: int = 100_000, questions: int = 200) -> SuiteReport:
    """Make a world of `events` events from a seed and ask `questions` questions per part."""
    world = World(random.Random(seed))
    parts: dict[str, Callable[[World, int], Part]] = {
        "boundary": _boundary,
        "gossip": _gossip,
        "changed_fact": _changed_facts,
        "as_of": _as_of,
        "contradiction": _contradictions,
        "forgetting": _forgetting,
    }
    scores = {name: part(world, questions) for name, part in parts.items()}
    scores["wording"] = _wordings(world, questions)
    scores["needle"] = _needles(world, events, questions)
    times = sorted(world.times)
    return SuiteReport(
        seed=seed,
        events=world.position,
        memories=sum(len(world.store.all(npc)) for npc in world.store.owners),
        parts=scores,
        p50_ms=times[len(times) // 2],
        p95_ms=times[len(times) * 95 // 100],
    )


def _boundary(world: World, questions: int) -> Part:
    """Those who were there recall it; those out of sight, on another map or not in the whisper do not."""
    asked = right = 0
    for number in range(questions):
        text, question = world.deed()
        x, y = world.pick.randint(50, 300), world.pick.randint(50, 300)
        near = Witness(f"near {number % 9}", Place("prontera", x + SIGHT, y - SIGHT))
        far = Witness(f"far {number % 9}", Place("prontera", x + SIGHT + 1, y))
        away = Witness(f"away {number % 9}", Place("geffen", x, y))
        whispered = number % 3 == 0
        position = world.position + 1
        world.happens(
            [near, far, away],
            kind="said",
            data={"message": text},
            reach=Reach.PRIVATE if whispered else Reach.LOCAL,
            place=Place("prontera", x, y),
        )
        for witness, knows in ((near, not whispered), (far, False), (away, False)):
            found = world.ask(Query(witness.npc, "search", question, limit=3))
            asked += 1
            right += (position in [one.memory.position for one in found]) == knows
    return Part(asked, right)


def _gossip(world: World, questions: int) -> Part:
    """After two or three mouths: the last one knows it, with chain and reliability; an outsider does not."""
    asked = right = 0
    for number in range(questions):
        text, question = world.deed()
        hops = world.pick.randint(1, 3)
        chain = [f"gossip {number % 7} {hop}" for hop in range(hops + 1)]
        (memory,) = world.happens(
            [Witness(chain[0])], kind="said", data={"message": text}, reach=Reach.PRIVATE, target=chain[0]
        )
        reliability = MILLION
        for listener in chain[1:]:
            position, at = world.next()
            heard = tell(memory, Telling(position, 0, at, listener, trust=MILLION))
            assert heard is not None
            world.store.add(heard)
            memory, reliability = heard, reliability * RETOLD // MILLION
        best = world.ask(Query(chain[-1], "search", question, limit=1))
        asked += 2
        right += bool(
            best
            and best[0].memory.event == memory.event
            and best[0].memory.told_by == tuple(chain[:-1])
            and best[0].memory.reliability == reliability
        )
        outside = world.ask(Query("outsider", "search", question, limit=1))
        right += not outside
    return Part(asked, right)


def _state(world: World, npc: str, subject: str, value: str, **fact: Any) -> int:
    data = {
        "message": f"{subject} now lives at the {value}",
        "fact": {"subject": subject, "predicate": "home", "value": value, **fact},
    }
    world.happens([Witness(npc)], kind="said", data=data, reach=Reach.PRIVATE, target=npc)
    return world.position


def _changed_facts(world: World, questions: int) -> Part:
    """After several moves the newest home is recalled first, and none that was superseded."""
    asked = right = 0
    for number in range(questions):
        subject, npc = f"Knight {number}", f"clerk {number % 5}"
        homes = world.pick.sample(PLACES, 3)
        stated = [_state(world, npc, subject, home) for home in homes]
        query = Query(npc, "search", f"Where does {subject} live?", limit=20)
        found = [one.memory.position for one in world.ask(query) if one.memory.subject == subject]
        asked += 1
        right += found == stated[-1:]
    return Part(asked, right)


def _as_of(world: World, questions: int) -> Part:
    """Asked as of a moment between two moves, the home of then is recalled, and nothing from later."""
    asked = right = 0
    for number in range(questions):
        subject, npc = f"Squire {number}", f"scribe {number % 5}"
        homes = world.pick.sample(PLACES, 3)
        stated = [_state(world, npc, subject, home) for home in homes]
        moment = world.pick.randrange(3)
        query = Query(npc, "search", f"Where does {subject} live?", limit=20, as_of=stated[moment])
        found = world.ask(query)
        now = [one.memory.position for one in found if one.memory.subject == subject]
        later = [one for one in found if one.memory.position > stated[moment]]
        asked += 1
        right += now == [stated[moment]] and not later
    return Part(asked, right)


def _contradictions(world: World, questions: int) -> Part:
    """A doubtful rumour against what was seen is listed and not believed; a plain change of the world is not
    listed."""
    asked = right = 0
    for number in range(questions):
        subject, npc = f"Duke {number}", f"judge {number}"
        seen, rumour = world.pick.sample(PLACES, 2)
        _state(world, npc, subject, seen)
        (told,) = world.happens(
            [Witness("liar")],
            kind="said",
            data={"message": "psst", "fact": {"subject": subject, "predicate": "home", "value": rumour}},
            reach=Reach.PRIVATE,
            target="liar",
        )
        doubtful = number % 2 == 0
        for hop in ("crony one", "crony two") if doubtful else ():
            position, at = world.next()
            told = tell(told, Telling(position, 0, at, f"{hop} {number}", trust=0)) or told
        position, at = world.next()
        heard = tell(told, Telling(position, 0, at, npc, trust=0 if doubtful else MILLION))
        if heard is not None:
            world.store.add(heard)
        known = world.store.all(npc)
        believed = current(known, subject, "home")
        listed = [(one.believed.value, one.disputed.value) for one in contradictions(known)]
        asked += 1
        right += (
            believed is not None
            and believed.value == (seen if doubtful else rumour)
            and listed == ([(seen, rumour)] if doubtful and heard else [])
        )
    return Part(asked, right)


def _forgetting(world: World, questions: int) -> Part:
    """Long after, the trifle is gone and the grave matter is not; without a clock both are found."""
    asked = right = 0
    for number in range(questions):
        text, question = world.deed()
        npc, grave = f"elder {number % 5}", number % 2 == 0
        data = {"message": text, "importance": 1 if grave else 0.1}
        (memory,) = world.happens([Witness(npc)], kind="said", data=data, reach=Reach.PRIVATE, target=npc)
        later = memory.at + lasts(memory.importance) + (-DAY_US if grave else DAY_US)
        now = world.ask(Query(npc, "search", question, limit=3, now=later))
        ever = world.ask(Query(npc, "search", question, limit=3))
        asked += 2
        right += (memory.position in [one.memory.position for one in now]) == grave
        right += memory.position in [one.memory.position for one in ever]
    return Part(asked, right)


def _wordings(world: World, questions: int) -> Part:
    """Asked in other words than it was told, the deed is recalled first."""
    asked = right = 0
    for number in range(-(-questions // len(WORDINGS))):
        npc, positions = f"poet {number}", []
        for deed, _ in WORDINGS:
            name, thing, place = (world.pick.choice(pool) for pool in (NAMES, THINGS, PLACES))
            data = {"message": f"{name} {deed} the {thing} by the {place}"}
            world.happens([Witness(npc)], kind="said", data=data, reach=Reach.PRIVATE, target=npc)
            positions.append(world.position)
        for position, (_, question) in zip(positions, WORDINGS, strict=True):
            found = world.ask(Query(npc, "search", f"Tell me about {question}", limit=1))
            asked += 1
            right += [one.memory.position for one in found] == [position]
    return Part(asked, right)


def _needles(world: World, events: int, questions: int) -> Part:
    """In the rest of a long life of many NPCs, each single deed is recalled first by those who saw it."""
    npcs = [f"citizen {number}" for number in range(20)]
    deeds: list[tuple[str, int, str]] = []
    every = max(1, (events - world.position) // questions)
    count = 0
    while world.position < events:
        text, question = world.deed()
        seers = world.pick.sample(npcs, 2)
        crowd = [Witness(npc, Place("prontera", 100, 100)) for npc in seers]
        world.happens(
            crowd,
            kind="said",
            data={"message": text},
            place=Place("prontera", 100, 100),
            scene=f"scene {world.position // 8}",
        )
        count += 1
        if count % every == 0:
            deeds.append((seers[0], world.position, question))
    right = 0
    for npc, position, question in deeds:
        found = world.ask(Query(npc, "search", question, limit=5))
        right += position in [one.memory.position for one in found]
    return Part(len(deeds), right)
