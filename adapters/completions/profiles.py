"""`profiles.toml`: how the compatible endpoint treats a kind of caller."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from events.errors import ConfigurationError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Messages(_Part):
    """What callers are told; `{seconds}` in `rate_limited` is how long to wait."""

    empty: str = "messages: there is no question; the last message must have content"
    rate_limited: str = "too many questions; try again in {seconds} s"
    disabled: str = "no language model is switched on"
    timeout: str = "no answer in time"
    failed: str = "the language model failed"
    malformed: str = "the language model's answer cannot be used"

    def wait(self, seconds: int) -> str:
        return self.rate_limited.replace("{seconds}", str(seconds))


class Profile(_Part):
    """One table; see the comments there."""

    cooldown_seconds: float = Field(0, ge=0, le=86_400)
    per_minute: int = Field(0, ge=0)
    max_chars: int = Field(0, ge=0)
    max_tokens: int = Field(1024, ge=1, le=100_000)
    timeout_seconds: float = Field(60, gt=0, le=300)
    messages: Messages = Messages()

    def cut(self, text: str) -> str:
        """An answer no longer than `max_chars` characters, ending with "..." where it was cut (`ddnet-ai-chat.md`)."""
        if not self.max_chars or len(text) <= self.max_chars:
            return text
        return text[: max(self.max_chars - 3, 0)] + "..."


_profiles: TypeAdapter[dict[str, Profile]] = TypeAdapter(dict[str, Profile])


def load(directory: Path | None = None) -> Mapping[str, Profile]:
    """The profiles that ship, or those of `directory`. Raises `ConfigurationError` naming file and key."""
    own = directory / "profiles.toml" if directory is not None else None
    if own is not None and own.is_file():
        origin, text = str(own), own.read_text("utf-8", errors="replace")
    else:
        origin, text = "conf/profiles.toml", files("conf").joinpath("profiles.toml").read_text("utf-8")
    try:
        found = _profiles.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(origin, "", str(error), "Correct the TOML.") from None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ConfigurationError(origin, where, problem["msg"], "See conf/profiles.toml.") from None
    return {"default": Profile(), **found}
