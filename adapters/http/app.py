"""All of HTTP: the script commands for game servers, audits, the API of the web application, and its pages."""

from __future__ import annotations

from time import perf_counter

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from pydantic_core import to_json

from adapters.accounts.accounts import Accounts
from adapters.completions import profiles
from adapters.completions.callers import Callers
from adapters.explanation import explain, explain_request, related_in
from adapters.gamemaster.assistant import open_assistant
from adapters.http import (
    accounts,
    auth,
    campaign_fork,
    campaign_members,
    campaign_sessions,
    campaign_time,
    campaigns,
    characters,
    chat,
    completions,
    dead_letters,
    decisions,
    dice,
    element_history,
    elements,
    encounters,
    feed,
    generation,
    images,
    npcs,
    older,
    openapi,
    operations,
    problems,
    refdata,
    replays,
    schemas,
    sockets,
    spending,
    streams,
    tonight,
)
from adapters.http.answers import answered, read_object
from adapters.http.callers import auditor, game_server, known
from adapters.http.database_bridge import bridge_routes
from adapters.http.guards import AnswerHeaders, BodyLimit, ForeignPages, OwnHosts
from adapters.http.mirror import to_request
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.jobs.jobs import Jobs
from adapters.live.campaigns import CampaignListeners
from adapters.live.live import Live
from adapters.nats.ports import CommandBus
from adapters.rathena.admission import Admission
from adapters.rathena.connections import Connection, Connections
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.rathena.wire import correlation_of, refusal, respond
from adapters.release import release
from adapters.settings import Settings
from adapters.web import pages
from commands.rejection import Rejected
from events.commit import Json
from events.errors import InvalidStreamName, LogError, ProjectionError

MAX_BODY_BYTES = 10 * 1024 * 1024
FORM_BYTES = 64 * 1024
PACKED_BYTES = 8 * 1024
"""From here on an answer is packed for whoever reads gzip: pages of lists and graphs, never a token."""

DESCRIPTION = """The script commands of the game server over HTTP, audits of what language models decided, and the API
of the web application.

Sign in with `POST /api/auth/login` and send the access token as `Authorization: Bearer …`. Refusals are problem
documents (RFC 9457). Writes tell the log position they took in `X-Position`; a read with `X-At-Least` waits until it
knows of it. Edits name the version they change in `If-Match`."""

_ANY_OBJECT = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


def create_app(settings: Settings, dispatcher: Dispatcher, status: Status, bus: CommandBus) -> FastAPI:
    """The application; `app.state.platform` must be closed after it.

    Script commands are open to whoever reaches the port (loopback by default) unless `http.api_key` is set; all else
    asks who one is. Raises `ConfigurationError` when tokens cannot be signed.
    """
    app = FastAPI(
        title="Lorestream",
        version=release(),
        description=DESCRIPTION,
        # Their pages load scripts from elsewhere, which ours never do.
        docs_url=None,
        redoc_url=None,
    )
    accounts_ = Accounts(settings, bus)
    live = Live(status.reader, accounts_.signed, status.health, CampaignListeners(status.reader, status.log))
    platform = Platform(
        settings,
        bus,
        status.reader,
        status.log,
        status.client,
        status,
        dispatcher,
        accounts_,
        live,
        Jobs(settings),
        open_assistant(settings, status.client, bus, status.log, status.reader),
    )
    app.state.platform = platform
    problems.install(app)
    openapi.install(app)
    app.include_router(pages.router({"service": "lorestream", "version": release(), "realm": settings.realm}))
    app.include_router(_health(status))
    for feature in FEATURES:
        app.include_router(feature.router(platform))
    _mount_older(app, settings, dispatcher, status)
    # The last one added is the first to see a request. The fastest level: the browser is mostly near, and others wait.
    app.add_middleware(GZipMiddleware, minimum_size=PACKED_BYTES, compresslevel=1)
    # A form with a file has a little more than the file.
    form = settings.images.upload_bytes + FORM_BYTES
    app.add_middleware(BodyLimit, largest=MAX_BODY_BYTES, other={"/api/images": form})
    app.add_middleware(ForeignPages)
    app.add_middleware(OwnHosts, hosts=settings.http.hosts, bound_to=settings.http.host)
    app.add_middleware(AnswerHeaders)
    return app


FEATURES = (
    auth,
    accounts,
    campaigns,
    campaign_members,
    campaign_sessions,
    campaign_time,
    characters,
    elements,
    element_history,
    schemas,
    dice,
    feed,
    streams,
    operations,
    dead_letters,
    replays,
    npcs,
    sockets,
    generation,
    spending,
    tonight,
    campaign_fork,
    encounters,
    images,
    chat,
    older,
)
"""The API of the web application: modules with `router(platform)`, each of which asks who one is."""


