"""The settings of the platform as one immutable value. Loading and origins: `adapters.configuration`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A group of settings: immutable, and a misspelt key is an error rather than silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NatsSettings(Section):
    """`url` empty means: run the embedded server. `port` 0 means: any free one."""

    url: str = ""
    port: int = Field(0, ge=0, le=65535)
    durability: Literal["durable", "balanced", "replicated"] = "durable"
    user: str = ""
    password: SecretStr = SecretStr("")
    max_file_gb: int = Field(64, ge=1)


class ZmqSettings(Section):
    """CURVE is on when `server_key_file` is set; `allowed_clients` lists Z85 public keys."""

    endpoint: str = "tcp://127.0.0.1:5555"
    server_key_file: Path | None = None
    allowed_clients: tuple[str, ...] = ()
    max_frame_bytes: int = Field(1_000_000, ge=1024)
    max_in_flight: int = Field(1024, ge=1)
    max_requests_per_second: int = Field(0, ge=0, description="per connection; 0 = unlimited")


class HttpSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    api_key: SecretStr = SecretStr("")
    enabled: bool = True


class DatabaseSettings(Section):
    """`url` empty means: SQLite in the state directory."""

    url: str = ""


class CommandSettings(Section):
    default_timeout_ms: int = Field(3000, ge=1)
    max_timeout_ms: int = Field(300_000, ge=1)
    identical_reregistration_succeeds: bool = False
    cached_streams: int = Field(8192, ge=1)
    snapshot_every: int = Field(500, ge=1)


class LogSettings(Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Settings(Section):
    """Everything a role needs to know. `state` is the one directory that holds all state of this machine."""

    realm: str = "midgard"
    state: Path = Path("./state")
    gateway: str = "gateway-1"
    nats: NatsSettings = NatsSettings()
    zmq: ZmqSettings = ZmqSettings()
    http: HttpSettings = HttpSettings()
    database: DatabaseSettings = DatabaseSettings()
    commands: CommandSettings = CommandSettings()
    log: LogSettings = LogSettings()

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the read models."""
        return self.database.url or f"sqlite:///{(self.state / 'lorestream.sqlite3').absolute()}"
