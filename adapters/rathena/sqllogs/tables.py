"""The tables of rAthena's `sql-files/logs.sql` and `main.sql`, and the one our own NPC script fills.

Each has a cursor that only grows: its AUTO_INCREMENT key, or the second where the table has none (`loginlog`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from events.commit import Json

CHAT = {"O": "global", "W": "whisper", "P": "party", "G": "guild", "M": "main", "C": "clan"}
"""`chatlog.type`."""

ITEMS = {
    "M": "dropped_by_monster",
    "P": "picked_or_dropped",
    "L": "looted_by_monster",
    "T": "traded",
    "V": "vended",
    "S": "shop",
    "N": "npc",
    "C": "consumed",
    "A": "administrator",
    "R": "storage",
    "G": "guild_storage",
    "E": "mail",
    "B": "buying_store",
    "O": "produced",
    "I": "auction",
    "D": "stolen",
    "U": "mvp_prize",
    "$": "cash",
    "F": "bound_removed",
    "Y": "lottery",
    "Z": "merged",
    "Q": "quest",
    "H": "airship",
    "J": "barter",
    "K": "bank",
    "W": "laphine",
    "0": "enchant_grade",
    "1": "reform",
    "2": "enchant",
    "3": "package",
}
"""`picklog.type` and `zenylog.type`."""


TEXTS = frozenset(
    {
        "type",
        "src_map",
        "dst_charname",
        "message",
        "char_name",
        "map",
        "mes",
        "command",
        "user",
        "log",
        "char_msg",
        "name",
        "kind",
        "detail",
    }
)
"""Columns that hold text, in whatever encoding the game server uses; the database often believes it to be latin1."""


@dataclass(frozen=True, slots=True)
class LogTable:
    """`cursor` and `time` are SQL expressions over the table's columns; `read(row)` gives the kind and the data of a
    row (a mapping of `columns`), `who` and `where` name the columns that say whom and where it is about. Rows whose
    `type` is one `of_monsters` hold the id of a monster where others hold that of a character.
    """

    name: str
    cursor: str
    time: str
    columns: tuple[str, ...]
    read: Callable[[Mapping[str, Any]], tuple[str, Json]]
    who: Mapping[str, str]
    where: Mapping[str, str]
    by_second: bool = False
    of_monsters: frozenset[str] = frozenset()


def _chat(row: Mapping[str, Any]) -> tuple[str, Json]:
    data: Json = {"message": row["message"]}
    if row["type"] == "W":
        data["to"] = row["dst_charname"]
    elif row["type_id"]:
        data["group_id"] = row["type_id"]
    return f"chat.{CHAT.get(row['type'], 'other')}", data


def _item(row: Mapping[str, Any]) -> tuple[str, Json]:
    data = {"item_id": row["nameid"], "amount": row["amount"]}
    if row["refine"]:
        data["refine"] = row["refine"]
    return f"item.{ITEMS.get(row['type'], 'other')}", data


def _zeny(row: Mapping[str, Any]) -> tuple[str, Json]:
    return f"zeny.{ITEMS.get(row['type'], 'other')}", {"amount": row["amount"], "source_id": row["src_id"]}


def _own(row: Mapping[str, Any]) -> tuple[str, Json]:
    return f"player.{row['kind']}", {"detail": row["detail"]} if row["detail"] else {}


TABLES: Mapping[str, LogTable] = {
    table.name: table
    for table in (
        LogTable(
            "chatlog",
            "`id`",
            "`time`",
            (
                "type",
                "type_id",
                "src_charid",
                "src_accountid",
                "src_map",
                "src_map_x",
                "src_map_y",
                "dst_charname",
                "message",
            ),
            _chat,
            {"char_id": "src_charid", "account_id": "src_accountid"},
            {"map": "src_map", "x": "src_map_x", "y": "src_map_y"},
        ),
        LogTable(
            "npclog",
            "`npc_id`",
            "`npc_date`",
            ("account_id", "char_id", "char_name", "map", "mes"),
            lambda row: ("npc.logged", {"message": row["mes"]}),
            {"char_id": "char_id", "account_id": "account_id", "name": "char_name"},
            {"map": "map"},
        ),
        LogTable(
            "picklog",
            "`id`",
            "`time`",
            ("char_id", "type", "nameid", "amount", "refine", "map"),
            _item,
            {"char_id": "char_id"},
            {"map": "map"},
            of_monsters=frozenset({"M", "L"}),
        ),
        LogTable(
            "zenylog",
            "`id`",
            "`time`",
            ("char_id", "src_id", "type", "amount", "map"),
            _zeny,
            {"char_id": "char_id"},
            {"map": "map"},
        ),
        LogTable(
            "mvplog",
            "`mvp_id`",
            "`mvp_date`",
            ("kill_char_id", "monster_id", "prize", "mvpexp", "map"),
            lambda row: (
                "mvp.killed",
                {"monster_id": row["monster_id"], "prize": row["prize"], "exp": row["mvpexp"]},
            ),
            {"char_id": "kill_char_id"},
            {"map": "map"},
        ),
        LogTable(
            "atcommandlog",
            "`atcommand_id`",
            "`atcommand_date`",
            ("account_id", "char_id", "char_name", "map", "command"),
            lambda row: ("command.used", {"command": row["command"]}),
            {"char_id": "char_id", "account_id": "account_id", "name": "char_name"},
            {"map": "map"},
        ),
        LogTable(
            "loginlog",
            "UNIX_TIMESTAMP(`time`)",
            "`time`",
            # No address is ever read.
            ("user", "rcode", "log"),
            lambda row: ("account.login", {"user": row["user"], "code": row["rcode"], "message": row["log"]}),
            {},
            {},
            by_second=True,
        ),
        LogTable(
            "charlog",
            "`id`",
            "`time`",
            ("char_msg", "account_id", "char_num", "name"),
            lambda row: ("character.changed", {"message": row["char_msg"], "slot": row["char_num"]}),
            {"account_id": "account_id", "name": "name"},
            {},
        ),
        LogTable(
            "lorestream_events",
            "`id`",
            "`at`",
            ("kind", "account_id", "char_id", "char_name", "map", "x", "y", "detail"),
            _own,
            {"char_id": "char_id", "account_id": "account_id", "name": "char_name"},
            {"map": "map", "x": "x", "y": "y"},
        ),
    )
}
