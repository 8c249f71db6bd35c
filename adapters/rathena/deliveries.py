"""The durable consumer that brings every request's opening and outcome to this gateway, also after a crash.

A push consumer with explicit acknowledgement: an outcome is acknowledged only when it was handed to a socket or
given up, so a killed gateway's successor of the same name gets what was under way.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from adapters.rathena.callbacks import SWEEP_SECONDS, Callbacks
from adapters.rathena.mailbox import CAPACITY
from adapters.rathena.outcomes import Opening, Outcome, ending_of, opening_of
from events import codec
from events.commit import Recorded
from events.errors import CodecError, LogError
from events.log import Log
from events.subjects import log_filter

logger = structlog.get_logger(__name__)

STREAM = "LOG"
ACK_SECONDS = 4 * SWEEP_SECONDS
"""How soon a successor gets what a killed gateway held; letters in the mailbox are touched more often."""
MAX_UNACKNOWLEDGED = 2 * CAPACITY
RETRY_SECONDS = 0.5
CHECK_SECONDS = 15.0
PENDING_MESSAGES = 16_384


class Deliveries:
    """Feeds `Callbacks` from the log for as long as it runs."""

    def __init__(self, client: Client, log: Log, callbacks: Callbacks, gateway: str) -> None:
        self._client = client
        self._log = log
        self._callbacks = callbacks
        self._durable = f"callbacks-{gateway}-{log.realm}"
        self._subject = f"callbacks.{log.realm}.{gateway}"
        self.unreadable = 0

    async def start(self) -> None:
        """Create the consumer, or find it, and begin; returns once deliveries flow.

        A new gateway starts with what happens from now on; a known one goes on where it was. Retries for as long
        as JetStream does not answer.
        """
        await self._client.subscribe(self._subject, cb=self._receive, pending_msgs_limit=PENDING_MESSAGES)
        while True:
            try:
                await self._ensure()
            except (NatsError, JetStreamError, OSError, TimeoutError) as error:
                logger.info("waiting for the log to deliver outcomes", reason=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def keep(self) -> None:
        """Make the consumer anew should somebody delete it; ends when cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with suppress(NatsError, JetStreamError, OSError, TimeoutError):
                await self._ensure()

    async def _ensure(self) -> None:
        jetstream = self._client.jetstream(timeout=5)
        try:
            await jetstream.consumer_info(STREAM, self._durable)
        except NotFoundError:
            config = ConsumerConfig(
                durable_name=self._durable,
                description="Lorestream: outcomes for a gateway",
                deliver_subject=self._subject,
                deliver_policy=DeliverPolicy.NEW,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_SECONDS,
                max_ack_pending=MAX_UNACKNOWLEDGED,
                filter_subject=log_filter(self._log.realm, "request"),
            )
            await jetstream.add_consumer(STREAM, config)

    async def _receive(self, message: Msg) -> None:
        try:
            recorded = Recorded(message.metadata.sequence.stream, codec.decode(message.data))
        except (CodecError, NatsError) as error:
            self.unreadable += 1
            logger.error("a request in the log cannot be read", subject=message.subject, reason=str(error))
            await _settle(message)
            return
        try:
            await self._take(recorded, message)
        except LogError as error:
            # Not acknowledged: it comes again.
            logger.info("an outcome could not be matched to its request yet", reason=str(error))
        except Exception:
            logger.exception("an outcome could not be delivered; it comes again", subject=message.subject)

    async def _take(self, recorded: Recorded, message: Msg) -> None:
        request_id = recorded.commit.entity
        opening = opening_of(recorded)
        if opening is not None:
            self._callbacks.opened(request_id, opening)
        for event in recorded.commit.events:
            ending = ending_of(event)
            if ending is None:
                continue
            opening = opening or self._callbacks.opening(request_id) or await self._look_up(recorded)
            if opening is None:
                logger.error("an outcome without an opened request", request=request_id)
                break
            status, code, told, result = ending
            elapsed = max(0, recorded.commit.at - opening.at) // 1000
            await self._callbacks.ended(
                Outcome(
                    request_id,
                    recorded.position,
                    opening,
                    status,
                    int(code),
                    told,
                    result,
                    elapsed,
                    settle=partial(_settle, message),
                    touch=partial(_touch, message),
                )
            )
            return
        await _settle(message)

    async def _look_up(self, recorded: Recorded) -> Opening | None:
        # The gateway was restarted between the opening and the outcome.
        async for earlier in self._log.read(recorded.commit.stream, up_to=recorded.position):
            opening = opening_of(earlier)
            if opening is not None:
                return opening
        return None


async def _settle(message: Msg) -> None:
    with suppress(NatsError, OSError):
        await message.ack()


async def _touch(message: Msg) -> None:
    with suppress(NatsError, OSError):
        await message.in_progress()
