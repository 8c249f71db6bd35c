"""What a question at the table is asked with: the campaign, the party, and what bears on it."""

from __future__ import annotations

from collections.abc import Sequence

from commands.agents.gamemaster.briefing import Campaign, Circumstances, Relative
from events.commit import Json


def circumstances(known: Json, entries: Sequence[Json]) -> Circumstances:
    """What `known_at_the_table` found, as a question is asked with it."""
    row, running = known["campaign"], known["campaign"]["session"]
    session: Json = {"number": running["number"], "title": running["title"]} if running else {}
    recap = next((each.get("recap") or each["recap_players"] for each in known["sessions"]), "")
    if recap:
        session["what happened last time"] = recap
    campaign = Campaign(
        row["campaign_id"],
        row["name"],
        row["description"],
        row["theme"],
        row["ruleset"],
        row["language"],
        row["level"],
        session,
    )
    people = tuple(
        {**each["fields"], "name": each["name"], "character_id": each["character_id"]}
        for each in known["characters"]
    )
    elements = tuple(
        Relative(
            each["element_id"],
            each["kind"],
            each["name"],
            each["fields"],
            1 if each["weight"] else 4,
            "asked about" if each["weight"] else "recent",
        )
        for each in known["elements"]
    )
    lines = tuple(
        " ".join(filter(None, (each["what"].replace(".", " ").replace("_", " "), each["name"])))
        for each in known["changes"]
    )
    return Circumstances(campaign, people, elements, lines, tuple(entries))
