"""The exceptions of Lorestream, in one tree.

    LorestreamError
    ├── ConfigurationError         a setting is wrong; names origin, key and remedy
    ├── CodecError                 bytes in the log are not a commit we understand
    │   ├── MalformedCommit        not JSON, or not the envelope
    │   ├── UnknownEventType       written by a newer release or by a stranger
    │   └── UnknownEventVersion    newer than this release, or an upcaster is missing
    ├── InvalidStreamName          category or id cannot be addressed
    ├── LogError
    │   ├── LogUnavailable         the server cannot be reached or refuses to store
    │   ├── AppendOutcomeUnknown   no acknowledgement in time; the append may have happened
    │   ├── VersionConflict        somebody else appended first
    │   ├── CommandIdReused        the command id belongs to a different command
    │   └── LogMisconfigured       an existing stream or server would break a law
    ├── ProjectionError
    │   ├── CheckpointMoved        another projector wrote this projection
    │   ├── PositionNotReached     the projection did not catch up in time
    │   └── ProjectionUnavailable  the database cannot be reached, is locked or full
    ├── MapError
    │   ├── MapCacheUnreadable     a map cache file, or one map in it, is damaged; names file and map
    │   └── MapUnknown             no configured map cache holds the map
    ├── VectorError
    │   ├── QdrantMissing          an embedder is configured, qdrant-client is not installed
    │   ├── VectorsUnavailable     Qdrant does not answer, or another process has its directory
    │   └── VectorsDiffer          a model embeds in another length than it did
    ├── ModelError                 a language model gave no answer; names provider and reason, never a key
    │   ├── ModelUnavailable       cannot be reached, overloaded, or broken on its side: another try may help
    │   │   └── ModelLost          the connection broke after the question was sent
    │   ├── ModelRateLimited       too many calls or tokens; says how long to wait
    │   ├── ModelTimeout           no answer in time
    │   ├── ModelRefused           the call itself is wrong, or the key is: another try is useless
    │   ├── ModelAnswerBroken      an answer that cannot be read: cut off, not JSON, too large
    │   └── BudgetExhausted        today's money for this agent or realm is spent or reserved
    ├── PacketError
    │   ├── PacketUnfit            a value does not fit its field of a client packet; names packet and field
    │   └── PacketMalformed        bytes are not a whole packet we know
    ├── ImageError
    │   ├── ImageUnfit             a file is no picture that is taken; says why, to who sent it
    │   ├── ImageBusy              too many pictures are being worked on; says nothing about this one
    │   └── MediaUnavailable       the bytes of pictures cannot be read or stored right now
    ├── ReferenceDataError         a data set cannot be imported, or what was imported cannot be read
    └── Rejected                   a decider or a gate refused a command (`commands.rejection`)

A timeout whose outcome is unknown (`AppendOutcomeUnknown`) is never reported as a failure: retrying the
same command resolves it.
"""

from __future__ import annotations


class LorestreamError(Exception):
    """Root of every error this project raises on purpose."""


class ConfigurationError(LorestreamError):
    """A setting cannot be used.

    Parameters: `origin` is the file, environment variable or flag it came from; `key` the setting's dotted
    name; `problem` what is wrong; `remedy` what to do.
    """

    def __init__(self, origin: str, key: str, problem: str, remedy: str) -> None:
        super().__init__(f"{origin}: {key}: {problem}. {remedy}")
        self.origin, self.key, self.problem, self.remedy = origin, key, problem, remedy


class CodecError(LorestreamError):
    """Bytes in the log could not be turned into a commit."""


class MalformedCommit(CodecError):
    """The message is not JSON, or lacks the envelope of a commit."""


class UnknownEventType(CodecError):
    """No release up to this one has an event of that type."""


class UnknownEventVersion(CodecError):
    """The event's version has no upcaster to the current one."""


class InvalidStreamName(LorestreamError):
    """A category or an id that no subject can carry."""


class LogError(LorestreamError):
    """Root of what can go wrong between us and the log."""


class LogUnavailable(LogError):
    """The log cannot be reached, or cannot store: nothing was written, a later retry may succeed."""


class AppendOutcomeUnknown(LogError):
    """The acknowledgement did not arrive in time; the same append must be retried to learn its fate."""


class VersionConflict(LogError):
    """Another commit took the position that was expected to be free."""

    def __init__(self, stream: str, expected: int) -> None:
        super().__init__(f"{stream} moved on: position {expected} is no longer its last")
        self.stream, self.expected = stream, expected


class CommandIdReused(LogError):
    """The id of a command was used before, for a command with another body or on another stream."""

    def __init__(self, command_id: str, position: int) -> None:
        super().__init__(
            f"command id {command_id!r} was already used for another command at position {position}"
        )
        self.command_id, self.position = command_id, position


