"""Working on images: pictures that were asked for are made, bytes that nobody needs are taken away.

Part of the role `agents`. A request whose process dies is delivered to another; a decision of a model is recorded
before it is used, and its bytes are in the store before that, so that no picture is paid for twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.images.card import Card
from adapters.images.rendition import Developed
from adapters.images.store import MediaStore
from adapters.images.studio import Studio
from adapters.llm.adviser import Advice, Adviser, Cause
from adapters.llm.book import AgentEntry, ModelBook
from adapters.llm.prompts import PromptBook
from adapters.nats.ports import CommandBus
from adapters.nats.work import work
from adapters.sql.reader import Reader
from commands.agents import illustration
from commands.allowance import used_up
from commands.image import ILLUSTRATOR, IMAGE
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events import codec
from events.commit import Commit, Json
from events.errors import (
    CodecError,
    ImageBusy,
    ImageUnfit,
    LogError,
    LogUnavailable,
    LorestreamError,
    MediaUnavailable,
    ProjectionError,
)
from events.image import ImageRemoved, ImageRequested
from events.log import Log
from events.subjects import log_filter
from projections import images

logger = structlog.get_logger(__name__)

CONCURRENCY = 4
"""Pictures in hand: most of the time one waits for a model."""
REDELIVER_SECONDS = 10.0
MOST_TRIES = 5
"""A request that fails so often in an unforeseen way has failed."""
GRACE_SECONDS = 5.0
"""What a request in hand has left when the process is told to end; another process takes it up then."""
SEND_SECONDS = 5.0
SWEEP_SECONDS = 3600.0
SWEEP_PAGE = 200
FIRST_SWEEP_SECONDS = 120.0

FAILED = "It could not be made. The log of the service says more."

LICENCES = {
    "model": "Made by a model; the terms of its provider apply.",
    "placeholder": "Drawn by Lorestream. No rights reserved (CC0 1.0).",
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A picture, where it is from, and the decision it rests on, if there is one."""

    picture: Developed
    provenance: Json
    advice: Advice | None = None


