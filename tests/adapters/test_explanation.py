"""An explanation leads from an answer to its scores, its grounds and the commits behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from msgspec.structs import replace

from adapters.cli.why import tree
from adapters.explanation import Reason, explain, explain_request
from adapters.nats.log import JetStreamLog
from events.commit import Actor, Commit
from events.decision import Attempt, DecisionJudged
from events.npc import Basis, NpcDecided, NpcPerceived, NpcReconsidered, NpcSpoke
from events.request import RequestCompleted, RequestOpened
from tests.commits import NOON, commit
from tests.decisions import made

ARIA = Actor("player", "150000", True, {"name": "Aria"})
TABLE = {"rows": [{"candidate": "flee", "score": 700_000}, {"candidate": "rest", "score": 200_000}]}


class Story:
    """Appends commits in order and knows which belong together."""

    def __init__(self, log: JetStreamLog) -> None:
        self.log = log
        self.positions: dict[str, list[int]] = {}
        self._last: dict[str, tuple[int, int]] = {}

    async def tell(self, given: Commit) -> int:
        position, version = self._last.get(given.stream, (0, 0))
        stored = replace(given, realm=self.log.realm, version=version + 1)
        appended = await self.log.append(stored, expected=position)
        self._last[given.stream] = (appended.position, version + 1)
        self.positions.setdefault(given.correlation_id, []).append(appended.position)
        return appended.position

    @property
    def related(self) -> Callable[[str], Awaitable[list[int]]]:
        async def related(correlation_id: str) -> list[int]:
            return self.positions.get(correlation_id, [])

        return related


def titles(reason: Reason) -> list[str]:
    return [reason.title, *(title for cause in reason.because for title in titles(cause))]


async def test_a_decision_is_explained_by_its_scores_and_what_the_npc_had_been_through(
    log: JetStreamLog,
) -> None:
    story = Story(log)
    attack = await story.tell(
        commit("npc/Guard", NpcPerceived("attacked", {"damage": 5}, "150000"), actor=ARIA)
    )
    basis = Basis(
        attack,
        (attack,),
        (-100_000, 0, 0),
        {"person": "150000", "level": "hostile", "trust": 100_000},
        "ab12",
    )
    decided = NpcDecided(
        "decide_action", {"action": "flee"}, {"table": TABLE, "reason": "danger"}, basis, "flee"
    )
    position = await story.tell(commit("npc/Guard", decided))

    found = await explain(log, story.related, position)

    assert found is not None
    assert found.title == "Guard decided decide_action: flee"
    told = titles(found)
    assert "flee scored 0.700" in told
    assert "how it stood to 150000: hostile" in told
    assert "Guard noticed attacked by 150000" in told
    assert "rule books ab12" in told


async def test_an_answer_leads_back_to_the_words_and_the_memory_behind_it(log: JetStreamLog) -> None:
    story = Story(log)
    gift = await story.tell(commit("npc/Sage", NpcPerceived("helped", {}, "150000")))
    opened = RequestOpened(
        "dialogue", "Sage", {"message": "Do you know me?"}, NOON + timedelta(seconds=5), 5000
    )
    asked = commit("request/req_1", opened, correlation_id="c1", actor=ARIA)
    await story.tell(asked)
    answer = commit(
        "request/req_1", RequestCompleted({"response": "I do."}), correlation_id="c1", causation_id=asked.id
    )
    await story.tell(answer)
    spoke = NpcSpoke(
        "150000", "Do you know me?", "I do.", "happy", "nod", "template", "greet", "greet.4", (gift,), "req_1",
        basis=Basis(memories=(gift,)),
    )  # fmt: skip
    await story.tell(commit("npc/Sage", spoke, correlation_id="c1", causation_id=asked.id))

    found = await explain_request(log, story.related, "req_1")

    assert found is not None
    told = titles(found)
    assert any("said to 150000: 'I do.'" in title for title in told)
    assert "Sage noticed helped by 150000" in told
    assert "player 150000 asked Sage for dialogue" in told


async def test_a_fallback_is_explained_by_the_models_that_failed_and_a_refusal_by_its_code(
    log: JetStreamLog,
) -> None:
    story = Story(log)
    asked = commit("world/midgard", NpcPerceived("dusk", {}), correlation_id="c2")
    cause = await story.tell(asked)
    failed = (Attempt("openai", "gpt-4o", 0, 9, "failed", 503, "overloaded\x1b[2J"),)
    nobody = made(
        route="none", provider="", model="", answer="", proposal=None, code=-502, problem="overloaded", attempts=failed,
        memories=(cause, 10**9), inputs={"facts": {"memories": [{"n": 1, "what": "dusk fell"}, "odd"]}, "memories": [
            {"n": 1, "position": cause}, "odd", {"n": 2}]},
    )  # fmt: skip
    await story.tell(commit("decision/dec_1", nobody, correlation_id="c2", causation_id=asked.id))
    await story.tell(
        commit(
            "decision/dec_1",
            DecisionJudged("refused", "npc.speak", code=-200, message="gone"),
            correlation_id="c2",
        )
    )
    agent = Actor("agent", "dialogue")
    spoke = NpcSpoke("150000", "hi", "Well met.", "calm", "talk", "fallback", "greet", "greet.1")
    said = await story.tell(
        commit("npc/Sage", spoke, correlation_id="c2", causation_id=asked.id, actor=agent)
    )

    found = await explain(log, story.related, said)

    assert found is not None
    told = titles(found)
    assert "npc_intelligence asked for npc.dialogue: no usable answer (-502: overloaded)" in told
    assert "gpt-4o of openai failed 503: overloaded\x1b[2J" in told
    assert "the deciders refused npc.speak (-200): gone" in told
    assert "'dusk fell'" in told
    assert "\x1b" not in "".join(tree(found))
    by_id = await explain_request(log, story.related, "dec_1")
    assert by_id is not None and by_id.stream == "decision/dec_1"


async def test_a_decision_that_was_thought_over_names_what_it_replaced_and_the_models_reason(
    log: JetStreamLog,
) -> None:
    changed = NpcReconsidered(
        "agents/x/npc.decide_action",
        "warn",
        "patrol",
        {"action": "warn"},
        612_000,
        655_000,
        "she helped me",
        "dec_1",
    )
    story = Story(log)
    found = await explain(log, story.related, await story.tell(commit("npc/Guard", changed)))
    assert found is not None
    assert found.title == "Guard thought it over: warn instead of patrol"
    assert found.detail is not None
    assert (found.detail["reason"], found.detail["decision"]) == ("she helped me", "dec_1")
    assert found.detail["scores"] == {"warn": 0.612, "patrol": 0.655}


async def test_causes_that_lead_in_a_circle_are_told_once(log: JetStreamLog) -> None:
    story = Story(log)
    given = commit("npc/Guard", NpcDecided("decide_action", {}, {}, Basis(commits=(1, 2, 3, 10**9))))
    position = await story.tell(given)
    decided = NpcDecided("decide_action", {}, {}, Basis(commits=(position,) * 50))
    last = await story.tell(commit("npc/Guard", decided))
    found = await explain(log, story.related, last)
    assert found is not None
    assert len(titles(found)) < 100


async def test_what_is_not_there_has_no_explanation(log: JetStreamLog) -> None:
    story = Story(log)
    assert await explain(log, story.related, 10**12) is None
    assert await explain_request(log, story.related, "req_nothing") is None


def test_the_tree_shows_causes_below_what_they_caused_and_hides_control_characters() -> None:
    reason = Reason(
        "a\x1b[31m", 7, because=(Reason("b", 5, detail={"x": 1}), Reason("c", because=(Reason("d"),)))
    )
    lines = tree(reason)
    assert lines[0].startswith("a") and lines[0].endswith("[7]")
    assert "\x1b" not in lines[0]
    assert lines[1:] == ["├─ b  [5]", '│     {"x": 1}', "└─ c", "   └─ d"]
