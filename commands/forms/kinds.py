"""The fields of every kind of element, and of players' characters: the one table the rest follows from.

A superset of what older clients read and write, whose names for the fields are the last word of a line.
"""

from __future__ import annotations

from collections.abc import Mapping

from commands.forms.field import Field

Form = tuple[Field, ...]

SECTIONS: Mapping[str, tuple[str, str]] = {
    "about": ("About", "À propos"),
    "world": ("In the world", "Dans le monde"),
    "rules": ("Rules", "Règles"),
    "links": ("Links", "Liens"),
    "master": ("For the game master", "Pour le maître de jeu"),
}


def _name(pascal: str = "Name", en: str = "Name", fr: str = "Nom") -> Field:
    return Field("name", "line", en, fr, pascal=pascal, required=True, length=120)


def _summary(pascal: str = "ShortDescription") -> Field:
    return Field("summary", "line", "Summary", "Résumé", pascal=pascal, length=300)


def _description() -> Field:
    return Field("description", "text", "Description", "Description", pascal="Description")


def _place(name: str, en: str, fr: str, pascal: str) -> Field:
    return Field(name, "reference", en, fr, "links", pascal, kinds=("location",))


def _hit_points(name: str, en: str, fr: str, pascal: str, most: int) -> Field:
    return Field(name, "number", en, fr, "rules", pascal, most=most)


def _rest(image: str = "ImageUrl") -> Form:
    return (
        Field("tags", "tags", "Tags", "Étiquettes"),
        Field("image_id", "line", "Image", "Image", pascal=image, length=64),
        Field("notes", "text", "Notes", "Notes", "master", "Notes", secret=True),
        Field("secrets", "text", "Secrets", "Secrets", "master", secret=True),
    )


LOCATION: Form = (
    _name(),
    Field("type", "line", "Type", "Type", pascal="Type"),
    _summary(),
    _description(),
    Field("atmosphere", "text", "Atmosphere", "Ambiance"),
    Field("points_of_interest", "lines", "Points of interest", "Points d'intérêt"),
    Field("climate", "line", "Climate", "Climat", "world", "Climate"),
    Field("terrain", "line", "Terrain", "Terrain", "world", "Terrain"),
    Field("population", "line", "Population", "Population", "world", "Population"),
    Field("is_discovered", "flag", "Discovered", "Découvert", "world", "IsDiscovered"),
    Field("is_accessible", "flag", "Accessible", "Accessible", "world", "IsAccessible"),
    Field(
        "parent_location_id",
        "reference",
        "Part of",
        "Fait partie de",
        "links",
        "ParentLocationId",
        kinds=("location",),
    ),
    Field("neighbours", "references", "Ways lead to", "Mène à", "links", kinds=("location",)),
    *_rest(),
)
NPC: Form = (
    _name(),
    Field("type", "line", "Role", "Rôle", pascal="Type"),
    _summary(),
    _description(),
    Field("appearance", "text", "Appearance", "Apparence"),
    Field("personality", "text", "Personality", "Personnalité"),
    Field("voice", "line", "Voice", "Voix"),
    Field("motivation", "text", "Motivation", "Motivation", "master", secret=True),
    Field("race", "line", "Species", "Espèce", "rules", "Race"),
    Field("class", "line", "Class", "Classe", "rules", "Class"),
    Field("level", "number", "Level", "Niveau", "rules", "Level", most=30),
    Field("challenge_rating", "line", "Challenge rating", "Indice de dangerosité", "rules", length=8),
    Field("proficiency_bonus", "number", "Proficiency bonus", "Bonus de maîtrise", "rules", least=2, most=9),
    _hit_points("hit_points", "Hit points", "Points de vie", "MaxHitPoints", 10_000),
    _hit_points("current_hit_points", "Current hit points", "Points de vie actuels", "CurrentHitPoints", 10_000),
    Field("hit_dice", "line", "Hit dice", "Dés de vie", "rules", length=40),
    Field("armor_class", "number", "Armour class", "Classe d'armure", "rules", "ArmorClass", most=60),
    Field("speed", "line", "Speed", "Vitesse", "rules", length=80),
    Field("abilities", "abilities", "Abilities", "Caractéristiques", "rules"),
    Field("skills", "lines", "Skills", "Compétences", "rules"),
    Field("spells", "lines", "Spells", "Sorts", "rules"),
    Field("actions", "lines", "Actions", "Actions", "rules"),
    Field("alignment", "line", "Alignment", "Alignement", "rules", "Alignment", length=60),
    Field("gender", "line", "Gender", "Genre", length=60),
    Field("age", "line", "Age", "Âge", length=60),
    Field("faction", "line", "Faction", "Faction", "world"),
    Field(
        "status", "choice", "Status", "Statut", "world", "Status",
        choices=("active", "dead", "missing", "captured", "fled"),
    ),
    Field("npc_id", "line", "NPC of the game world", "PNJ du monde de jeu", "world", length=128, secret=True),
    _place("location_id", "Where", "Lieu", "CurrentLocation"),
    Field("relations", "relations", "Relations", "Relations", "links"),
    *_rest("PortraitUrl"),
)  # fmt: skip
QUEST: Form = (
    _name("Title", "Title", "Titre"),
    _summary(),
    _description(),
    Field("objectives", "lines", "Objectives", "Objectifs"),
    Field(
        "type", "choice", "Type", "Type", pascal="Type", choices=("main", "side", "optional", "personal", "faction"),
    ),
    Field(
        "status", "choice", "Status", "Statut", pascal="Status",
        choices=("available", "discovered", "active", "in_progress", "completed", "failed", "abandoned"),
    ),
    Field("progress", "number", "Progress in percent", "Progression en pour cent", pascal="Progress", most=100),
    Field("reward", "line", "Reward", "Récompense", "rules", "Reward", length=500),
    Field("requirements", "line", "Requirements", "Conditions", "rules", "Requirements", length=500),
    Field("required_level", "number", "Required level", "Niveau requis", "rules", "RequiredLevel", most=20),
    Field("difficulty", "line", "Difficulty", "Difficulté", "rules", "Difficulty", length=60),
    _place("location_id", "Where", "Lieu", "LocationId"),
    Field("quest_giver_id", "reference", "Given by", "Donnée par", "links", "QuestGiver", kinds=("npc",)),
    Field("participants", "references", "Participants", "Participants", "links", kinds=("npc",)),
    Field("complications", "text", "Complications", "Complications", "master", secret=True),
    *_rest(),
)  # fmt: skip
EVENT: Form = (
    _name(),
    Field("type", "line", "Type", "Type", pascal="Type"),
    _summary(),
    _description(),
    Field(
        "status", "choice", "Status", "Statut", pascal="Status", choices=("planned", "happened", "cancelled")
    ),
    Field("game_time", "line", "When", "Quand", "world"),
    Field("session", "number", "Session", "Séance", "world", most=10_000),
    Field("importance", "number", "Importance", "Importance", "world", most=10),
    Field("outcome", "text", "Outcome", "Conséquences"),
    _place("location_id", "Where", "Lieu", "LocationId"),
    Field("quest_id", "reference", "Quest", "Quête", "links", kinds=("quest",)),
    Field("participants", "references", "Participants", "Participants", "links", kinds=("npc",)),
    *_rest(),
)
NOTE: Form = (
    _name("Title", "Title", "Titre"),
    _summary(),
    _description(),
    Field("about", "references", "About", "Au sujet de", "links"),
    *_rest(),
)
ENCOUNTER: Form = (
    _name(),
    _summary(),
    _description(),
    Field("status", "choice", "Status", "Statut", choices=("planned", "running", "won", "lost", "avoided")),
    Field("difficulty", "choice", "Difficulty", "Difficulté", "rules", choices=("low", "moderate", "high")),
    Field("party_levels", "levels", "Levels of the party", "Niveaux du groupe", "rules"),
    Field("monsters", "monsters", "Monsters", "Monstres", "rules", secret=True),
    Field("experience", "number", "Experience", "Expérience", "rules", secret=True),
    Field(
        "assessment", "lines", "Assessment by the rules", "Évaluation selon les règles", "rules", secret=True
    ),
    Field("tactics", "text", "Tactics", "Tactique", "master", secret=True),
    Field("treasure", "text", "Treasure", "Trésor", "master", secret=True),
    _place("location_id", "Where", "Lieu", "LocationId"),
    Field("quest_id", "reference", "Quest", "Quête", "links", kinds=("quest",)),
    Field("participants", "references", "Participants", "Participants", "links", kinds=("npc",)),
    *_rest(),
)
KINDS: Mapping[str, Form] = {
    "location": LOCATION, "npc": NPC, "quest": QUEST, "event": EVENT, "note": NOTE, "encounter": ENCOUNTER,
}  # fmt: skip

