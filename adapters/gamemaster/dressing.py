"""A proposal as a page shows it: the texts of its drafts as HTML, with the names of what they link to."""

from __future__ import annotations

import asyncio

from adapters import markdown
from adapters.sql.reader import Reader
from commands.agents.gamemaster.kinds import KINDS
from commands.forms.filling import references
from commands.forms.kinds import BY_NAME
from events.commit import Json
from projections.campaign_overview import rows_of


async def dressed(reader: Reader, proposal: Json) -> Json:
    """`proposal` with `html` beside the `fields` of every draft, and `references`: name and kind of what they name.

    Raises `ProjectionError`.
    """
    if not proposal:
        return proposal
    kind = KINDS[proposal["kind"]].element
    wanted = {each.to for draft in proposal["drafts"] for each in references(kind, draft["fields"])}
    rows = await reader.run(rows_of, proposal["campaign_id"], sorted(wanted)) if wanted else {}
    names = {element_id: row["name"] for element_id, row in rows.items()}
    drafts = await asyncio.to_thread(_rendered, proposal, kind, names)
    shown = {element_id: {"name": row["name"], "kind": row["kind"]} for element_id, row in rows.items()}
    return {**proposal, "drafts": drafts, "references": shown}


def _rendered(proposal: Json, kind: str, names: dict[str, str]) -> list[Json]:
    form = BY_NAME[kind]
    return [
        {
            **draft,
            "html": {
                name: markdown.render(value, names, proposal["campaign_id"])
                for name, value in draft["fields"].items()
                if name in form and form[name].form == "text"
            },
        }
        for draft in proposal["drafts"]
    ]
