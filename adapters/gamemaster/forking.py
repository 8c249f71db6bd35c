"""Copying campaigns: whoever begins a fork is answered at once, and here the rest is done, however often it takes.

Part of the role `agents`. A fork whose process dies is taken up by another from its commit: every copy has an id that
follows from the fork, so that what was copied before is only found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.nats.ports import CommandBus
from adapters.nats.work import work
from adapters.sql.reader import Reader
from commands.campaign import CAMPAIGN
from commands.campaign_fork import MAX_ELEMENTS, copy_id, renamed
from commands.codes import Code
from commands.forms.field import is_id
from commands.loader import StreamLoader
from commands.membership import OWNER
from commands.message import CommandMessage, Reply
from events import codec
from events.campaign import CampaignForkBegun
from events.commit import Commit, Json
from events.errors import CodecError, LogError, LogUnavailable, ProjectionError
from events.log import Log
from events.subjects import log_filter
from projections.characters import characters_at
from projections.forks import PAGE, ids_then, whole_then
from projections.images import stored_among
from projections.sight import Viewer

logger = structlog.get_logger(__name__)

CONCURRENCY = 2
"""Forks at a time: while one is worked on, another begins."""
AT_ONCE = 32
"""Copies under way."""
REDELIVER_SECONDS = 10.0
MOST_TRIES = 5
"""A fork that fails so often in an unforeseen way has failed."""
SEND_SECONDS = 10.0
READ_SECONDS = 30.0
FAILED = "It could not be copied. The log of the service says more."


class Unfit(Exception):
    """Something cannot be copied as it is; the argument says what and why."""


class Forks:
    """The process manager of forks. `run` serves until `stop` is set."""

    def __init__(
        self, client: Client, log: Log, bus: CommandBus, loader: StreamLoader, reader: Reader
    ) -> None:
        self._client, self._log, self._bus = client, log, bus
        self._loader, self._reader = loader, reader
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Copy what is to be copied until `stop` is set; what is not finished then, another process takes up."""
        self._stop = stop
        await work(
            self._client,
            stream="LOG",
            durable=f"forks-{self._log.realm}",
            filter_subject=log_filter(self._log.realm, "campaign"),
            handle=self.handle,
            stop=stop,
            concurrency=CONCURRENCY,
            redeliver_seconds=REDELIVER_SECONDS,
        )

    async def handle(self, message: Msg) -> bool:
        """Work on one message of the log. True when it needs no further delivery."""
        try:
            commit = codec.decode(message.data)
        except CodecError as error:
            logger.error("a campaign in the log cannot be read", subject=message.subject, reason=str(error))
            return True
        begun = next((event for event in commit.events if isinstance(event, CampaignForkBegun)), None)
        if begun is None:
            return True
        try:
            return await self._copy(commit, begun)
        except (LogError, ProjectionError) as error:
            logger.info("a fork goes on later", campaign=commit.entity, reason=str(error)[:200])
            return False
        except Unfit as unfit:
            await self._send(commit, "campaign.fail_fork", commit.stream, {"problem": str(unfit)[:500]})
        except Exception:
            tries = message.metadata.num_delivered or 1
            logger.exception("a fork could not be worked on", campaign=commit.entity, tries=tries)
            if tries < MOST_TRIES:
                return False
            await self._send(commit, "campaign.fail_fork", commit.stream, {"problem": FAILED})
        return True

    async def _copy(self, commit: Commit, begun: CampaignForkBegun) -> bool:
        """Everything that is not copied yet. False when the process ends before it is done."""
        if not (await self._loader.current(CAMPAIGN, commit.stream)).state.forking:
            return True
        origin, at = begun.origin, begun.position
        originals = await self._reader.run(
            ids_then, origin, at, MAX_ELEMENTS + 1, at_least=at, timeout=READ_SECONDS
        )
        ids = {each: copy_id(commit.entity, each) for each in originals}
        shown: dict[str, str] = {}
        for start in range(0, len(originals), PAGE):
            if self._stop.is_set():
                return False
            some = originals[start : start + PAGE]
            rows = await self._reader.run(whole_then, origin, at, some, timeout=READ_SECONDS)
            shown |= {_picture(row): ids[row["element_id"]] for row in rows}
            if len(rows) != len(some):
                raise Unfit(f"{len(some) - len(rows)} elements of the original cannot be read as they were")
            copies = [self._element(commit, begun, row, ids) for row in rows]
            for first in range(0, len(copies), AT_ONCE):
                await self._send_all(commit, copies[first : first + AT_ONCE])
        owner = Viewer(commit.actor.id, OWNER)
        party = await self._reader.run(characters_at, origin, owner, at, timeout=READ_SECONDS)
        for each in party:
            args = {
                "character_id": copy_id(commit.entity, each["character_id"]),
                "fields": _pictured(renamed("character", each["fields"], ids), commit.entity),
                "player": each["player"],
            }
            shown[_picture(each)] = args["character_id"]
            await self._send_all(commit, [("campaign.copy_character", commit.stream, args)])
        await self._copy_pictures(commit, origin, {image: of for image, of in shown.items() if image})
        done = {"elements": len(originals), "characters": len(party)}
        _require(await self._send(commit, "campaign.finish_fork", commit.stream, done), commit.stream)
        return True

    def _element(
        self, commit: Commit, begun: CampaignForkBegun, row: Json, ids: dict[str, str]
    ) -> tuple[str, str, Json]:
        args = {
            "campaign_id": commit.entity,
            "kind": row["kind"],
            "fields": _pictured(renamed(row["kind"], row["fields"], ids), commit.entity),
            "origin": begun.origin,
            "element_id": row["element_id"],
            "version": row["version"],
            "position": begun.position,
            "visibility": row["visibility"],
            "members": row["members"],
            "field_visibility": row["field_visibility"],
        }
        return "element.copy", f"element/{ids[row['element_id']]}", args

    async def _copy_pictures(self, commit: Commit, origin: str, shown: Mapping[str, str]) -> None:
        """The pictures of elements and characters, which have the bytes of the original's; those removed since stay
        away, as they do there. `shown` maps each to whose it is in the copy."""
        wanted = sorted(shown)
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            for row in await self._reader.run(stored_among, origin, some, timeout=READ_SECONDS):
                picture = {
                    part: row[part] for part in ("sha256", "width", "height", "mime", "bytes", "sizes")
                }
                args = {
                    "campaign_id": commit.entity,
                    "picture": picture,
                    "element_id": shown[row["image_id"]],
                    "alt": row["alt"],
                    "provenance": {**row["provenance"], "copy_of": row["image_id"]},
                }
                stream = f"image/{copy_id(commit.entity, row['image_id'])}"
                _require(await self._send(commit, "image.copy", stream, args), stream)

    async def _send_all(self, commit: Commit, copies: Sequence[tuple[str, str, Json]]) -> None:
        replies = await asyncio.gather(*(self._send(commit, *each) for each in copies))
        for (_, stream, args), reply in zip(copies, replies, strict=True):
            _require(reply, f"{args['fields'].get('name', '')} ({stream})")

    async def _send(self, commit: Commit, name: str, stream: str, args: Json) -> Reply:
        """On behalf of who forks. Raises `LogUnavailable` where it is not known what became of it."""
        what = args.get("character_id") or stream.partition("/")[2]
        message = CommandMessage(
            id=f"fork/{commit.entity}/{name}/{what}",
            name=name,
            stream=stream,
            args=args,
            actor=commit.actor,
            correlation_id=commit.correlation_id,
            causation_id=commit.id,
        )
        reply = await self._bus.send(message, timeout=SEND_SECONDS)
        if reply.passing:
            raise LogUnavailable(f"{name} on {stream} was not confirmed: {reply.message}")
        return reply


def _picture(row: Json) -> str:
    return str(row["fields"].get("image_id") or "")


def _pictured(fields: Json, fork: str) -> Json:
    """Fields whose picture is the copy's own, whether or not there still is one: a repetition must not differ."""
    image = fields.get("image_id")
    return {**fields, "image_id": copy_id(fork, image)} if isinstance(image, str) and is_id(image) else fields


def _require(reply: Reply, what: str) -> None:
    """What was there before is as good as copied. Raises `Unfit`."""
    if not reply.success and reply.code != Code.ALREADY_EXISTS:
        raise Unfit(f"{what}: {reply.message}")
