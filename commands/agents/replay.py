"""A decision lived through again with its recorded answer: the very same commits must follow. Pure.

`Replay.take` gets the commits of the log one by one, in order. For each decision it rebuilds the question from the
record and checks its key, reads the recorded answer again, derives the commands, decides them on the streams as they
were, and compares all of it with what the log says. No model is asked: a question without a recorded answer is a
difference. What the log needs to be asked for is yielded, so that this module does no I/O.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from commands.agents.divergence import NOTHING, first_divergence
from commands.agents.past import Past, Unread
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose
from commands.agents.rejudging import Court, Judgement
from commands.agents.replay_dues import Due, Open, due_of, first_difference
from commands.agents.replay_findings import CauseWanted, Difference, Steps, StreamWanted, Tally
from commands.agents.rereading import reread
from commands.decision import decision_id
from commands.message import CommandMessage
from commands.stream import Folded
from events import catalogue
from events.commit import Commit, Event, Recorded
from events.decision import DecisionJudged, DecisionMade, Prompt

MAX_OPEN = 20_000
"""Decisions whose consequences are still waited for."""
MAX_SEEN = 64
"""States of a stream that a refused command may have met: it was decided at some moment that nobody wrote down."""

_OUTCOMES = frozenset({"request.complete", "request.fail"})


class Replay:
    """One walk through the log. `differences` are all that were found, in order; `tally` counts."""

    def __init__(
        self,
        purposes: Mapping[str, Purpose],
        court: Court,
        *,
        template: Callable[[Prompt], PromptTemplate | None] = lambda _prompt: None,
        selects: Callable[[Recorded, DecisionMade], bool] = lambda _recorded, _made: True,
    ) -> None:
        """`template` finds the template that a prompt's stamp names; `selects` which decisions are looked at."""
        self._purposes, self._court = purposes, court
        self._template, self._selects = template, selects
        self._past = Past()
        self._open: OrderedDict[str, Open] = OrderedDict()
        self._due: dict[str, Due] = {}
        self._watched: dict[str, list[Due]] = {}
        self._answering: dict[str, str] = {}
        self.differences: list[Difference] = []
        self.tally = Tally()

    @property
    def waiting(self) -> int:
        """Decisions whose consequences were not all seen yet."""
        return len(self._open)

    def take(self, recorded: Recorded) -> Steps:
        """The next commit of the log. Yields what has to be read; send it back."""
        commit = recorded.commit
        if commit.category == "decision":
            for event in commit.events:
                if isinstance(event, DecisionMade):
                    if self._selects(recorded, event):
                        yield from self._made(recorded, event)
                elif isinstance(event, DecisionJudged) and commit.entity in self._open:
                    yield from self._judged(recorded, event)
            return
        due = self._due.get(commit.command.id)
        if due is not None:
            yield from self._carried_out(due, recorded)
        elif commit.stream in self._answering and commit.command.name in _OUTCOMES:
            self._stray(recorded)
        after = self._past.take(recorded)
        if after is not None:
            for watching in self._watched.get(commit.stream, ()):
                if len(watching.seen) < MAX_SEEN:
                    watching.seen.append(after)

    def finish(self) -> None:
        """The log has ended: whatever is still waited for is unfinished."""
        while self._open:
            self._close(next(iter(self._open)))

    def _made(self, recorded: Recorded, made: DecisionMade) -> Steps:
        commit, tally = recorded.commit, self.tally
        tally.decisions += 1
        purpose = self._purposes.get(made.purpose)
        template = None if made.prompt is None else self._template(made.prompt)
        again = reread(commit.command.args, made, purpose, template)
        for what, different in again.differences:
            self._differ(recorded, what, *different)
        tally.foreign += purpose is None
        if purpose is None or not again.readable:
            return
        tally.reworded += made.prompt is not None and template is None
        cause = yield from self._cause(commit, made)
        if cause is None:
            tally.unlinked += 1
            return
        try:
            commands = purpose.follow(cause, replace(made, proposal=again.proposal))
        except (
            Exception
        ) as error:  # whatever the purpose stumbled over, the rest of the log is still worth a look
            self._differ(recorded, "command", "", f"{type(error).__name__}: {error}", NOTHING)
            return
        self._expect(recorded, cause, commands, judged=again.proposal is not None)

    def _cause(
        self, commit: Commit, made: DecisionMade
    ) -> Generator[StreamWanted | CauseWanted, Any, Commit | None]:
        if commit.causation_id is None:
            return None
        cause = self._past.commit(commit.causation_id)
        if cause is None:
            cause = yield CauseWanted(commit.causation_id, made.request_id)
        if cause is None or decision_id(cause.id, made.purpose) != commit.entity:
            return None
        return cause

    def _expect(
        self, recorded: Recorded, cause: Commit, commands: tuple[CommandMessage, ...], *, judged: bool
    ) -> None:
        which = recorded.commit.entity
        dues = [Due(which, recorded.position, command) for command in commands]
        if not dues:
            return
        self._open[which] = Open(cause.stream, dues, judged)
        self._answering[cause.stream] = which
        for due in dues:
            self._due[due.command.id] = due
            self._watched.setdefault(due.command.stream, []).append(due)
            now = self._past.known(due.command.stream)
            if now is not None:
                due.seen.append(now)
        if len(self._open) > MAX_OPEN:
            self._close(next(iter(self._open)))

    def _carried_out(self, due: Due, recorded: Recorded) -> Steps:
        yield from self._compared(due, recorded)
        if self._open[due.decision_id].closed:
            self._close(due.decision_id)

    def _compared(self, due: Due, recorded: Recorded) -> Steps:
        commit, command = recorded.commit, due.command
        due.commit = recorded
        self.tally.commits += 1
        different = first_difference(command, commit)
        if different is not None:
            self._differ(recorded, "command", *different, decision=due.decision_id)
            return
        judgement = yield from self._judge(command, commit, commit.events)
        if judgement.unknown:
            self.tally.unproven += 1
        elif not judgement.accepted:
            told = f"refused with {judgement.code}: {judgement.message}"
            self._differ(recorded, "events", "", told, _plain(commit.events), decision=due.decision_id)
        elif judgement.events != commit.events:
            found = first_divergence(_plain(judgement.events), _plain(commit.events), "events")
            if found is not None:
                self._differ(recorded, "events", *found, decision=due.decision_id)

    def _judged(self, recorded: Recorded, event: DecisionJudged) -> Steps:
        which = recorded.commit.entity
        due = due_of(self._open[which].dues, event)
        if due is None:
            known = [each.command.id for each in self._open[which].dues]
            self._differ(recorded, "verdict", "command_id", known, event.command_id or event.command)
            return
        due.judged = True
        if event.verdict == "accepted":
            yield from self._approved(due, recorded, event)
        else:
            due.refused = True
            yield from self._denied(due, recorded, event)
        if self._open[which].closed:
            self._close(which)

    def _approved(self, due: Due, recorded: Recorded, event: DecisionJudged) -> Steps:
        if due.commit is not None:
            expected = {"position": due.commit.position, "commit_id": due.commit.commit.id}
            found = first_divergence(expected, {"position": event.position, "commit_id": event.commit_id})
            if found is not None:
                self._differ(recorded, "verdict", *found)
            return
        if event.commit_id:
            self._differ(recorded, "verdict", "commit_id", NOTHING, event.commit_id)
            return
        judgement = yield from self._judge(due.command, recorded.commit)
        if judgement.unknown:
            self.tally.unproven += 1
        elif not judgement.accepted or judgement.events:
            told = judgement.message or _plain(judgement.events)
            self._differ(recorded, "verdict", "events", told, "accepted without a change")

    def _denied(self, due: Due, recorded: Recorded, event: DecisionJudged) -> Steps:
        """Some state that the command may have met refuses it in the same words."""
        self.tally.refusals += 1
        if due.commit is not None:
            told = f"accepted as the commit at {due.commit.position}"
            self._differ(recorded, "refusal", "verdict", told, event.verdict)
            return
        said: Judgement = yield from self._judge(due.command, recorded.commit)
        tried = [said]
        for seen in reversed(due.seen):
            if _same(tried[-1], event):
                return
            tried.append((yield from self._judge(due.command, recorded.commit, met=seen)))
        if _same(tried[-1], event):
            return
        if any(each.unknown for each in tried):
            self.tally.unproven += 1
            return
        told = f"{said.code}: {said.message}" if said.code < 0 else f"accepted: {_plain(said.events)}"
        self._differ(recorded, "refusal", "code", told, f"{event.code}: {event.message}")

    def _stray(self, recorded: Recorded) -> None:
        """An outcome that no decision leads to, while one leads to another."""
        which = self._answering[recorded.commit.stream]
        dues = [due for due in self._open[which].dues if due.command.stream == recorded.commit.stream]
        open_still = [due.command.id for due in dues if due.commit is None and not due.judged]
        if open_still:
            found = recorded.commit.command.id
            self._differ(recorded, "outcome", "command.id", open_still, found, decision=which)

    def _judge(
        self,
        command: CommandMessage,
        when: Commit,
        events: tuple[Event, ...] = (),
        met: Folded[Any] | None = None,
    ) -> Generator[StreamWanted | CauseWanted, Any, Judgement]:
        def state(stream: str) -> Folded[Any]:
            return met if met is not None and stream == command.stream else self._past.folded(stream)

        while True:
            try:
                return self._court.judge(command, state, when.time, events)
            except Unread as unread:
                self._past.keep(unread.stream, (yield StreamWanted(unread.stream)))

    def _close(self, which: str) -> None:
        closed = self._open.pop(which)
        if self._answering.get(closed.cause) == which:
            del self._answering[closed.cause]
        refused = False
        for due in closed.dues:
            if due.commit is None and not due.judged and not refused:
                self.tally.unfinished += 1
                refused = True
            refused |= due.refused
            if self._due.get(due.command.id) is due:
                del self._due[due.command.id]
            watching = self._watched[due.command.stream]
            watching.remove(due)
            if not watching:
                del self._watched[due.command.stream]

    def _differ(
        self, recorded: Recorded, what: str, path: str, expected: Any, found: Any, *, decision: str = ""
    ) -> None:
        which = decision or recorded.commit.entity
        self.differences.append(Difference(recorded.position, which, what, path, expected, found))


def _same(judgement: Judgement, event: DecisionJudged) -> bool:
    return judgement.code == event.code and judgement.message[: len(event.message)] == event.message


def _plain(events: tuple[Event, ...]) -> list[Any]:
    return [catalogue.dump(event) for event in events]
