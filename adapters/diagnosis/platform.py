"""Checks of a running platform: processes, log, read models."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from adapters.configuration import without_password
from adapters.diagnosis import mariadb, models, spending
from adapters.diagnosis.finding import Finding, ok, problem, warning
from adapters.embedding.asking import condition
from adapters.nats import bootstrap
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.roles.endpoints import Endpoints
from adapters.settings import Settings
from adapters.sql.engine import reader_engine
from adapters.sql.outage import reason
from events.commit import Json
from events.errors import CodecError, ConfigurationError, LogError
from events.log import Head
from projections import checkpoints, deadletters

CONNECT_SECONDS = 5.0
LAG_EVENTS = 1000


async def examine(settings: Settings, found: Endpoints | None) -> AsyncIterator[Finding]:
    """All checks of the platform; `found` are the endpoints of the one that runs on this machine, if any."""
    if found is not None:
        for finding in processes(found):
            yield finding
    head: Head | None = None
    began = time.perf_counter()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            client = await connect(settings, name="doctor")
    except (LogError, ConfigurationError, TimeoutError) as error:
        yield problem(
            "log", str(error) or "no answer", "Start the platform with `lorestream up`, or check --nats."
        )
    else:
        try:
            yield ok(
                "log",
                f"nats-server {_release(client)} answers in {(time.perf_counter() - began) * 1000:.0f} ms",
            )
            yield await _streams(client)
            log = JetStreamLog(client, settings.realm)
            head = await log.head()
            yield ok("realm", f"{settings.realm}, last position {head.position:,}")
            for finding in await models.examine(settings, log):
                yield finding
            for finding in await spending.examine(settings, log, datetime.now(UTC)):
                yield finding
            if settings.memory.embedder:
                yield _embedding(await condition(client, settings.realm, timeout=CONNECT_SECONDS))
        except (LogError, CodecError, NatsError, TimeoutError) as error:
            yield problem("log", str(error), "See nats-server's log in the state directory.")
        finally:
            await client.close()
    for finding in await asyncio.to_thread(_read_models, settings, head):
        yield finding
    for finding in await asyncio.to_thread(mariadb.examine, settings):
        yield finding


def processes(found: Endpoints) -> Iterator[Finding]:
    """Whether every process is alive and the published endpoints accept connections."""
    dead = [role for role, pid in found.roles.items() if not _alive(pid)]
    if dead:
        yield problem(
            "roles", f"not running: {', '.join(dead)}", "`lorestream up` restarts them; see its log."
        )
    else:
        yield ok("roles", ", ".join(f"{role} {pid}" for role, pid in found.roles.items()))
    for check, url in (("game server port", found.zmq), ("HTTP port", found.http)):
        parts = urlsplit(url)
        if parts.scheme not in {"tcp", "http", "https"} or not parts.port:
            continue
        host = "127.0.0.1" if parts.hostname in {None, "*", "0.0.0.0", "::"} else parts.hostname  # noqa: S104
        try:
            with socket.create_connection((host, parts.port), timeout=CONNECT_SECONDS):
                yield ok(check, f"{url} accepts connections")
        except OSError as error:
            yield problem(check, f"{url}: {error}", "See the log of the role gateway.")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _release(client: Client) -> str:
    found = re.search(r"\d+(\.\d+)+", str(client.connected_server_version))
    return found[0] if found else "of unknown version"


async def _streams(client: Client) -> Finding:
    jetstream = client.jetstream(timeout=CONNECT_SECONDS)
    broken = []
    for wanted in (bootstrap.log_stream(), bootstrap.access_stream(), bootstrap.timers_stream()):
        assert wanted.name is not None
        info = await jetstream.stream_info(wanted.name)
        broken += [f"{wanted.name}.{each.field}" for each in bootstrap.lawless(info.config, wanted)]
    if broken:
        return problem("streams", f"a law is broken by {', '.join(broken)}", "Correct them as administrator.")
    return ok("streams", "LOG, ACCESS and TIMERS keep the laws")


def _embedding(told: Json | None) -> Finding:
    if told is None:
        remedy = "The role agents has them; see its log. Recall goes by words alone."
        return warning("embedding", "nobody has the vectors", remedy)
    detail = f"{told['model']}: {told['vectors']:,} memories embedded, {told['waiting']:,} NPCs wait"
    if told["problem"]:
        return warning("embedding", f"{detail}; {told['problem']}", "Recall goes by words alone until then.")
    return ok("embedding", detail)


def _read_models(settings: Settings, head: Head | None) -> list[Finding]:
    where = without_password(settings.database_url)
    try:
        engine = reader_engine(settings.database_url)
    except ConfigurationError as error:
        return [problem("read models", str(error), "Correct database.url.")]
    try:
        with engine.connect() as connection:
            places = checkpoints.load(connection)
            letters = deadletters.listing(connection, limit=1000)
    except SQLAlchemyError as error:
        remedy = "Is the database there? Its tables are made by the role projector: start it."
        return [problem("read models", f"{where}: {reason(error)}", remedy)]
    finally:
        engine.dispose()
    findings = [ok("read models", where)]
    if head is not None:
        late = {name: head.position - at.position for name, at in places.items() if "__" not in name}
        slowest = max(late.items(), key=lambda one: one[1], default=("", 0))
        detail = f"{len(late)} projections, at most {max(slowest[1], 0):,} commits behind"
        if slowest[1] > LAG_EVENTS:
            findings.append(
                warning("projections", f"{detail} ({slowest[0]})", "Wait, or see the projector's log.")
            )
        else:
            findings.append(ok("projections", detail))
    waiting = [letter for letter in letters if letter.status != "discarded"]
    if waiting:
        findings.append(
            problem(
                "dead letters",
                f"{len(waiting)} commits wait",
                "`lorestream dlq ls` lists them with the reason.",
            )
        )
    else:
        findings.append(ok("dead letters", "none wait"))
    return findings
