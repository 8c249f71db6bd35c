"""`/api/campaigns/{id}/tonight`: what the evening may turn on, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.http.access import SignedIn
from adapters.http.platform import Platform
from adapters.http.versions import AtLeast, answer
from adapters.http.viewing import PROBLEMS, ViewAs, shows, viewer_of
from events.commit import Json
from projections.tonight import tonight
from projections.urgency import Matter
from projections.urgency_words import because

MOST = 20

EXAMPLE: Json = {
    "items": [
        {
            "kind": "quest",
            "element_id": "0199…",
            "name": "What Must Not Be Shaken",
            "score": 75,
            "because": [
                {"reason": "quest.active", "points": 30, "text": "the quest is under way"},
                {"reason": "here", "points": 22, "text": "is where the party is: Salt Harbour"},
                {"reason": "giver.captured", "points": 18, "text": "Ilsa Vane, who gave it, is captured"},
            ],
        },
        {
            "kind": "proposals",
            "name": "",
            "score": 24,
            "because": [{"reason": "proposals", "points": 24, "text": "2 wait for your verdict"}],
        },
    ]
}


def router(platform: Platform) -> APIRouter:
    """The route of what matters tonight."""
    routes = APIRouter(tags=["campaigns"], responses=PROBLEMS)

    @routes.get(
        "/api/campaigns/{campaign_id}/tonight",
        summary="What matters tonight, and why",
        responses=shows(EXAMPLE),
    )
    async def matters(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        lang: Annotated[
            Literal["en", "fr"] | None, Query(description="Of the reasons; your own without it.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 5,
        view_as: ViewAs = None,
    ) -> Response:
        """Worked out by rules, without a model: what is open, marked, late, hurt, changed or where the party is, the
        weightiest first. `kind` is that of an element, `character`, or `proposals` for all that wait; each of `because`
        is worth `points`. Players get what follows from what they may see."""
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        found = await platform.reader.run(tonight, campaign_id, viewer, limit=limit, at_least=at_least)
        language = lang or signed.language
        return answer({"items": [_shown(each, language) for each in found]})

    return routes


def _shown(matter: Matter, language: str) -> Json:
    shown: Json = {"kind": matter.kind, "name": matter.name, "score": matter.score}
    if matter.id:
        shown["character_id" if matter.kind == "character" else "element_id"] = matter.id
    shown["because"] = [
        {"reason": each.code, "points": each.points, "text": because(each, language)}
        for each in matter.because
    ]
    return shown
