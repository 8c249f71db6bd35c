"""Events of one proposal's stream, `proposal/<id>`: drafts for a campaign, and what its game masters made of them.

A stream begins with `proposal.made`; `proposal.accepted` is its end, a rejected one may still be accepted. What is
accepted stands in the element's own stream, whose origin names the proposal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class DraftVerdict:
    """What code found out about a draft: `rule` is its dotted name, `severity` error, warning or note, `field` the
    field it speaks of. `source` is the document that states the rule."""

    rule: str
    ok: bool
    message: str
    severity: str = "error"
    field: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to do it. `fields` are those of the element's kind (`commands.forms.kinds`); empty where `problem` says
    why there is none.

    `claims` is what it says of the rules beside its fields: the names of creatures, spells and items it uses, a save
    DC. `route` is template, model, fallback, cache or none; a model's draft names its `decision_id`. `cost` is in
    billionths of a dollar; `input_tokens` and `output_tokens` are those of all attempts.
    """

    fields: Json
    route: str
    verdicts: tuple[DraftVerdict, ...] = ()
    claims: Json = field(default_factory=dict)
    decision_id: str = ""
    model: str = ""
    cost: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """Something that was put before the model, about so many `tokens` long; `note` says what, in the block `block`."""

    block: str
    note: str
    tokens: int


@event("proposal.made")
@dataclass(frozen=True, slots=True)
class ProposalMade(Event):
    """`kind` is location, npc, quest, event or description (which becomes a note); `by` the account that asked.

    With a `target` the fields are meant as changes of that element instead of a new one. `seed` is what templates drew
    from. `considered` was known to whoever made the drafts, `left_out` found no room.
    """

    campaign_id: str
    kind: str
    brief: str
    by: str
    drafts: tuple[Draft, ...]
    by_name: str = ""
    language: str = "en"
    seed: str = ""
    target: str = ""
    considered: tuple[Considered, ...] = ()
    left_out: tuple[str, ...] = ()


@event("proposal.accepted")
@dataclass(frozen=True, slots=True)
class ProposalAccepted(Event):
    """Draft number `draft` (from 0) became the element, with `fields` as they were accepted; `edited` names those that
    the game master worded himself."""

    campaign_id: str
    draft: int
    element_id: str
    fields: Json
    edited: tuple[str, ...] = ()
    by: str = ""


@event("proposal.rejected")
@dataclass(frozen=True, slots=True)
class ProposalRejected(Event):
    campaign_id: str
    reason: str = ""
    by: str = ""
