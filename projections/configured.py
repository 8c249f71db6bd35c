"""What the configuration says of providers and agents, for those who read the database only.

No read model: it does not follow from the log. The projector writes it whenever it starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from projections.schema import INTEGER, TEXT, name, optional, required, table

PROVIDERS = table(
    "configured_providers",
    required("provider_id", INTEGER, key=True),
    required("name", name(64)),
    required("title", name(64)),
    required("type", name(64)),
    required("model", name()),
    required("config", TEXT),
    required("enabled", INTEGER),
    required("priority", INTEGER),
    clustered=True,
)
AGENTS = table(
    "configured_agents",
    required("agent_id", INTEGER, key=True),
    required("name", name(64)),
    required("title", name(64)),
    required("type", name(64)),
    optional("provider_id", INTEGER),
    required("config", TEXT),
    required("enabled", INTEGER),
    required("memory_prefix", name(64)),
    clustered=True,
)
"""`provider_id` is null for an agent that asks all providers by their priority."""


def replace(
    connection: Connection, providers: Sequence[Mapping[str, Any]], agents: Sequence[Mapping[str, Any]]
) -> bool:
    """Store these rows in place of the old ones, if they differ; whether they did."""
    changed = False
    for where, rows in ((PROVIDERS, providers), (AGENTS, agents)):
        key = next(iter(where.primary_key))
        stored = connection.execute(select(where).order_by(key)).mappings().all()
        wanted = sorted((dict(row) for row in rows), key=lambda row: row[key.name])
        if [dict(row) for row in stored] == wanted:
            continue
        changed = True
        connection.execute(delete(where))
        if wanted:
            connection.execute(insert(where), wanted)
    return changed
