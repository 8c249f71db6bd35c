"""The settings of the platform as one immutable value. Loading and origins: `adapters.configuration`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from events.errors import InvalidStreamName
from events.subjects import check_realm


def _realm(text: str) -> str:
    try:
        return check_realm(text)
    except InvalidStreamName as error:
        raise ValueError(str(error)) from None


def _nothing_when_empty(value: Any) -> Any:
    # TOML has no null: an empty string stands for "not set".
    return None if value == "" else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(
            f"{name!r} is not an encoding; cp1252, cp874, cp949, big5 and gbk are, for example"
        ) from None
    return name


class Section(BaseModel):
    """A group of settings: immutable, and a misspelt key is an error rather than silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NatsSettings(Section):
    """`url` empty means: run the embedded server. `port` 0 means: any free one."""

    url: str = Field("", pattern=r"^($|(nats|tls|ws|wss)://\S+$)", description="nats://HOST:PORT, or empty")
    port: int = Field(0, ge=0, le=65535)
    durability: Literal["durable", "balanced", "replicated"] = "durable"
    user: str = ""
    password: SecretStr = SecretStr("")
    max_file_gb: int = Field(64, ge=1)


class ZmqSettings(Section):
    """CURVE is on when `server_key_file` is set; `allowed_clients` lists Z85 public keys."""

    endpoint: str = Field(
        "tcp://127.0.0.1:5555", pattern=r"^(tcp|ipc)://\S+$", description="tcp://HOST:PORT or ipc:///path"
    )
    server_key_file: Annotated[Path | None, BeforeValidator(_nothing_when_empty)] = None
    allowed_clients: tuple[str, ...] = ()
    max_frame_bytes: int = Field(1_000_000, ge=1024)
    max_in_flight: int = Field(1024, ge=1)
    max_requests_per_second: int = Field(0, ge=0, description="per connection; 0 = unlimited")


class HttpSettings(Section):
    """`hosts` are the names under which browsers know this service, where they differ from `host`."""

    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8000, ge=0, le=65535)
    api_key: SecretStr = SecretStr("")
    enabled: bool = True
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()


class AccountSettings(Section):
    """`token_key` signs access tokens; empty: a key of this machine's own, in the state directory.

    `hash_mebibytes` is the memory that checking one password takes, and an attacker's one guess.
    """

    token_key: SecretStr = SecretStr("")
    access_minutes: int = Field(10, ge=1, le=60)
    refresh_days: int = Field(14, ge=1, le=90)
    sign_in_days: int = Field(90, ge=1, le=400)
    hash_mebibytes: int = Field(64, ge=19, le=1024)
    requests_per_minute: int = Field(18_000, ge=60, le=10_000_000)


class DatabaseSettings(Section):
    """`url` empty means: SQLite in the state directory."""

    url: str = Field(
        "",
        pattern=r"^($|(sqlite|postgresql|mysql|mariadb)(\+\w+)?://)",
        description="an SQLAlchemy URL of SQLite, PostgreSQL or MariaDB (postgresql+psycopg://lore@db/lore), or empty",
    )


class CommandSettings(Section):
    default_timeout_ms: int = Field(3000, ge=1)
    max_timeout_ms: int = Field(300_000, ge=1)
    identical_reregistration_succeeds: bool = False
    cached_streams: int = Field(8192, ge=1)
    snapshot_every: int = Field(500, ge=1)


class RathenaSettings(Section):
    """`map_cache`: the game server's map_cache.dat files, first hit first; without any, nobody finds a path."""

    map_cache: tuple[Path, ...] = ()


PacketId = Annotated[int, Field(ge=1, le=32767)]


class PacketSettings(Section):
    """The ids of the client packets of `rathena-server-side.md` §6, and the code page of the client's texts."""

    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    request_bloodline_info: PacketId = 0x0C10
    bloodline_info: PacketId = 0x0C11
    request_bloodline_details: PacketId = 0x0C12
    bloodline_details: PacketId = 0x0C13
    request_synthesis_info: PacketId = 0x0C14
    synthesis_info: PacketId = 0x0C15
    request_synthesis_details: PacketId = 0x0C16
    synthesis_details: PacketId = 0x0C17
    event_notification: PacketId = 0x0C18
    weather_update: PacketId = 0x0C19