def _mount_older(app: FastAPI, settings: Settings, dispatcher: Dispatcher, status: Status) -> None:
    """What was there before there were accounts: a key of the game server, a key of one's own, or an operator."""
    auditors, server = auditor(settings), game_server(settings)
    app.include_router(_counters(status), dependencies=[auditors])
    app.include_router(_why(status), dependencies=[auditor(settings, "gamemaster")])
    app.include_router(decisions.router(status), dependencies=[auditors])
    app.include_router(refdata.router(settings.state), dependencies=[known(settings)])
    callers = Callers(
        status.reader, profiles.load(settings.llm.directory), open_to_all=settings.llm.open_endpoint
    )
    app.include_router(completions.router(settings, status, dispatcher, callers))
    mirror = _Mirror(settings, dispatcher)
    app.include_router(_models(mirror), dependencies=[known(settings, "operator")])
    app.include_router(_commands(mirror), dependencies=[server])
    app.include_router(bridge_routes(mirror.ask), dependencies=[server])


def _health(status: Status) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.get("/health", summary="Alive, and ready to work? 503 when a needed part is down")
    async def health() -> Response:
        found = await status.health()
        return JSONResponse(found, 200 if found["status"] == "ok" else 503)

    @router.get("/health/live", summary="Alive?")
    async def live() -> Json:
        return {"status": "ok"}

    return router


def _counters(status: Status) -> APIRouter:
    router = APIRouter(tags=["platform"])

    @router.get("/api/status", summary="Counters since the start")
    async def counters() -> Json:
        return status.counters()

    return router


def _why(status: Status) -> APIRouter:
    router = APIRouter(tags=["audit"])

    @router.get("/api/why/{which}", summary="Why: the tree behind a log position or a request")
    async def why(which: str) -> Response:
        """Scores, memories, rules and commits that an answer rested on. 404 when there is no such thing."""
        related = related_in(status.reader)
        try:
            if which.isdecimal() and len(which) <= 18:
                found = await explain(status.log, related, int(which))
            else:
                found = await explain_request(status.log, related, which)
        except InvalidStreamName as error:
            return Problem(400, detail=str(error)).response()
        except (LogError, ProjectionError) as error:
            return Problem(503, detail=str(error)).response()
        if found is None:
            return Problem(404, detail=f"nothing is known of {which[:64]!r}").response()
        return Response(to_json(found.as_json()), media_type="application/json")

    return router


def _models(mirror: _Mirror) -> APIRouter:
    """What is switched on: for scripts, and for the operator who chooses whom to ask again."""
    router = APIRouter(tags=["script commands"])

    @router.get("/api/providers", summary="The providers of language models (`list_providers`)")
    async def providers(request: Request) -> Response:
        return await mirror.answer(request, "list_providers", {})

    @router.get("/api/agents", summary="The agents that may ask them (`list_agents`)")
    async def agents(request: Request) -> Response:
        return await mirror.answer(request, "list_agents", {})

    return router


def _commands(mirror: _Mirror) -> APIRouter:
    router = APIRouter(tags=["script commands"])

    @router.get("/api/npc/{npc_id:path}/state", summary="The state of an NPC (`get_state`)")
    async def state(npc_id: str, request: Request) -> Response:
        return await mirror.answer(request, "get_state", {"npc_id": npc_id})

    @router.get("/api/requests/{request_id}", summary="An asynchronous request (`check_result`)")
    async def result(request_id: str, request: Request) -> Response:
        return await mirror.answer(request, "check_result", {"request_id": request_id})

    @router.post(
        "/api/npc/{operation}", summary="Any operation of the script commands", openapi_extra=_ANY_OBJECT
    )
    async def operate(operation: str, request: Request) -> Response:
        return await mirror.receive(request, operation, await request.body())

    return router


class _Mirror:
    """HTTP callers as connections: one per address, so that their share of the gateway is fair."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._connections = Connections()
        self._admission = Admission(settings.zmq.max_in_flight)

    async def receive(self, request: Request, operation: str, body: bytes) -> Response:
        try:
            document = read_object(body)
        except Rejected as rejected:
            return answered(rejected)
        return await self.answer(request, operation, document)

    async def answer(self, request: Request, operation: str, body: Json) -> Response:
        return answered(await self.ask(request, operation, body))

    async def ask(self, request: Request, operation: str, body: Json) -> Json:
        """The wire response to a flat body."""
        document = to_request(operation, body)
        connection = self._connection(request.client.host if request.client else "")
        try:
            self._admission.enter(connection)
        except Rejected as rejected:
            return respond(correlation_of(document), refusal(rejected), perf_counter())
        try:
            response, afterwards = await self._dispatcher.begin(document, connection)
        finally:
            self._admission.leave(connection)
        for step in afterwards:
            await step()
        return response

    def _connection(self, address: str) -> Connection:
        identity = address.encode()
        connection = self._connections.get(identity)
        if connection is None:
            # A script writes the whole body, so not even its actor object is beyond doubt.
            connection = Connection(key=f"http.{address}", vouched=False, transport="http")
            self._connections.add(identity, connection)
        return connection