class LogMisconfigured(LogError):
    """An existing stream, or the server itself, would let a law of the log be broken."""


class ProjectionError(LorestreamError):
    """Root of what can go wrong with read models."""


class CheckpointMoved(ProjectionError):
    """The checkpoint is not where this projector left it: another one is at work. Nothing was written."""


class PositionNotReached(ProjectionError):
    """A read that asked for "at least position n" gave up waiting."""


class ProjectionUnavailable(ProjectionError):
    """The database of the read models cannot be used right now."""


class CompanionLost(ProjectionError):
    """The process that folds some read models has ended or does not answer; what it had not written is lost."""


class MapError(LorestreamError):
    """Root of what can go wrong with the maps of a game server."""


class MapCacheUnreadable(MapError):
    """A map cache file, or one map in it, cannot be used.

    Parameters: `file` is the path as configured; `map_name` the map concerned, or None for the file as a
    whole; `problem` says what is wrong.
    """

    def __init__(self, file: str, map_name: str | None, problem: str) -> None:
        where = f"{file}, map {map_name!r}" if map_name is not None else file
        super().__init__(f"map cache {where}: {problem}. Copy the file again from the game server")
        self.file, self.map_name, self.problem = file, map_name, problem


class MapUnknown(MapError):
    """None of the configured map caches holds a map of that name."""

    def __init__(self, map_name: str, files: tuple[str, ...]) -> None:
        searched = ", ".join(files) or "no map cache is configured; set rathena.map_cache"
        super().__init__(f"unknown map {map_name[:24]!r} (searched: {searched})")
        self.map_name, self.files = map_name, files


class VectorError(LorestreamError):
    """Root of what can go wrong with vectors of memories."""


class QdrantMissing(VectorError):
    """Vectors are configured, but the optional package qdrant-client is not installed."""


class VectorsUnavailable(VectorError):
    """Qdrant does not answer, or another process has its directory."""


class VectorsDiffer(VectorError):
    """A model embeds otherwise than it did: its vectors cannot be compared with those that are stored."""


class ModelError(LorestreamError):
    """Root of what can go wrong between us and a language model.

    Parameters: `provider` is its key in `conf/providers.toml`; `problem` a short reason without any secret; `status`
    the HTTP status where there was one.
    """

    retryable = False

    def __init__(self, provider: str, problem: str, *, status: int | None = None) -> None:
        super().__init__(f"{provider}: {problem}")
        self.provider, self.problem, self.status = provider, problem, status


class ModelUnavailable(ModelError):
    """The provider cannot be reached, is overloaded or failed on its side."""

    retryable = True


class ModelLost(ModelUnavailable):
    """The connection broke after the question was sent and before anything was answered: it may be charged for."""


class ModelRateLimited(ModelError):
    """The provider wants fewer calls or tokens. `retry_after` is in seconds, None when it did not say."""

    retryable = True

    def __init__(
        self, provider: str, problem: str, *, status: int | None = 429, retry_after: float | None = None
    ) -> None:
        super().__init__(provider, problem, status=status)
        self.retry_after = retry_after


class ModelTimeout(ModelError):
    """No answer within the time given."""


class ModelRefused(ModelError):
    """The provider understood and refuses: a wrong key, model or parameter."""


class ModelAnswerBroken(ModelError):
    """What arrived is no answer: cut off, not JSON, or larger than anybody may answer."""

    retryable = True


class BudgetExhausted(ModelError):
    """There is no money left today; `provider` names the agent or realm whose budget it is."""


class PacketError(LorestreamError):
    """Root of what can go wrong with the game client's packets."""


class PacketUnfit(PacketError):
    """A value that its field cannot hold; `packet` and `field` name the place."""

    def __init__(self, packet: str, field: str, problem: str) -> None:
        super().__init__(f"{packet}.{field}: {problem}")
        self.packet, self.field, self.problem = packet, field, problem


class PacketMalformed(PacketError):
    """Bytes that are not one whole packet we know."""


class ReferenceDataError(LorestreamError):
    """Reference data cannot be imported or read.

    Parameters: `place` is the file or directory; `problem` what is wrong with it; `remedy` what to do.
    """

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        super().__init__(f"{place}: {problem}. {remedy}")
        self.place, self.problem, self.remedy = place, problem, remedy


class ImageError(LorestreamError):
    """Something about a picture went wrong."""


class ImageUnfit(ImageError):
    """The file is not a picture that can be taken. The message is a sentence about `it`, fit for who sent it."""


class ImageBusy(ImageError):
    """Too many pictures are being worked on at once. Trying again later helps."""


class MediaUnavailable(ImageError):
    """The store of pictures' bytes does not answer, or has lost some."""
