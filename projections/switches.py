"""The read model of switches: which providers and agents of models were last switched on or off, and when.

What was never switched has no row: then the configuration counts (`projections.configured`).
"""

from __future__ import annotations

from collections.abc import Iterable

from events.agent import AgentStatusChanged
from events.provider import ProviderStatusChanged
from projections.projection import Address, Entry, Projection
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, name, required, table

SWITCHES = table(
    "switches",
    required("category", name(16), key=True),
    required("name", name(), key=True),
    required("enabled", INTEGER),
    required("reason", TEXT),
    required("changed_at", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
"""`category` is provider or agent, `name` its key in `providers.toml` or `agents.toml`."""


def _keys(_entry: Entry) -> Iterable[Address]:
    return ()


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        if isinstance(event, ProviderStatusChanged | AgentStatusChanged):
            key = (entry.category, entry.entity)
            row = {
                "category": entry.category,
                "name": entry.entity,
                "enabled": int(event.enabled),
                "reason": event.reason,
                "changed_at": entry.at,
                "position": entry.position,
            }
            rows.put(SWITCHES, key, row)


MODEL_SWITCHES = Projection("switches", 1, (SWITCHES,), _keys, _fold, frozenset({"provider", "agent"}))