CHARACTER: Form = (
    _name(),
    Field("species", "line", "Species", "Espèce", pascal="Race"),
    Field("class", "line", "Class", "Classe", pascal="Class"),
    Field("level", "number", "Level", "Niveau", pascal="Level", least=1, most=20),
    Field("background", "line", "Background", "Historique", pascal="Background"),
    Field("alignment", "line", "Alignment", "Alignement", pascal="Alignment", length=60),
    Field("gender", "line", "Gender", "Genre", pascal="Gender", length=60),
    _description(),
    _hit_points("hit_points", "Hit points", "Points de vie", "MaxHitPoints", 1000),
    Field(
        "current_hit_points",
        "number",
        "Current hit points",
        "Points de vie actuels",
        "rules",
        "CurrentHitPoints",
        most=1000,
    ),
    Field("armor_class", "number", "Armour class", "Classe d'armure", "rules", "ArmorClass", most=60),
    Field("abilities", "abilities", "Abilities", "Caractéristiques", "rules"),
    Field("equipment", "lines", "Equipment", "Équipement", "rules"),
    _place("location_id", "Where", "Lieu", "CurrentLocation"),
    Field("image_id", "line", "Portrait", "Portrait", pascal="PortraitUrl", length=64),
    Field(
        "notes",
        "text",
        "Notes (player and game master)",
        "Notes (joueur et maître de jeu)",
        "master",
        "Notes",
        secret=True,
    ),
)
"""`notes` are seen by game masters and by who plays the character."""

KIND_TITLES: Mapping[str, tuple[str, str]] = {
    "location": ("Location", "Lieu"),
    "npc": ("NPC", "PNJ"),
    "quest": ("Quest", "Quête"),
    "event": ("Event", "Événement"),
    "note": ("Note", "Note"),
    "encounter": ("Encounter", "Rencontre"),
    "character": ("Character", "Personnage"),
}

BY_NAME: Mapping[str, Mapping[str, Field]] = {
    kind: {field.name: field for field in form} for kind, form in {**KINDS, "character": CHARACTER}.items()
}
"""The fields of a kind (or of `character`) by name."""
