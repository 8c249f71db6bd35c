"""Why something matters tonight, as a sentence in the language of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping

from projections.urgency import Reason

_WORDS: Mapping[str, tuple[str, str]] = {
    "down": ("is down: {now} of {most} hit points", "est à terre : {now} points de vie sur {most}"),
    "hurt": ("has only {now} of {most} hit points", "n'a plus que {now} points de vie sur {most}"),
    "proposals": ("{n} wait for your verdict", "{n} en attente de votre verdict"),
    "flagged": ("is tagged “{tag}”", "porte l'étiquette « {tag} »"),
    "recap": ("the last recap speaks of it", "le dernier résumé en parle"),
    "touched": ("changed since the last evening", "a changé depuis la dernière soirée"),
    "here": ("is where the party is: {place}", "est là où se trouve le groupe : {place}"),
    "place": ("the party is there", "le groupe s'y trouve"),
    "quest.active": ("the quest is under way", "la quête est en cours"),
    "quest.in_progress": ("the quest is under way", "la quête est en cours"),
    "quest.discovered": ("the party knows of it and has not begun", "le groupe la connaît et n'a pas commencé"),
    "quest.available": ("the quest is there to be taken", "la quête peut être prise"),
    "progress": ("is {progress} percent done", "est faite à {progress} pour cent"),
    "giver.dead": ("{name}, who gave it, is dead", "{name}, qui l'a donnée, est mort"),
    "giver.missing": ("{name}, who gave it, is missing", "{name}, qui l'a donnée, a disparu"),
    "giver.captured": ("{name}, who gave it, is captured", "{name}, qui l'a donnée, est captif"),
    "giver.fled": ("{name}, who gave it, has fled", "{name}, qui l'a donnée, a fui"),
    "forgotten": ("nobody touched it for {n} evenings", "personne n'y a touché depuis {n} soirées"),
    "event.tonight": ("is planned for evening {number}: this one", "est prévu pour la soirée {number} : celle-ci"),
    "event.missed": (
        "was planned for evening {number} and has not happened",
        "était prévu pour la soirée {number} et n'a pas eu lieu",
    ),
    "event.planned": ("is planned", "est prévu"),
    "importance": ("importance {importance} of 10", "importance {importance} sur 10"),
    "encounter.running": ("the fight is not over", "le combat n'est pas fini"),
    "encounter.planned": ("is prepared", "est préparée"),
    "npc.missing": ("is missing", "a disparu"),
    "npc.captured": ("is captured", "est captif"),
    "npc.fled": ("has fled", "a fui"),
}  # fmt: skip


def because(reason: Reason, language: str) -> str:
    """The sentence (en, fr). Values are put in as they are: text of a campaign, and as little to be trusted."""
    english, french = _WORDS[reason.code]
    return (french if language == "fr" else english).format(**reason.told)


def known_codes() -> frozenset[str]:
    """Every reason that has a sentence."""
    return frozenset(_WORDS)
