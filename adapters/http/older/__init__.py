"""What the web application of the older game master service calls (`existing-apis.md` §5, set B), over our own parts.

Refusals are HTTP 200 with `success: false` and a `message`, as its pages expect; only who is not signed in, or asks too
often, is told so by the status. World changes never come out of prose: what an answer proposes waits as a proposal.
"""

from __future__ import annotations

from fastapi import APIRouter

from adapters.http.older import beginnings, contents, images, models, monitoring, play, sign_in
from adapters.http.platform import Platform


def router(platform: Platform) -> APIRouter:
    """All routes of older clients."""
    routes = APIRouter()
    for part in (sign_in, play, contents, beginnings, images, models, monitoring):
        routes.include_router(part.router(platform))
    routes.include_router(contents.whereabouts(platform))
    return routes
