"""What happened to legends, to the world, by scripts, to proposals and in conversations, in a sentence for people."""

from __future__ import annotations

from adapters.campaign_tidings import campaign_tiding
from events.agent import AgentStatusChanged
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.chat import ChatAnswered, ChatDropped, ChatSaid
from events.commit import Commit, Event, moment
from events.proposal import ProposalAccepted, ProposalMade, ProposalRejected
from events.provider import ProviderStatusChanged
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from events.synthesis import SynthesisExpAdded, SynthesisLevelRaised, SynthesisStirred, SynthesisUnlocked
from events.world import (
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldLooked,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)


def tiding(event: Event, commit: Commit) -> str | None:
    """One sentence about an event of a legend, the world, a script, a provider, an agent, a proposal, a conversation or
    a campaign; None for any other."""
    return (
        _of_legend(event, commit.entity)
        or _of_world(event)
        or _of_script(event, commit.entity)
        or _of_proposal(event)
        or _of_conversation(event)
        or campaign_tiding(event, commit)
    )


def _of_legend(event: Event, char_id: str) -> str | None:
    match event:
        case BloodlineStirred(bloodline_id=number) | SynthesisStirred(synthesis_id=number):
            told = f"{event.deed} stirred {_kind(event)} {number} of {char_id}: {event.total} gathered"
        case BloodlineUnlocked(bloodline_id=number) | SynthesisUnlocked(synthesis_id=number):
            told = f"{_kind(event)} {number} of {char_id} awoke" + (f" by {event.deed}" if event.deed else "")
        case BloodlineExpAdded(bloodline_id=number) | SynthesisExpAdded(synthesis_id=number):
            by = f" by {event.deed}" if event.deed else ""
            told = f"{_kind(event)} {number} of {char_id} gained {event.exp}{by}, {event.growth.total} in all"
        case BloodlineLevelRaised(bloodline_id=number) | SynthesisLevelRaised(synthesis_id=number):
            return (
                f"{_kind(event)} {number} of {char_id} rose from level {event.before} to {event.growth.level}"
            )
        case _:
            return None
    return told + (f": {event.narrative!r}" if event.narrative else "")


def _kind(event: Event) -> str:
    return event.type.partition(".")[0]


def _of_world(event: Event) -> str | None:
    match event:
        case WorldEvolved():
            where = f" over {', '.join(event.maps)}" if event.maps else ""
            because = f" because of {event.trigger}" if event.trigger else ""
            return f"{event.title}{where}{because}: {event.description!r}"
        case WorldLooked():
            return "it was time to look at the world"
        case WorldSeasonChanged():
            return f"{event.season} has come"
        case WorldWeatherChanged():
            return f"{event.weather} over {event.map} until {moment(event.until):%H:%M}"
        case WorldWeatherEnded():
            return f"the {event.weather} over {event.map} is over"
        case WorldFestivalStarted():
            return f"{event.title} lasts until {moment(event.until):%Y-%m-%d %H:%M}"
        case WorldFestivalEnded():
            return f"the festival {event.festival} is over"
    return None


def _of_script(event: Event, entity: str) -> str | None:
    match event:
        case ScriptEventCreated():
            who = f" of {event.char_id}" if event.char_id else ""
            where = f" in {event.map}" if event.map else ""
            return f"a script tells of {event.event_type}{who}{where} as event {entity}{_for(event.agent)}"
        case ScriptEventProcessed():
            return f"event {entity}, {event.event_type}, counts from now on{_for(event.agent)}"
        case ProviderStatusChanged() | AgentStatusChanged():
            because = f": {event.reason!r}" if event.reason else ""
            return f"{_kind(event)} {entity} was switched {'on' if event.enabled else 'off'}{because}"
    return None


def _for(agent: str) -> str:
    return f", for {agent} only" if agent else ""


def _of_proposal(event: Event) -> str | None:
    match event:
        case ProposalMade():
            drafts = f"{len(event.drafts)} draft" + ("s" if len(event.drafts) != 1 else "")
            who = event.by_name or event.by
            return f"{who} was given {drafts} of a {event.kind} for campaign {event.campaign_id}: {event.brief[:160]!r}"
        case ProposalAccepted():
            edited = f", {', '.join(event.edited)} edited" if event.edited else ""
            return f"draft {event.draft + 1} was accepted as element {event.element_id}{edited}"
        case ProposalRejected():
            return "the proposal was rejected" + (f": {event.reason!r}" if event.reason else "")
    return None


def _of_conversation(event: Event) -> str | None:
    match event:
        case ChatSaid():
            return f"a {event.role} asked the assistant: {event.text[:160]!r}"
        case ChatAnswered():
            because = f" ({event.problem})" if event.problem else ""
            return f"the assistant answered by {event.model or event.route}{because}: {event.text[:160]!r}"
        case ChatDropped():
            return "nobody waits for that answer any more" + (f": {event.reason}" if event.reason else "")
    return None
