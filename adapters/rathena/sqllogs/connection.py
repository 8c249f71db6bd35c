"""The way to a game server's database: read only, never waiting for long."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine

from events.errors import ConfigurationError

TIMEOUT_SECONDS = 10


def open_logs(url: str) -> Engine:
    """An engine for `chronicle.url`, connected on first use. Raises `ConfigurationError` for a missing driver."""
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": TIMEOUT_SECONDS, "read_timeout": 3 * TIMEOUT_SECONDS},
        )
    except ImportError as error:
        raise ConfigurationError(
            "settings", "chronicle.url", str(error), 'Install the driver: pip install "lorestream[mariadb]".'
        ) from None
