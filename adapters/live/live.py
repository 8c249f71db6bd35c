"""The hub: news is read once for all pages that listen, some times a second, and not at all when nobody does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import structlog
from pydantic_core import to_json

from adapters.accounts.signed import Signed
from adapters.accounts.tokens import TokenInvalid
from adapters.live.campaign_news import CampaignNews
from adapters.live.limits import Limits
from adapters.live.messages import encoded, events_message
from adapters.live.npcs import news_of
from adapters.live.page import Page
from adapters.live.topics import FOLLOWS_THE_LOG, Subscription, Topic
from adapters.sql.reader import Reader
from events.commit import Json
from events.errors import LorestreamError
from projections import checkpoints, feed_places
from projections.feed_pages import Filters

logger = structlog.get_logger(__name__)

OPERATORS = ("operator",)
KNOW_THE_WORLD = ("gamemaster", "operator")
QUIET_SECONDS = 10.0
"""The least time between two warnings about the same trouble."""


class TooManyPages(Exception):
    """This account, or all together, have as many sockets as there may be."""


class NotPermitted(Exception):
    """The topic is not for this account."""


class Live:
    """Keeps pages up to date. `publish` and the methods about pages are for the event loop's own thread."""

    def __init__(
        self,
        reader: Reader,
        signed: Callable[[str], Awaitable[Signed]],
        health: Callable[[], Awaitable[Json]],
        campaigns: CampaignNews,
        limits: Limits | None = None,
    ) -> None:
        """`signed` tells whose token it is or raises `TokenInvalid`; `health` is what `/health` answers."""
        self._reader, self._signed, self._health, self._campaigns = reader, signed, health, campaigns
        self.limits = limits or Limits()
        self._pages: dict[Page, Callable[[str, str], None]] = {}
        self._accounts: Counter[str] = Counter()
        self._listeners: dict[str, dict[Page, Subscription]] = {}
        self._published: dict[str, list[tuple[Json, str | None]]] = {}
        self._position: int | None = None
        self._running: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._polled = self._told_health = self._warned = 0.0
        self._last_health: bytes = b""
        self._sockets = 0
        self._closing = False

    @property
    def pages(self) -> int:
        """How many sockets are signed in."""
        return len(self._pages)

    @property
    def head(self) -> int:
        """How far the feed is known to be."""
        return self._reader.positions.get("feed", 0)

    def publish(self, topic: str, item: Json, *, to: str | None = None) -> None:
        """Send an item to everybody who listens to a topic, or only to the account `to`, within a tenth of a second.

        `chat:<campaign id>` items are sent as they are, those of other topics in an `events` message. Nothing is kept
        for those who do not listen.
        """
        if topic in self._listeners:
            waiting = self._published.setdefault(topic, [])
            if len(waiting) < self.limits.unsent:
                waiting.append((item, to))

    def admit(self) -> bool:
        """Whether one more socket may be opened, signed in or not; `dismissed` when it is closed."""
        if self._sockets >= self.limits.sockets or self._closing:
            return False
        self._sockets += 1
        return True

    def dismissed(self) -> None:
        self._sockets -= 1

    def join(self, page: Page, dismiss: Callable[[str, str], None]) -> None:
        """Take a page in; `dismiss(code, detail)` ends it. Raises `TooManyPages`."""
        account = page.signed.account_id
        if self._closing:
            raise TooManyPages("the gateway ends")
        if self._accounts[account] >= self.limits.sockets_per_account:
            raise TooManyPages(f"you have {self.limits.sockets_per_account} pages open already; close some")
        self._pages[page] = dismiss
        self._accounts[account] += 1
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="live")
            self._checking = asyncio.create_task(self._check(), name="live permissions")

    def leave(self, page: Page) -> None:
        """Forget a page."""
        if self._pages.pop(page, None) is not None:
            account = page.signed.account_id
            self._accounts[account] -= 1
            if not self._accounts[account]:
                del self._accounts[account]
        for name in list(page.subscriptions):
            self.unsubscribe(page, name)

    async def subscribe(self, page: Page, topic: Topic, filters: Filters) -> int:
        """Let a page listen; from which position on it hears. Raises `NotPermitted`, `LorestreamError`."""
        await self.permit(page.signed, topic)
        if topic.kind in FOLLOWS_THE_LOG and self._position is None:
            self._position = await self._head()
        position = self._position or self.head
        subscription = Subscription(topic, position, filters)
        page.subscriptions[topic.name] = subscription
        self._listeners.setdefault(topic.name, {})[page] = subscription
        if topic.kind == "health":
            self._last_health = b""
        return position

    def unsubscribe(self, page: Page, name: str) -> None:
        page.subscriptions.pop(name, None)
        listeners = self._listeners.get(name)
        if listeners is not None:
            listeners.pop(page, None)
            if not listeners:
                del self._listeners[name]
                self._published.pop(name, None)

    async def permit(self, signed: Signed, topic: Topic) -> None:
        """Raises `NotPermitted` when the topic is not for this account."""
        if topic.kind in {"feed", "health"}:
            if not signed.has(*OPERATORS):
                raise NotPermitted(f"{topic.name} needs the role operator; yours is {signed.role}")
        elif topic.kind == "npc":
            if not signed.has(*KNOW_THE_WORLD):
                raise NotPermitted(f"people of the world need the role gamemaster; yours is {signed.role}")
        elif not await self._campaigns.is_member(topic.campaign_id, signed):
            raise NotPermitted("there is no such campaign, or you are not one of its members")

    async def close(self) -> None:
        """Say goodbye to all pages and stop."""
        self._closing = True
        for dismiss in list(self._pages.values()):
            dismiss("going_away", "the gateway ends; connect again")
        for task in (self._running, self._checking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while self._pages:
            began = monotonic()
            try:
                await self._tick(began)
            except LorestreamError as error:
                self._warn("live pages wait for the read models", error)
            except Exception as error:  # a page that waits is better than none
                self._warn("live pages missed something", error)
                logger.debug("live", exc_info=True)
            await asyncio.sleep(max(0.0, self.limits.tick - (monotonic() - began)))
        self._position = None

    async def _tick(self, now: float) -> None:
        self._send_published()
        if any(_kind(name) in FOLLOWS_THE_LOG for name in self._listeners):
            await self._send_news(now)
        else:
            self._position = None
        if "health" in self._listeners and now - self._told_health >= self.limits.health:
            self._told_health = now
            await self._send_health()

    def _send_published(self) -> None:
        published, self._published = self._published, {}
        for topic, items in published.items():
            for page, subscription in self._listening(topic):
                mine = [item for item, to in items if to in (None, page.signed.account_id)]
                if subscription.topic.kind == "chat":
                    for item in mine:
                        page.deliver(subscription, encoded({"type": "chat", **item}), subscription.seen)
                elif mine:
                    page.deliver(
                        subscription, events_message(topic, map(to_json, mine), None), subscription.seen
                    )

    async def _send_news(self, now: float) -> None:
        if now - self._polled >= self.limits.poll:
            # The projector's signals are sent once and may be lost.
            self._polled = now
            self._reader.advance(await self._reader.run(checkpoints.positions))
        head, seen = self.head, self._position
        if seen is None or head < seen:
            self._position = head
            return
        if head == seen:
            return
        if head - seen > self.limits.behind:
            self._skip(seen, head)
            return
        up_to = min(head, seen + self.limits.rows)
        found = await self._reader.run(feed_places.rows, seen + 1, up_to - seen)
        self._position = up_to
        self._send_feed(found["items"], up_to)
        self._send_npcs(found["items"], up_to)
        if any(_kind(name) == "campaign" for name in self._listeners):
            await self._send_campaigns(found["items"], up_to)

    def _skip(self, seen: int, head: int) -> None:
        """More has happened than anybody reads: pages are told to look for themselves."""
        self._position = head
        for topic in list(self._listeners):
            for page, subscription in self._listening(topic):
                if subscription.topic.kind in FOLLOWS_THE_LOG:
                    subscription.missed = min(seen, subscription.seen)
                    page.deliver(subscription, None, head)

    def _send_feed(self, rows: Sequence[Json], head: int) -> None:
        encoded: list[tuple[Json, bytes]] = [(row, to_json(row)) for row in rows]
        messages: dict[Filters, str | None] = {}
        for page, subscription in self._listening("feed"):
            if subscription.seen >= head:
                continue
            filters = subscription.filters
            if filters not in messages:
                fits = filters.matcher()
                kept = [text for row, text in encoded if fits(row)]
                messages[filters] = events_message("feed", kept, head) if kept else None
            page.deliver(subscription, messages[filters], head)

    def _send_npcs(self, rows: Sequence[Json], head: int) -> None:
        listened = {name.partition(":")[2] for name in self._listeners if _kind(name) == "npc"}
        for npc_id, items in (news_of(listened, rows) if listened else {}).items():
            name = f"npc:{npc_id}"
            for page, subscription in self._listening(name):
                fresh = [item for item in items if item["position"] > subscription.seen]
                if fresh:
                    page.deliver(subscription, events_message(name, map(to_json, fresh), head), head)

    async def _send_campaigns(self, rows: Sequence[Json], head: int) -> None:
        for campaign_id, items in (await self._campaigns.of(rows)).items():
            name = f"campaign:{campaign_id}"
            for page, subscription in self._listening(name):
                fresh = [item for item in items if item["position"] > subscription.seen]
                mine = await self._campaigns.seen_by(campaign_id, page.signed, fresh) if fresh else ()
                if mine and page.subscriptions.get(name) is subscription:
                    page.deliver(subscription, events_message(name, map(to_json, mine), head), head)

    async def _send_health(self) -> None:
        found = to_json(await self._health(), inf_nan_mode="null")
        if found != self._last_health:
            self._last_health = found
            message = events_message("health", (found,), self.head)
            for page, subscription in self._listening("health"):
                page.deliver(subscription, message, subscription.seen)

    def _listening(self, topic: str) -> list[tuple[Page, Subscription]]:
        return list(self._listeners.get(topic, {}).items())

    async def _head(self) -> int:
        self._reader.advance(await self._reader.run(checkpoints.positions))
        return self.head

    async def _check(self) -> None:
        """Look again and again whether pages may still see what they see."""
        while self._pages:
            await asyncio.sleep(self.limits.recheck)
            for page in list(self._pages):
                try:
                    await self._check_page(page)
                except LorestreamError as error:
                    self._warn("permissions of live pages cannot be looked up", error)

    async def _check_page(self, page: Page) -> None:
        try:
            page.signed = await self._signed(page.token)
        except TokenInvalid as error:
            dismiss = self._pages.get(page)
            if dismiss is not None:
                dismiss("token_expired" if error.expired else "token_invalid", str(error))
            return
        for name, subscription in list(page.subscriptions.items()):
            try:
                await self.permit(page.signed, subscription.topic)
            except NotPermitted as error:
                self.unsubscribe(page, name)
                page.problem("not_permitted", str(error), name)

    def _warn(self, what: str, error: Exception) -> None:
        if monotonic() - self._warned > QUIET_SECONDS:
            self._warned = monotonic()
            logger.warning(what, error=f"{type(error).__name__}: {error}"[:300])


def _kind(name: str) -> str:
    return name.partition(":")[0]
