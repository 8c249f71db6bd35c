"""News of campaigns out of the feed, each member's own: what he may not see is not even hinted at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.accounts.signed import Signed
from adapters.http.access import LEADS, campaign_role
from adapters.sql.reader import Reader
from events import codec
from events.commit import Commit, Json
from events.errors import CodecError
from events.log import Log

WITHIN = frozenset({"campaign", "dice", "element", "proposal", "image"})
"""Categories whose streams belong to a campaign."""
FOR_ALL = frozenset({"campaign", "dice"})
"""Categories that every member may know of."""
NAMED_AFTER = frozenset({"campaign", "dice"})
"""Categories whose streams are named after the campaign; events of others name it."""


class CampaignListeners:
    """Implements `adapters.live.live.CampaignNews`."""

    def __init__(self, reader: Reader, log: Log) -> None:
        self._reader, self._log = reader, log

    async def is_member(self, campaign_id: str, signed: Signed) -> bool:
        return bool(await self._role(campaign_id, signed))

    async def of(self, rows: Sequence[Json]) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        read: dict[int, Commit | None] = {}
        for row in rows:
            category, _, entity = row["stream"].partition("/")
            if category not in WITHIN:
                continue
            position = row["position"]
            if category not in NAMED_AFTER and position not in read:
                read[position] = await self._commit(position)
            campaign_id = entity if category in NAMED_AFTER else _campaign_of(read[position], row["index"])
            if campaign_id:
                found.setdefault(campaign_id, []).append(
                    {name: row[name] for name in ("position", "index", "at", "type", "actor", "version")}
                    | {"category": category, f"{category}_id": entity}
                )
        return found

    async def seen_by(self, campaign_id: str, signed: Signed, items: Sequence[Json]) -> Sequence[Json]:
        role = await self._role(campaign_id, signed)
        if role in LEADS:
            return items
        return [item for item in items if item["category"] in FOR_ALL] if role else ()

    async def _role(self, campaign_id: str, signed: Signed) -> str | None:
        role = await self._reader.run(campaign_role, campaign_id, signed.account_id)
        return "owner" if role is not None and signed.role == "admin" else role

    async def _commit(self, position: int) -> Commit | None:
        stored = await self._log.at(position)
        try:
            return None if stored is None else codec.decode(stored.body)
        except CodecError:
            return None


def _campaign_of(commit: Commit | None, ordinal: int) -> str:
    if commit is None or ordinal >= len(commit.events):
        return ""
    found: Any = getattr(commit.events[ordinal], "campaign_id", "")
    return found if isinstance(found, str) else ""
