"""What has happened so far, for whoever walks through the log again: folded streams and recent commits. Pure.

Bounded: the streams and commits used last are kept, others must be read again.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from commands.registry import DECIDERS
from commands.stream import Folded, fold
from events.commit import Commit, Recorded

MAX_STREAMS = 20_000
MAX_COMMITS = 8192


class Unread(LookupError):
    """The state of `stream` is needed and not at hand."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class Past:
    """Folded states of streams, as of the last commit taken, and the commits taken last."""

    def __init__(self, *, max_streams: int = MAX_STREAMS, max_commits: int = MAX_COMMITS) -> None:
        self._max_streams, self._max_commits = max_streams, max_commits
        self._streams: OrderedDict[str, Folded[Any]] = OrderedDict()
        self._commits: OrderedDict[str, Recorded] = OrderedDict()

    def take(self, recorded: Recorded) -> Folded[Any] | None:
        """Note a commit; the state of its stream after it, or None while nobody knows what came before."""
        commit = recorded.commit
        self._commits[commit.id] = recorded
        if len(self._commits) > self._max_commits:
            self._commits.popitem(last=False)
        decider = DECIDERS.get(commit.category)
        before = self._streams.get(commit.stream)
        if decider is None or (before is None and commit.version != 1):
            return None
        after = fold(decider, before or Folded(decider.initial), recorded)
        self.keep(commit.stream, after)
        return after

    def keep(self, stream: str, folded: Folded[Any]) -> None:
        """Note the state of a stream as of the last commit taken."""
        self._streams[stream] = folded
        self._streams.move_to_end(stream)
        if len(self._streams) > self._max_streams:
            self._streams.popitem(last=False)

    def known(self, stream: str) -> Folded[Any] | None:
        """The stream's state, None when it is not at hand."""
        return self._streams.get(stream)

    def folded(self, stream: str) -> Folded[Any]:
        """The stream's state. Raises `Unread`."""
        try:
            return self._streams[stream]
        except KeyError:
            raise Unread(stream) from None

    def commit(self, commit_id: str) -> Commit | None:
        """A commit taken not long ago."""
        found = self._commits.get(commit_id)
        return None if found is None else found.commit


def folded(stream: str, commits: list[Recorded]) -> Folded[Any]:
    """The state of a stream after all of its `commits`, in order."""
    decider = DECIDERS[stream.partition("/")[0]]
    state: Folded[Any] = Folded(decider.initial)
    for recorded in commits:
        state = fold(decider, state, recorded)
    return state
