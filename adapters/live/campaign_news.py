"""What the live pages want of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from adapters.accounts.signed import Signed
from events.commit import Json


class CampaignNews(Protocol):
    """What in the feed's rows is news of a campaign, and who may see it."""

    async def of(self, rows: Sequence[Json]) -> dict[str, list[Json]]:
        """By campaign id, the items those `rows` are; each has a `position`."""
        ...

    async def seen_by(self, campaign_id: str, signed: Signed, items: Sequence[Json]) -> Sequence[Json]:
        """Those of `items` that a member may see, as he may see them."""
        ...

    async def is_member(self, campaign_id: str, signed: Signed) -> bool:
        """Whether the account may listen to a campaign at all."""
        ...
