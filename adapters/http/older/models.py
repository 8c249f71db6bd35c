"""`/generate`, `/provider`, `/db_status`: one question to the models, and which of them are there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from adapters.completions.line import AgentLost, Question, QuestionRefused, decided
from adapters.gamemaster.conversation import Said, Stopped
from adapters.gamemaster.wanted import Asker
from adapters.http.access import PLAYS, Signed, SignedIn, member, realm_role
from adapters.http.older.wording import Body, Forgiving, done, named
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, correlation, new_id
from adapters.llm.book import load as load_models
from adapters.llm.switchboard import Switchboard
from commands.chat import MAX_SAID
from events.commit import Json
from projections.sight import Viewer

SECONDS = 60.0
MAX_TOKENS = 800


class Prompt(Body):
    """Either a bare `prompt`, or a `message` about a campaign."""

    prompt: str = named("prompt", default="", most=MAX_SAID)
    campaign_id: str = named("campaign_id", "campaignId", default="")
    message: str = named("message", default="", most=MAX_SAID)
    character_id: str = named("character_id", "characterId", default="")


def router(platform: Platform) -> APIRouter:
    """The routes about models."""
    routes = APIRouter(tags=["older clients"], route_class=Forgiving)
    operator, master = realm_role("operator"), realm_role("gamemaster")
    switches = Switchboard(load_models(platform.settings.llm.directory), platform.log)

    @routes.post("/generate", summary="An answer to a prompt, or to a message about a campaign")
    async def generate(body: Prompt, request: Request, signed: SignedIn) -> Json:
        """A bare prompt is for game masters and costs the budget of the agent `chat`."""
        if body.campaign_id:
            return await _about(platform, body, signed, request)
        if not signed.has("gamemaster"):
            raise Problem(403, detail="a bare prompt needs the role gamemaster")
        if not body.prompt:
            raise Problem(422, detail="prompt: it is missing", field="prompt")
        inputs = {
            "messages": [{"role": "user", "content": body.prompt}],
            "parameters": {"max_tokens": MAX_TOKENS},
            "caller": f"account/{signed.account_id}",
        }
        question = Question(f"older/{new_id(signed, request, 'prompt')}", inputs, SECONDS, repeatable=True)
        try:
            outcome = await decided(platform.client, platform.settings.realm, question)
        except (AgentLost, QuestionRefused) as lost:
            raise Problem(503, detail=str(lost)) from None
        if outcome.made.proposal is None:
            raise Problem(502, detail=outcome.made.problem or "no model answered")
        return done(response=outcome.made.proposal["content"], decision_id=outcome.decision_id)

    @routes.get("/provider", summary="The providers of models, and which may be asked")
    async def providers(signed: Signed = master) -> Json:  # noqa: ARG001 - only whether
        known = await switches.providers()
        asked = next((each["name"] for each in known if each["status"]), None)
        return done(provider=asked, providers=known)

    @routes.post("/provider/{name}", summary="Ask this provider, too")
    async def choose(
        name: Annotated[str, Path(max_length=64)], request: Request, signed: Signed = operator
    ) -> Json:
        """Switches it on; the others stay as they are, and are asked by priority."""
        entry = switches.find_provider(name)
        if entry is None:
            raise Problem(404, detail=f"there is no provider {name!r} in providers.toml", field="name")
        args = {"enabled": True, "reason": "switched on by an older client"}
        await ask(platform, "provider.set_status", f"provider/{entry.key}", args, signed, request)
        return done(provider=entry.key)

    @routes.get("/db_status", summary="Whether the read models can be read")
    async def database(signed: Signed = operator) -> Json:  # noqa: ARG001 - only whether
        health = await platform.status.health()
        found = health["parts"]["database"]
        return {"success": found == "ok", "status": found, "lag": health["lag"]}

    return routes


async def _about(platform: Platform, body: Prompt, signed: Signed, request: Request) -> Json:
    found = await member(platform, signed, body.campaign_id, *PLAYS)
    said = Said(
        body.campaign_id,
        f"{body.campaign_id}/{signed.account_id}/main",
        new_id(signed, request, "message"),
        body.message or body.prompt,
        body.character_id,
    )
    try:
        told = await platform.assistant.conversations.answer(
            said,
            Viewer(found.account_id, found.role),
            Asker(signed.actor, correlation(request)),
            lambda _: None,
        )
    except Stopped:
        raise Problem(409, detail="the answer was stopped; ask again") from None
    return done(campaign_id=body.campaign_id, response=told["text"])
