"""What of a game server's logs stays out of ours: whispers, addresses, passwords, names of accounts. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from commands.chronicle import Row
from events.commit import Json

MAX_TEXT = 500
HIDDEN = "[hidden]"

_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
    r"|(?<![\w:])(?:(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}|(?:fe80|f[cd]..|2...)(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:])"
)
_SECRET = re.compile(r"(?i)\b(pass(?:word|wd)?|pin ?code|pwd|token|secret)\b(\s*[:=]\s*|\s+)\S+")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+\b")


@dataclass(frozen=True, slots=True)
class Privacy:
    """`chats` are the kinds of chat that are kept, `hidden_commands` the @commands whose arguments are not."""

    chats: Collection[str] = frozenset({"global", "party", "guild", "main", "clan"})
    hidden_commands: Collection[str] = frozenset({"email", "changeemail", "accinfo", "accountinfo", "send"})
    account_names: bool = False

    def kept(self, row: Row) -> Row | None:
        """The row without what must not be kept, or None when nothing of it may be."""
        kind, data = row.kind, dict(row.data)
        if kind.startswith("chat.") and kind.removeprefix("chat.") not in self.chats:
            return None
        if not self.account_names:
            data.pop("user", None)
        if kind == "command.used":
            data["command"] = self._command(str(data.get("command", "")))
        return Row(
            kind,
            row.row,
            row.at,
            row.char_id,
            row.account_id,
            row.name,
            row.map,
            row.x,
            row.y,
            _scrubbed(data),
        )

    def _command(self, text: str) -> str:
        name, space, _ = text.partition(" ")
        return f"{name} {HIDDEN}" if space and name.lstrip("@#").lower() in self.hidden_commands else text


def _scrubbed(data: Json) -> Json:
    return {key: scrub(value) if isinstance(value, str) else value for key, value in data.items()}


def scrub(text: str) -> str:
    """`text` without addresses, mail addresses and what stands behind words like "password", at most `MAX_TEXT`."""
    text = _SECRET.sub(lambda found: f"{found[1]}{found[2]}{HIDDEN}", text[:MAX_TEXT])
    return _ADDRESS.sub(HIDDEN, _MAIL.sub(HIDDEN, text))