class Illustrator:
    """The process manager of images. `run` serves until `stop` is set."""

    def __init__(
        self,
        client: Client,
        log: Log,
        bus: CommandBus,
        loader: StreamLoader,
        reader: Reader,
        adviser: Adviser,
        book: ModelBook,
        templates: PromptBook,
        *,
        store: MediaStore | None = None,
        studio: Studio | None = None,
    ) -> None:
        self._client, self._log, self._bus = client, log, bus
        self._loader, self._reader = loader, reader
        self._adviser, self._book, self._templates = adviser, book, templates
        self._store = store or MediaStore(client, log.realm)
        self._studio = studio or Studio()
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work on what is asked for until `stop` is set; what is in hand then gets a moment."""
        self._stop = stop
        sweeping = asyncio.create_task(self._keep_sweeping(), name="pictures nobody needs")
        try:
            await work(
                self._client,
                stream="LOG",
                durable=f"images-{self._log.realm}",
                filter_subject=log_filter(self._log.realm, "image"),
                handle=self.handle,
                stop=stop,
                concurrency=CONCURRENCY,
                redeliver_seconds=REDELIVER_SECONDS,
            )
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)
            await self._store.close()

    async def handle(self, message: Msg) -> bool:
        """Work on one message of the log. True when it needs no further delivery."""
        try:
            commit = codec.decode(message.data)
        except CodecError as error:
            logger.error("an image in the log cannot be read", subject=message.subject, reason=str(error))
            return True
        doing = asyncio.ensure_future(self._serve(commit, message.metadata.num_delivered or 1))
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({doing, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                await asyncio.wait({doing}, timeout=GRACE_SECONDS)
            return doing.result() if doing.done() else False
        finally:
            for task in (doing, stopped):
                task.cancel()
            await asyncio.gather(doing, stopped, return_exceptions=True)

    async def sweep(self) -> int:
        """Take away bytes that no image needs and nobody is about to use: what was left by whoever died between
        storing bytes and committing them. How many. Raises `MediaUnavailable`, `ProjectionError`, `LogError`."""
        gone = 0
        rested = await self._store.rested()
        for start in range(0, len(rested), SWEEP_PAGE):
            gone += await self._take_away(rested[start : start + SWEEP_PAGE])
        return gone

    async def _serve(self, commit: Commit, tries: int) -> bool:
        event = commit.events[0]
        try:
            if isinstance(event, ImageRequested):
                await self._illustrate(commit, event)
            elif isinstance(event, ImageRemoved):
                # False while some may still be about to be used: they are looked at again.
                return await self._take_away(event.files) == len(event.files)
        except (ImageBusy, MediaUnavailable, LogError, ProjectionError) as error:
            logger.info("an image is worked on later", image=commit.entity, reason=str(error)[:200])
            return False
        except Exception:
            logger.exception("an image could not be worked on", image=commit.entity, tries=tries)
            if tries < MOST_TRIES:
                return False
            if isinstance(event, ImageRequested):
                await self._send(commit, "fail", {"problem": FAILED})
        return True

    async def _illustrate(self, commit: Commit, event: ImageRequested) -> None:
        state = (await self._loader.current(IMAGE, commit.stream)).state
        if state.status != "requested":
            return
        made = await self._make(commit, event)
        for rendition in made.picture.renditions.values():
            await self._store.put(rendition.content)
        whom = {"by": commit.actor.id, "by_name": str(commit.actor.details.get("name", ""))}
        told = made.picture.told()
        command, reply = await self._send(
            commit, "store", {"picture": told, "provenance": {**made.provenance, **whom}}
        )
        if made.advice is not None:
            await self._adviser.judge(made.advice, command, reply)
        if not reply.success:
            logger.info("a picture was not wanted any more", image=commit.entity, reason=reply.message)

    async def _make(self, commit: Commit, event: ImageRequested) -> _Made:
        """A model's picture, or a card where no model makes one."""
        entry = self._book.agents.get(illustration.AGENT)
        problem = "no provider that makes pictures is switched on"
        if (
            entry is not None
            and entry.route != "template"
            and self._adviser.enabled(entry.key, pictures=True)
        ):
            try:
                return await self._ask(commit, event, entry)
            except Rejected as no:
                problem = no.message
            except ImageUnfit as unfit:
                problem = str(unfit)
        drawn = await self._studio.draw(_card(event))
        told = {"route": "placeholder", "problem": problem[:300], "licence": LICENCES["placeholder"]}
        return _Made(drawn, told)

    async def _ask(self, commit: Commit, event: ImageRequested, entry: AgentEntry) -> _Made:
        """Raises `ImageUnfit` when no model gave a picture, `Rejected` when the question cannot be put."""
        subject = event.subject
        inputs: Json = {
            "kind": subject.kind,
            "name": subject.name,
            "detail": subject.detail,
            "wish": event.prompt,
            "size": event.size,
            "quality": event.quality,
            "campaign_id": event.campaign_id,
        }
        ask = illustration.render(inputs, self._templates.of(entry.prompt, illustration.NAME))
        arrived: list[bytes] = []

        async def keep(content: bytes) -> None:
            arrived.append(content)
            # Without the store this process still has it; another one would find the decision without its picture.
            with suppress(MediaUnavailable):
                await self._store.put(content)

        advice = await self._adviser.advise(
            Cause.of(commit),
            ask,
            illustration.read,
            deadline=asyncio.get_running_loop().time() + entry.response_timeout / 1000,
            on_content=keep,
        )
        made = advice.made
        if made.proposal is None:
            raise ImageUnfit(used_up(made.problem) or f"no model made a picture: {made.problem}")
        content = arrived[-1] if arrived else await self._store.get(str(made.proposal["sha256"]))
        if content is None:
            raise ImageUnfit("the picture a model made was lost before it was stored")
        picture = await self._studio.develop(content)
        told: Json = {
            "route": made.route,
            "provider": made.provider,
            "model": made.model,
            "prompt": "\n\n".join(message.content for message in ask.messages),
            "decision_id": advice.decision_id,
            "cost": made.cost,
            "format": picture.format,
            "original": str(made.proposal["sha256"]),
            "licence": LICENCES["model"],
        }
        return _Made(picture, told, advice)

    async def _send(self, commit: Commit, verb: str, args: Json) -> tuple[CommandMessage, Reply]:
        command = CommandMessage(
            id=f"images/{commit.entity}/{verb}",
            name=f"image.{verb}",
            stream=commit.stream,
            args=args,
            actor=ILLUSTRATOR,
            correlation_id=commit.correlation_id,
            causation_id=commit.id,
        )
        reply = await self._bus.send(command, timeout=SEND_SECONDS)
        if reply.passing:
            raise LogUnavailable(f"{command.name} on {command.stream} was not confirmed: {reply.message}")
        return command, reply

    async def _take_away(self, digests: Collection[str]) -> int:
        """Remove those bytes that are needed no more; how many are gone, or needed by others."""
        head = (await self._log.head()).position
        # Up to the end of the log: an image that is not known of yet may have the same bytes.
        needed = await self._reader.run(images.needed, tuple(digests), at_least=head, timeout=SEND_SECONDS)
        settled = 0
        for digest in digests:
            settled += digest in needed or await self._store.remove(digest)
        return settled

    async def _keep_sweeping(self) -> None:
        await asyncio.sleep(FIRST_SWEEP_SECONDS)
        while True:
            try:
                await self.sweep()
            except LorestreamError as error:
                logger.info("pictures nobody needs stay for now", reason=str(error)[:200])
            await asyncio.sleep(SWEEP_SECONDS)


def _card(event: ImageRequested) -> Card:
    subject = event.subject
    seed = event.element_id or f"{event.campaign_id}/{event.prompt}"
    return Card(seed, subject.kind, subject.label, subject.name or _title(event.prompt))


def _title(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= 40 else line[:39].rstrip() + "…"
