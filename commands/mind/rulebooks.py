"""All rules of the mind and the world as one value: the parsed books of ``conf/``, with a fingerprint of each.

Decisions and read models are functions of the log *and* of these books, so both say which ones they used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError

from commands.legend.book import LegendBook, parse_bloodlines, parse_syntheses
from commands.mind.actions import Catalogue, parse_actions
from commands.mind.dialogue.intent import (
    IntentSource,
    Lexicon,
    LexiconSource,
    PatternRefused,
    build_lexicon,
)
from commands.mind.goals import GoalRules, parse_goal_rules
from commands.mind.moments import Moments, parse_moments
from commands.mind.personality import Archetypes, parse_archetypes
from commands.mind.prices import PriceTable, parse_prices
from commands.mind.quest_templates import QuestBook, parse_quests
from commands.mind.rules import AppraisalRules, parse_appraisal
from commands.mind.tables import TableError
from commands.worldbook import WorldBook, parse_world
from events.errors import ConfigurationError

_LETTERS: Final = 16
_LANGUAGES: Final = "docs/decisions/0105-dialogue-templates.md describes the form of a language file"

_PARSERS: Final[dict[str, Callable[[Mapping[str, Any]], Any]]] = {
    "actions": parse_actions,
    "appraisal": parse_appraisal,
    "archetypes": parse_archetypes,
    "goals": parse_goal_rules,
    "prices": parse_prices,
    "quests": parse_quests,
    "bloodlines": parse_bloodlines,
    "syntheses": parse_syntheses,
    "world": parse_world,
    "moments": parse_moments,
}
BOOKS: Final = tuple(_PARSERS)
"""The names of the books; each is a file ``NAME.toml``."""
MIND: Final = ("actions", "appraisal", "archetypes", "goals", "prices", "quests")
"""Those that an NPC's decisions rest on."""


@dataclass(frozen=True, slots=True)
class RuleBooks:
    """What the mind is told about the game. `hashes` fingerprints each book by its content, not its comments.

    `lexicons` are what the words of players are understood by, per language; what was understood is in the log.
    """

    actions: Catalogue
    appraisal: AppraisalRules
    archetypes: Archetypes
    goals: GoalRules
    prices: PriceTable
    quests: QuestBook
    bloodlines: LegendBook
    syntheses: LegendBook
    world: WorldBook
    moments: Moments
    hashes: Mapping[str, str]
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)

    def fingerprint(self, *books: str) -> str:
        """16 hexadecimal digits for the named books, or for all of the mind's."""
        chosen = sorted(books or MIND)
        return _digest([[name, self.hashes[name]] for name in chosen])


def rule_books(
    tables: Mapping[str, Mapping[str, Any]],
    origins: Mapping[str, str],
    languages: Mapping[str, Mapping[str, Any]] | None = None,
) -> RuleBooks:
    """The books from their parsed tables, by name. `origins` says which file each came from, `languages` are the parsed
    files of ``conf/dialogue`` by theirs.

    Raises `ConfigurationError` naming file, key and remedy.
    """
    parsed = {name: _parsed(name, tables[name], origins[name]) for name in BOOKS}
    hashes = {name: _digest(tables[name]) for name in BOOKS}
    lexicons = {
        str(table.get("language", "")): _lexicon(table, origin) for origin, table in (languages or {}).items()
    }
    return RuleBooks(**parsed, hashes=hashes, lexicons=lexicons)


def _lexicon(table: Mapping[str, Any], origin: str) -> Lexicon:
    try:
        intents = {name: IntentSource(**source) for name, source in table["intents"].items()}
        return build_lexicon(LexiconSource(**table["lexicon"]), intents)
    except PatternRefused as error:
        raise ConfigurationError(origin, error.key, error.problem, _LANGUAGES) from None
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise ConfigurationError(origin, "intents", str(error).splitlines()[0], _LANGUAGES) from None


def _parsed(name: str, table: Mapping[str, Any], origin: str) -> Any:
    try:
        return _PARSERS[name](table)
    except TableError as error:
        raise error.found_in(origin) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or name
        raise ConfigurationError(
            origin, key, first["msg"], "The columns are explained at the top of the file that ships"
        ) from None
    except ValueError as error:
        raise ConfigurationError(origin, name, str(error), "Correct the file") from None


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:_LETTERS]
