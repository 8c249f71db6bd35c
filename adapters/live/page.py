"""One signed-in page: what it is subscribed to, and what waits to be sent to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from adapters.accounts.signed import Signed
from adapters.live.limits import Limits
from adapters.live.outbox import Outbox
from adapters.live.topics import Subscription


@dataclass(slots=True, eq=False)
class Page:
    """A page behind a socket; `token` is the access token it showed last, `signed` who that is."""

    limits: Limits
    signed: Signed
    token: str
    outbox: Outbox = field(init=False)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.limits.waiting, self.limits.waiting_bytes)

    def tell(self, message: dict[str, Any]) -> bool:
        """Send a message of ours; False when there is no room for it."""
        return self.outbox.put(to_json(message, inf_nan_mode="null").decode())

    def problem(self, code: str, detail: str, topic: str | None = None) -> None:
        """Say what could not be done."""
        told = {"type": "problem", "code": code, "detail": detail, "topic": topic}
        self.tell({name: value for name, value in told.items() if value is not None})

    def deliver(self, subscription: Subscription, message: str | None, up_to: int) -> None:
        """Send items of a topic up to a position, or, when the page reads too slowly, say once what it missed."""
        if subscription.missed is not None:
            lagging = {"type": "lagging", "topic": subscription.topic.name, "from": subscription.missed}
            # Only with room for what follows: else the next message would be missed again.
            if len(self.outbox) > self.limits.waiting // 2 or not self.tell(lagging):
                subscription.seen = max(subscription.seen, up_to)
                return
            subscription.missed = None
        if message is not None and not self.outbox.put(message):
            subscription.missed = subscription.seen
        subscription.seen = max(subscription.seen, up_to)
