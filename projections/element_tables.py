"""The tables of elements: what each is now, every revision of it, and what refers to what between which positions."""

from __future__ import annotations

from sqlalchemy import Index

from projections.campaign_tables import JSON
from projections.schema import INTEGER, TEXT, name, required, table

_BRIEF_LENGTH = 300

ELEMENTS = table(
    "elements",
    required("element_id", name(64), key=True),
    required("campaign_id", name(64)),
    required("kind", name(16)),
    required("status", name(8)),
    required("visibility", name(8)),
    required("sort", name(120)),
    required("name", name(120)),
    required("version", INTEGER),
    required("version_players", INTEGER),
    required("position", INTEGER),
    required("changed_at", INTEGER),
    required("changed_at_players", INTEGER),
    required("created_at", INTEGER),
    required("image_id", name(64)),
    required("npc_id", name(128)),
    required("summary", name(_BRIEF_LENGTH)),
    required("tags", TEXT),
    required("members", TEXT),
    required("field_visibility", TEXT),
    required("origin", TEXT),
    required("links", TEXT, codec=JSON),
    required("blame", TEXT, codec=JSON),
    required("fields", TEXT, codec=JSON),
    clustered=True,
)
"""`status` is live or removed; `sort` the name as it is sorted and looked for; `version_players` the last version that
changed anything players may see; `links` the references there are with the position since when."""
Index("ix_elements_sort", ELEMENTS.c.campaign_id, ELEMENTS.c.status, ELEMENTS.c.sort, ELEMENTS.c.element_id)
Index(
    "ix_elements_kind",
    ELEMENTS.c.campaign_id,
    ELEMENTS.c.status,
    ELEMENTS.c.kind,
    ELEMENTS.c.sort,
    ELEMENTS.c.element_id,
)
Index("ix_elements_image", ELEMENTS.c.campaign_id, ELEMENTS.c.image_id)
Index("ix_elements_count", ELEMENTS.c.campaign_id, ELEMENTS.c.status, ELEMENTS.c.visibility, ELEMENTS.c.kind)

SPANS = table(
    "element_spans",
    required("element_id", name(64), key=True),
    required("version", INTEGER, key=True),
    required("campaign_id", name(64)),
    required("since", INTEGER),
    required("until", INTEGER),
    required("kind", name(16)),
    required("status", name(8)),
    required("visibility", name(8)),
    required("sort", name(120)),
    required("name", name(120)),
    required("version_players", INTEGER),
    required("changed_at", INTEGER),
    required("changed_at_players", INTEGER),
    required("image_id", name(64)),
    required("npc_id", name(128)),
    required("summary", name(_BRIEF_LENGTH)),
    required("tags", TEXT),
    required("members", TEXT),
    required("field_visibility", TEXT),
    clustered=True,
)
Index(
    "ix_element_spans_sort",
    SPANS.c.campaign_id,
    SPANS.c.sort,
    SPANS.c.element_id,
    SPANS.c.since,
    SPANS.c.until,
)

REVISIONS = table(
    "element_revisions",
    required("element_id", name(64), key=True),
    required("version", INTEGER, key=True),
    required("campaign_id", name(64)),
    required("kind", name(16)),
    required("position", INTEGER),
    required("at", INTEGER),
    required("actor", name(200)),
    required("actor_name", name(120)),
    required("what", TEXT),
    required("changed", TEXT),
    required("origin", TEXT),
    required("status", name(8)),
    required("visibility", name(8)),
    required("members", TEXT),
    required("field_visibility", TEXT),
    required("version_players", INTEGER),
    required("changed_at_players", INTEGER),
    required("blame", TEXT),
    required("fields", TEXT),
    clustered=True,
)
REFERENCES = table(
    "element_references",
    required("from_id", name(64), key=True),
    required("field", name(64), key=True),
    required("to_id", name(64), key=True),
    required("label", name(80), key=True),
    required("since", INTEGER, key=True),
    required("until", INTEGER),
    required("campaign_id", name(64)),
    required("weight", INTEGER),
    clustered=True,
)
Index("ix_element_references_to", REFERENCES.c.to_id, REFERENCES.c.campaign_id, REFERENCES.c.until)

WORDS = table(
    "element_words",
    required("campaign_id", name(64), key=True),
    required("element_id", name(64), key=True),
    required("words", TEXT),
    required("words_masters", TEXT),
)
"""What an element is found by, as `commands.forms.text.searchable` makes it: `words` of what players may see of it,
`words_masters` of the rest.

It is read from one end to the other, so not clustered: SQLite would put most of every row on a page of its own."""
