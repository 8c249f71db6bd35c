"""News of campaigns out of the feed, each member's own: what he may not see is not even hinted at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.accounts.signed import Signed
from adapters.http.access import LEADS, campaign_role
from adapters.sql.reader import Reader
from events import codec
from events.commit import Commit, Json
from events.errors import CodecError, ProjectionError
from events.log import Log
from projections import campaign_time
from projections.sight import Viewer

WITHIN = frozenset({"campaign", "dice", "element", "proposal", "image"})
"""Categories whose streams belong to a campaign."""
FOR_ALL = frozenset({"dice"})
"""Categories that every member may know of."""
BY_CHANGE = frozenset({"campaign", "element"})
"""Categories of which a member hears what the list of changes would tell him, and nothing else."""
MAX_CHANGES = 200
PATIENCE_SECONDS = 1.0
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
        if not role:
            return ()
        changed = [item["position"] for item in items if item["category"] in BY_CHANGE]
        told: set[tuple[int, int]] = set()
        if changed:
            told = await self._told(campaign_id, Viewer(signed.account_id, role), min(changed), max(changed))
        return [
            _for_players(item)
            for item in items
            if item["category"] in FOR_ALL
            or (item["category"] in BY_CHANGE and (item["position"], item["index"]) in told)
        ]

    async def _told(self, campaign_id: str, viewer: Viewer, first: int, last: int) -> set[tuple[int, int]]:
        """Position and index of each change of those that the viewer is told of."""
        try:
            found = await self._reader.run(
                campaign_time.changes,
                campaign_id,
                viewer,
                since=first - 1,
                limit=MAX_CHANGES,
                at_least=last,
                timeout=PATIENCE_SECONDS,
            )
        except ProjectionError:
            # Rather no news than news of what must not be known; the other pages do not wait for it.
            return set()
        return {(each["position"], each["ordinal"]) for each in found}

    async def _role(self, campaign_id: str, signed: Signed) -> str | None:
        role = await self._reader.run(campaign_role, campaign_id, signed.account_id)
        return "owner" if role is not None and signed.role == "admin" else role

    async def _commit(self, position: int) -> Commit | None:
        stored = await self._log.at(position)
        try:
            return None if stored is None else codec.decode(stored.body)
        except CodecError:
            return None


def _for_players(item: Json) -> Json:
    # Versions count what was hidden from them, too.
    return {name: value for name, value in item.items() if name != "version"}


def _campaign_of(commit: Commit | None, ordinal: int) -> str:
    if commit is None or ordinal >= len(commit.events):
        return ""
    found: Any = getattr(commit.events[ordinal], "campaign_id", "")
    return found if isinstance(found, str) else ""
