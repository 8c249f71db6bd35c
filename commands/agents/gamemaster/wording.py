"""Verdicts in the language of a campaign: the rules speak English; their sentences are few and have a French one each.

Names, numbers and words of the rules stay as they are. A sentence without a counterpart stays English.
"""

from __future__ import annotations

import re
from functools import lru_cache

_FRENCH: tuple[tuple[str, str], ...] = (
    (r"(\d+) hit points agree with (.+)\.", r"\1 points de vie s'accordent avec \2."),
    (
        r"(\d+) hit points do not follow from (.+): its average is (-?\d+)\.",
        r"\1 points de vie ne découlent pas de \2 : la moyenne est \3.",
    ),
    (
        r"(.+) is no expression of dice; write it like (.+)",
        r"\1 n'est pas une expression de dés ; écrire par exemple \2",
    ),
    (
        r"Rating (\S+) has a proficiency bonus of (\S+), not (\S+)\.",
        r"L'indice \1 donne un bonus de maîtrise de \2, pas \3.",
    ),
    (r"Rating (\S+) has a proficiency bonus of (\S+)\.", r"L'indice \1 donne un bonus de maîtrise de \2."),
    (
        r"(.+) is no challenge rating(?:;.*|\.)",
        r"\1 n'est pas un indice de dangerosité (0, 1/8, 1/4, 1/2, 1 à 30).",
    ),
    (r"Save DC (\d+) = (.+)\.", r"DD de sauvegarde \1 = \2."),
    (r"Save DC (\d+) should be (.+)\.", r"Le DD de sauvegarde \1 devrait être \2."),
    (r"All ability scores are within 1 to 30\.", r"Toutes les caractéristiques sont entre 1 et 30."),
    (r"(\w+) (-?\d+) is outside (\d+) to (\d+)\.", r"\1 \2 est hors de \3 à \4."),
    (r"(.+) is an? (creature|spell|item|class) of (.+)\.", r"\1 existe dans \3 (\2)."),
    (
        r"(.+) has no (\w+) named (.+); close: (.+)\.",
        r"\1 n'a rien qui se nomme \3 (\2) ; noms proches : \4.",
    ),
    (
        r"(.+) has no (\w+) named (.+); search the reference data for one\.",
        r"\1 n'a rien qui se nomme \3 (\2) ; chercher dans les données de référence.",
    ),
    (
        r"(.+) cannot be looked up: only the sample of the reference data is there\.",
        r"\1 ne peut être vérifié : seul l'échantillon des données de référence est là.",
    ),
    (r"(.+): spells have level 0 to 9, not (-?\d+)\.", r"\1 : les sorts ont un niveau de 0 à 9, pas \2."),
    (r"(.+) is on the list of (.+)\.", r"\1 est sur la liste de \2."),
    (
        r"(.+) is not on the list of (.+); it is on: (.+)\.",
        r"\1 n'est pas sur la liste de \2, mais sur : \3.",
    ),
    (
        r"A (.+) of level (\d+) casts spells up to level (\d+): (.+) has level (\d+) and is out of reach\.",
        r"Niveau \2 en \1 : sorts jusqu'au niveau \3 ; \4, de niveau \5, est hors de portée.",
    ),
    (
        r"A (.+) of level (\d+) casts spells up to level (\d+)\.",
        r"Niveau \2 en \1 : sorts jusqu'au niveau \3.",
    ),
    (r"A character has level 1 to 20, not (-?\d+)\.", r"Un personnage a un niveau de 1 à 20, pas \1."),
    (r"(.+) has level (\d+)\.", r"\1 est de niveau \2."),
    (r"(\d+) XP fit into the (\w+) budget of (\d+)\.", r"\1 PX tiennent dans le budget (\2) de \3."),
    (
        r"(\d+) XP exceed the (\w+) budget of (\d+): take out monsters worth (\d+) XP\.",
        r"\1 PX dépassent le budget (\2) de \3 : retirer des monstres pour \4 PX.",
    ),
    (r"The encounter is not easier than (\w+)\.", r"La rencontre n'est pas plus facile que demandé (\1)."),
    (
        r"(\d+) XP are less than (\w+): monsters worth more than (-?\d+) XP may be added\.",
        r"\1 PX, c'est moins que demandé (\2) : on peut ajouter des monstres pour plus de \3 PX.",
    ),
    (r"(\d+) monsters: at most (\d+) are advised\.", r"\1 monstres : au plus \2 sont conseillés."),
    (
        r"(\d+) monsters: at most (\d+) are advised; more than two for each character are risky(.*)\.",
        r"\1 monstres : au plus \2 sont conseillés ; plus de deux par personnage, c'est risqué.",
    ),
    (
        r"(\d+) stat blocks: at most (\d+) are advised(.*)\.",
        r"\1 profils différents : au plus \2 sont conseillés.",
    ),
    (
        r"(\d+) creatures of rating 0: at most (\d+) are advised\.",
        r"\1 créatures d'indice 0 : au plus \2 sont conseillées.",
    ),
    (
        r"(\d+) creatures of rating 0: at most (\d+) are advised; use swarms instead\.",
        r"\1 créatures d'indice 0 : au plus \2 sont conseillées ; prendre plutôt des nuées.",
    ),
    (r"No rating is above the lowest level, (\d+)\.", r"Aucun indice ne dépasse le niveau le plus bas, \1."),
    (
        r"Rating (\S+) is above level (\d+): one action may fell a character\.",
        r"L'indice \1 dépasse le niveau \2 : une seule action peut abattre un personnage.",
    ),
    (r"(.+) \((.+)\) suits level (\d+)\.", r"\1 (\2) convient au niveau \3."),
    (
        r"(.+) is (.+): that suits from level (\d+); at level (\d+), up to (.+)\.",
        r"\1 est de rareté « \2 » : cela convient dès le niveau \3 ; au niveau \4, au plus « \5 ».",
    ),
    (
        r"(.+) is (.+): that suits as the goal of a campaign only; at level (\d+), up to (.+)\.",
        r"\1 est de rareté « \2 » : seulement comme but d'une campagne ; au niveau \3, au plus « \4 ».",
    ),
    (r"(.+) is a rarity\.", r"« \1 » est une rareté."),
    (r"(.+) is no rarity; use one of those expected\.", r"\1 n'est pas une rareté."),
    (
        r"No other element of the campaign is called (.+)\.",
        r"Aucun autre élément de la campagne ne se nomme \1.",
    ),
    (
        r"There is an? (\w+) called (.+) already: choose another name\.",
        r"Il y a déjà un élément nommé \2 (\1) : choisir un autre nom.",
    ),
    (r"The campaign has no (.+) ('.+')\.", r"La campagne n'a pas d'élément \2 (\1)."),
    (r"(.+) is an? (\w+) of the campaign\.", r"\1 est un élément de la campagne (\2)."),
    (
        r"(.+) is dead and can neither ask for anything nor take part: name somebody else\.",
        r"\1 est mort et ne peut ni demander ni participer : nommer quelqu'un d'autre.",
    ),
    (
        r"(.+) is dead: see that nobody of that name speaks or acts in it\.",
        r"\1 est mort : veiller à ce que personne de ce nom n'y parle ni n'agisse.",
    ),
    (
        r"the campaign's spending limit is used up until (\d{4})-(\d\d)-(\d\d)",
        r"le plafond de dépenses de la campagne est atteint jusqu'au \3/\2/\1",
    ),
    (
        r"the campaign's spending limit is used up until (\d{4})-(\d\d)-(\d\d): tables wrote this",
        r"le plafond de dépenses de la campagne est atteint jusqu'au \3/\2/\1 : des tables ont écrit ceci",
    ),
    (
        r"the budget or the limits of the models are used up: tables wrote this",
        r"le budget ou les limites des modèles sont épuisés : des tables ont écrit ceci",
    ),
    (r"(\w+): the answer leaves it out", r"\1 : absent de la réponse"),
    (r"(\w+): (.+): (.+) cannot be kept", r"\1 : \3 ne peut être gardé"),
    (r"(\w+): (.+) cannot be kept", r"\1 : \2 ne peut être gardé"),
    (
        r"(\w+): (.+) is the number of no .+ that was shown",
        r"\1 : \2 n'est le numéro d'aucun élément présenté",
    ),
)


def worded(message: str, language: str) -> str:
    """A verdict's sentence in `language` (en, fr)."""
    if language != "fr":
        return message
    for pattern, french in _patterns():
        found = pattern.fullmatch(message)
        if found:
            return found.expand(french)
    return message


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), french) for pattern, french in _FRENCH)