class ChronicleSettings(Section):
    """Reading a game server's own SQL logs; off while `url` is empty. `start` counts for tables never read before."""

    url: str = Field("", pattern=r"^($|(mysql|mariadb)(\+\w+)?://\S+$)")
    server: str = Field("map-1", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    tables: tuple[str, ...] = (
        "chatlog",
        "npclog",
        "picklog",
        "zenylog",
        "mvplog",
        "atcommandlog",
        "loginlog",
        "charlog",
        "lorestream_events",
    )
    start: Literal["now", "beginning"] = "now"
    chats: tuple[Literal["global", "whisper", "party", "guild", "main", "clan"], ...] = (
        "global",
        "party",
        "guild",
        "main",
        "clan",
    )
    hidden_commands: tuple[str, ...] = ("email", "changeemail", "accinfo", "accountinfo", "send")
    account_names: bool = False
    encoding: Annotated[str, AfterValidator(_encoding)] = "cp1252"
    poll_ms: int = Field(1000, ge=50, le=600_000)
    settle_ms: int = Field(1000, ge=0, le=60_000)


class MindSettings(Section):
    """`gossip`: NPCs tell each other what they went through."""

    gossip: bool = True


class MemorySettings(Section):
    """Recall by meaning, beside words; off while `embedder` is empty.

    `embedder` is a table of `providers.toml` with an `embedding_model`. `vectors` empty: Qdrant inside the role
    `agents`, in the state directory; else the URL of a Qdrant server, and `vectors_key` its API key. `question_ms` is
    how long a question waits for its vector before it is answered by words alone.
    """

    embedder: str = Field("", max_length=64)
    vectors: str = Field("", pattern=r"^($|https?://\S+$)", description="http://HOST:PORT, or empty")
    vectors_key: SecretStr = SecretStr("")
    question_ms: int = Field(400, ge=1, le=10_000)
    dollars_per_day: float = Field(1.0, ge=-1, description="a number of dollars, -1 for no limit")


class LlmSettings(Section):
    """`directory` holds the operator's own `providers.toml`, `agents.toml`, `pricing.toml` and `prompts/`.

    `open_endpoint` lets callers without a key use `/v1/chat/completions`.
    """

    enabled: bool = True
    directory: Annotated[Path | None, BeforeValidator(_nothing_when_empty)] = None
    open_endpoint: bool = False


class WorldSettings(Section):
    """`deeds`: what characters do stirs bloodlines and syntheses, and may set the world in motion."""

    tick_seconds: int = Field(600, ge=0, le=86_400, description="between two looks at the world; 0: never")
    deeds: bool = True


class ImageSettings(Section):
    """What people may bring, and what a campaign may hold."""

    upload_bytes: int = Field(10_000_000, ge=10_000, le=100_000_000)
    campaign_images: int = Field(1000, ge=1)
    campaign_mb: int = Field(500, ge=1)


class LogSettings(Section):
    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"


class Settings(Section):
    """Everything a role needs to know. `state` is the one directory that holds all state of this machine."""

    realm: Annotated[str, AfterValidator(_realm)] = "midgard"
    state: Annotated[Path, AfterValidator(Path.expanduser)] = Path("./state")
    gateway: str = Field(
        "gateway-1", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="1 to 64 letters, digits, - and _"
    )
    nats: NatsSettings = NatsSettings()
    zmq: ZmqSettings = ZmqSettings()
    http: HttpSettings = HttpSettings()
    accounts: AccountSettings = AccountSettings()
    database: DatabaseSettings = DatabaseSettings()
    commands: CommandSettings = CommandSettings()
    rathena: RathenaSettings = RathenaSettings()
    packets: PacketSettings = PacketSettings()
    chronicle: ChronicleSettings = ChronicleSettings()
    mind: MindSettings = MindSettings()
    memory: MemorySettings = MemorySettings()
    world: WorldSettings = WorldSettings()
    llm: LlmSettings = LlmSettings()
    images: ImageSettings = ImageSettings()
    log: LogSettings = LogSettings()

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the read models."""
        return self.database.url or f"sqlite:///{(self.state / 'lorestream.sqlite3').absolute()}"
