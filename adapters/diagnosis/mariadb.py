"""Checks of MariaDB, where it holds the read models and where a game server's SQL logs are read from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adapters.configuration import without_password
from adapters.diagnosis.finding import Finding, ok, problem, warning
from adapters.rathena.sqllogs.connection import open_logs
from adapters.settings import Settings
from adapters.sql.engine import MARIADB, reader_engine
from adapters.sql.outage import reason
from events.errors import ConfigurationError

OLDEST = (10, 6)
PACKET_BYTES = 16 * 1024 * 1024
"""A batch is written as few large statements, and one commit may have 2 MB."""
NEEDED = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "CREATE VIEW",
)  # fmt: skip
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>\S+) TO ", re.IGNORECASE)
_VARIABLES = text(
    "SHOW VARIABLES WHERE Variable_name IN ('version', 'character_set_database', 'tx_isolation', "
    "'transaction_isolation', 'max_allowed_packet')"
)


def examine(settings: Settings) -> list[Finding]:
    """What there is to say; nothing where MariaDB is not used. Blocks; raises nothing."""
    return [*_read_models(settings), *_chronicle(settings)]


def _read_models(settings: Settings) -> list[Finding]:
    try:
        url = make_url(settings.database_url)
        if url.get_backend_name() not in MARIADB:
            return []
        engine = reader_engine(settings.database_url)
    except (ArgumentError, ConfigurationError):
        return []  # The check of the read models says so already.
    try:
        with engine.connect() as connection:
            found: Mapping[str, str] = {row[0]: row[1] for row in connection.execute(_VARIABLES)}
            missing = _missing(connection, str(url.database))
    except SQLAlchemyError:
        return []
    finally:
        engine.dispose()
    return [_server(engine, found), *_settings(found), *_privileges(missing)]


def _server(engine: Engine, found: Mapping[str, str]) -> Finding:
    release = getattr(engine.dialect.loaded_dbapi, "__version__", "of unknown version")
    isolation = found.get("tx_isolation") or found.get("transaction_isolation", "unknown isolation")
    told = (
        f"{found['version']} by {engine.dialect.driver} {release}, "
        f"{found.get('character_set_database', 'unknown character set')}, {isolation}, "
        f"packets up to {int(found.get('max_allowed_packet', 0)) // 1024**2} MB"
    )
    numbers = tuple(map(int, re.findall(r"\d+", found["version"])[:2]))
    if "mariadb" not in found["version"].lower() or numbers < OLDEST:
        least = ".".join(map(str, OLDEST))
        return warning("mariadb", told, f"Lorestream is tried with MariaDB {least} and later only.")
    return ok("mariadb", told)


def _settings(found: Mapping[str, str]) -> list[Finding]:
    if int(found.get("max_allowed_packet", PACKET_BYTES)) >= PACKET_BYTES:
        return []
    remedy = "Set max_allowed_packet to 16M or more in the server's configuration and restart it."
    return [warning("mariadb", "large batches may be refused: max_allowed_packet is small", remedy)]


def _missing(connection: Connection, database: str) -> list[str]:
    """What the user may not do, as far as `SHOW GRANTS` tells."""
    granted: set[str] = set()
    for (line,) in connection.execute(text("SHOW GRANTS")):
        grant = _GRANT.match(line)
        if grant is not None and _covers(grant["where"], database):
            granted |= {what.strip().upper() for what in grant["what"].split(",")}
    return [] if "ALL PRIVILEGES" in granted else [what for what in NEEDED if what not in granted]


def _covers(where: str, database: str) -> bool:
    """Whether a grant `ON where` is for all tables of `database`; `%` and `_` in it stand for characters."""
    pattern, _, table = where.replace("`", "").partition(".")
    if table != "*":
        return False
    parts = (re.escape(part).replace("%", ".*").replace("_", ".") for part in re.split(r"\\(.)", pattern))
    return pattern in {"*", database} or re.fullmatch("".join(parts), database) is not None


def _privileges(missing: list[str]) -> list[Finding]:
    if not missing:
        return []
    told = f"the user may not {', '.join(missing)} as far as SHOW GRANTS tells"
    return [warning("mariadb", told, "GRANT ALL on the database of the read models to it.")]


def _chronicle(settings: Settings) -> list[Finding]:
    wanted = settings.chronicle
    if not wanted.url:
        return []
    where = without_password(wanted.url)
    try:
        engine = open_logs(wanted.url)
    except (ConfigurationError, ArgumentError) as error:
        return [problem("chronicle", str(error), "Correct chronicle.url.")]
    try:
        with engine.connect() as connection:
            refused = {name: told for name in wanted.tables if (told := _refused(connection, name))}
    except SQLAlchemyError as error:
        return [warning("chronicle", f"{where}: {reason(error)}", "It is tried again until it answers.")]
    finally:
        engine.dispose()
    if not refused:
        return [ok("chronicle", f"{where}: all {len(wanted.tables)} tables can be read")]
    remedy = (
        "GRANT SELECT on them to the user of chronicle.url, run examples/rathena/chronicle.sql for "
        "lorestream_events, or take them out of chronicle.tables."
    )
    told = "; ".join(f"{name}: {why}" for name, why in refused.items())
    return [warning("chronicle", f"{where}: not read: {told}", remedy)]


def _refused(connection: Connection, name: str) -> str:
    """Why a table cannot be read, or an empty text. Raises `SQLAlchemyError` when the connection is lost."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    try:
        connection.execute(text(f"SELECT 1 FROM {quoted} LIMIT 1"))  # noqa: S608 - quoted
    except SQLAlchemyError as error:
        if getattr(error, "connection_invalidated", False):
            raise
        return reason(error)[:120]
    return ""
