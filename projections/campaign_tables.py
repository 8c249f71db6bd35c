"""The tables of campaigns: what each is now, and the intervals of log positions in which it was otherwise.

A row with `since` and `until` holds from the position `since` on and no longer at `until`; what holds still ends at
`OPEN`. So everything "as of position n" is one query: `since <= n < until`.
"""

from __future__ import annotations

from sqlalchemy import Index

from projections.schema import (
    INTEGER,
    SAFE_INTEGER,
    TEXT,
    Codec,
    from_text,
    name,
    optional,
    required,
    table,
    to_text,
)

OPEN = SAFE_INTEGER
JSON = Codec(to_text, from_text)

CAMPAIGNS = table(
    "campaigns",
    required("campaign_id", name(64), key=True),
    required("name", name(120)),
    required("ruleset", name(8)),
    required("language", name(8)),
    required("theme", name(300)),
    required("level", INTEGER),
    required("status", name(16)),
    required("archived", INTEGER),
    required("version", INTEGER),
    required("created_at", INTEGER),
    required("changed_at", INTEGER),
    required("position", INTEGER),
    required("session", INTEGER),
    required("session_title", name(120)),
    optional("session_started_at", INTEGER),
    required("sessions", INTEGER),
    required("last_ended", INTEGER),
    required("roster", TEXT, codec=JSON),
    required("description", TEXT),
    clustered=True,
)
"""`session` is the number of the one that runs (0: none), `last_ended` the position at which the last one ended;
`roster` maps accounts to `[role, name, since, joined_at]`."""

CAMPAIGN_DETAILS = table(
    "campaign_details",
    required("campaign_id", name(64), key=True),
    required("since", INTEGER, key=True),
    required("details", TEXT),
    clustered=True,
)
MEMBERS = table(
    "campaign_members",
    required("campaign_id", name(64), key=True),
    required("account_id", name(128), key=True),
    required("role", name(16)),
    required("name", name(120)),
    required("since", INTEGER),
    required("joined_at", INTEGER),
    clustered=True,
)
Index("ix_campaign_members_account", MEMBERS.c.account_id, MEMBERS.c.campaign_id)

MEMBER_HISTORY = table(
    "campaign_member_history",
    required("campaign_id", name(64), key=True),
    required("account_id", name(128), key=True),
    required("since", INTEGER, key=True),
    required("until", INTEGER),
    required("role", name(16)),
    required("name", name(120)),
    required("joined_at", INTEGER),
    clustered=True,
)

SESSIONS = table(
    "campaign_sessions",
    required("campaign_id", name(64), key=True),
    required("number", INTEGER, key=True),
    required("title", name(120)),
    required("started_at", INTEGER),
    required("started_position", INTEGER),
    optional("ended_at", INTEGER),
    required("ended_position", INTEGER),
    required("recap", TEXT),
    required("recap_players", TEXT),
    clustered=True,
)
CHARACTERS = table(
    "campaign_characters",
    required("campaign_id", name(64), key=True),
    required("character_id", name(64), key=True),
    required("player", name(128)),
    required("name", name(120)),
    required("version", INTEGER),
    required("since", INTEGER),
    required("changed_at", INTEGER),
    required("fields", TEXT, codec=JSON),
    clustered=True,
)
CHARACTER_HISTORY = table(
    "campaign_character_history",
    required("campaign_id", name(64), key=True),
    required("character_id", name(64), key=True),
    required("since", INTEGER, key=True),
    required("until", INTEGER),
    required("player", name(128)),
    required("name", name(120)),
    required("version", INTEGER),
    required("changed_at", INTEGER),
    required("fields", TEXT, codec=JSON),
    clustered=True,
)
CHANGES = table(
    "campaign_changes",
    required("campaign_id", name(64), key=True),
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("at", INTEGER),
    required("actor", name(200)),
    required("actor_name", name(120)),
    required("what", name(64)),
    required("subject", name(128)),
    required("kind", name(16)),
    required("name", name(120)),
    required("fields", TEXT),
    required("visibility", name(8)),
    required("members", TEXT),
    required("field_visibility", TEXT),
    clustered=True,
)
"""One row per event. `what` is its type, `subject` the element, character or account it is about; who may see an
element's row is told as it was after the event."""
Index("ix_campaign_changes_at", CHANGES.c.campaign_id, CHANGES.c.at)
