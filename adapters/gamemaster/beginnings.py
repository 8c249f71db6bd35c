"""What a campaign begins with: a place, somebody who lives there and a quest, drafted while nobody waits for it.

What is drafted waits as proposals like any other. How far it is, only the gateway that does it knows; one that ends
meanwhile leaves the proposals that it had made.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from adapters.gamemaster.generation import Generation
from adapters.gamemaster.wanted import Asker, UnknownCampaign, Wanted
from commands.codes import Code
from commands.rejection import Rejected
from events.errors import LorestreamError

logger = structlog.get_logger(__name__)

BRIEFS: Final = {
    "en": {
        "location": "The place where the story of this campaign begins",
        "npc": "Somebody the party meets on the first evening, and will meet again",
        "quest": "What the party is asked to do first",
    },
    "fr": {
        "location": "Le lieu où commence l'histoire de cette campagne",
        "npc": "Quelqu'un que le groupe rencontre le premier soir, et reverra",
        "quest": "Ce que l'on demande d'abord au groupe",
    },
}
DRAFTS = 2
AT_ONCE = 8
REMEMBERED = 1000
FINISH_SECONDS = 10.0


@dataclass(slots=True)
class Beginning:
    """One attempt. `ended` is None while it is under way, `problem` empty unless it failed."""

    started: datetime
    ended: datetime | None = None
    problem: str = ""


class Beginnings:
    """Those of one gateway."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._known: OrderedDict[str, Beginning] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, campaign_id: str) -> Beginning | None:
        """The latest of a campaign, if this gateway remembers one."""
        return self._known.get(campaign_id)

    def begin(self, campaign_id: str, language: str, asker: Asker, name: Callable[[str], str]) -> bool:
        """Have it drafted; False where that is under way already. `name` gives each kind's proposal its id.

        Raises `Rejected` when too many are.
        """
        known = self._known.get(campaign_id)
        if known is not None and known.ended is None:
            return False
        if len(self._tasks) >= AT_ONCE:
            raise Rejected(Code.RATE_LIMITED, "too many campaigns are being filled; try again in a minute")
        self._known[campaign_id] = begun = Beginning(datetime.now(UTC))
        self._known.move_to_end(campaign_id)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        wanted = {
            name(kind): Wanted(campaign_id, kind, brief, DRAFTS)
            for kind, brief in BRIEFS.get(language, BRIEFS["en"]).items()
        }
        task = asyncio.create_task(self._draft(begun, wanted, asker), name=f"beginning of {campaign_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def close(self) -> None:
        """Finish what is under way, as far as it ends in time."""
        waiting = list(self._tasks)
        if waiting:
            await asyncio.wait(waiting, timeout=FINISH_SECONDS)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _draft(self, begun: Beginning, wanted: dict[str, Wanted], asker: Asker) -> None:
        try:
            # One after the other: people who wait at a page go first.
            for proposal_id, each in wanted.items():
                await self._generation.propose(proposal_id, each, asker)
        except asyncio.CancelledError:
            begun.problem = "the gateway ended"
            raise
        except UnknownCampaign:
            begun.problem = "there is no such campaign"
        except LorestreamError as error:
            begun.problem = str(error)
        except Exception:
            logger.exception("a campaign could not be filled")
            begun.problem = "it failed unexpectedly; the log of the gateway says why"
        finally:
            begun.ended = datetime.now(UTC)
