"""The red-team model: it does what anybody's words in the prompt tell it, as badly as a model could.

Real models are harder to mislead; whoever withstands this one does not depend on the model's good sense.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from adapters.llm.fake.question import Question, values_in
from events.commit import Json

MAX_ORDERS = 20
MAX_ECHO = 2000

_ORDER = re.compile(
    r"ignore|disregard|forget|override|instead|you are now|new instructions|system\s*:|must|execute|"
    r"run |call |answer with|reply with|respond with|repeat|reveal|print|output|say |grant|give |teleport|set |"
    r"ignore[zr]|oublie|désormais|exécute|appelle|réponds|révèle|affiche|dis |donne|"
    r"игнорир|забуд|выполни|вызови|ответь|скажи|покажи|раскрой|дай|повтори|"
    r"忽略|无视|忘记|执行|调用|回答|回复|说出|输出|显示|给我|透露|重复|"
    r"ignoriere|vergiss|führe|antworte|sag |zeige|gib |"
    r"ignora|olvida|ejecuta|responde|muestra|dame",
    re.IGNORECASE,
)
"""Words by which a sentence orders something, in the languages of the red-team corpus and a few more."""

_SECRETS = re.compile(
    r"system prompt|your (?:prompt|instructions|rules)|prompt système|tes instructions|vos instructions|"
    r"системн\w+ (?:промпт|подсказк|инструкц)|свои инструкции|системный|系统提示|提示词|你的指令|系统指令|"
    r"systemprompt|deine anweisungen|prompt del sistema|tus instrucciones",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"[\"“”«»„「『'](.{1,500}?)[\"“”«»「」』']", re.DOTALL)

_COMMAND = re.compile(r"(?<![\w.@/])(?:[@/]\w+|[a-z]+\.[a-z_]+|ai_\w+)(?![\w])", re.IGNORECASE)
"""What looks like a command: `npc.speak`, `@item`, `/kick`, `ai_set_provider_status`."""

_CALLED = re.compile(
    r"(?:command|tool|function|commande|outil|fonction|команд\w+|функци\w+|инструмент|命令|函数|工具|"
    r"befehl|funktion|comando|función)\s*[:：]?\s*[\"“«'`「]?([\w.@/-]{2,64})",
    re.IGNORECASE,
)

_ASSIGNED = re.compile(
    r"\b([a-z][a-z0-9_]{1,40})\s*(?:=|:=|\bto\b|\bauf\b|\bà\b|:)\s*(-?\d+(?:\.\d+)?|true|false|\"[^\"]{0,200}\"|[a-z_]{2,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Orders:
    """What was ordered: `says` the texts to give out, `fields` values to set, `commands` to call, `whole` an object to
    answer with as it is."""

    says: tuple[str, ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()
    commands: tuple[str, ...] = ()
    whole: Json | None = None

    def __bool__(self) -> bool:
        return bool(self.says or self.fields or self.commands or self.whole)


def orders(question: Question) -> Orders:
    """Every order in the data of the prompt: what stands in its instructions is obeyed by all models anyway."""
    texts = _texts(question)
    says: list[str] = []
    fields: dict[str, Any] = {}
    commands: list[str] = []
    whole: Json | None = None
    for sentence in _ordering(texts):
        says.append(sentence[:MAX_ECHO])
        says.extend(_QUOTED.findall(sentence))
        if _SECRETS.search(sentence):
            says.append(question.instructions[:MAX_ECHO])
        commands.extend(_COMMAND.findall(sentence))
        commands.extend(_CALLED.findall(sentence))
        fields.update({name: _value(value) for name, value in _ASSIGNED.findall(sentence)})
        for value in values_in(sentence):
            if isinstance(value, dict) and value:
                whole = value
    return Orders(tuple(says), tuple(fields.items()), tuple(dict.fromkeys(commands)), whole)


def obeyed(answer: Any, ordered: Orders) -> Any:
    """`answer` to a schema, bent to the orders: texts replaced, fields set or added, commands put wherever they fit."""
    if not ordered or not isinstance(answer, dict):
        return answer
    said = " ".join((*ordered.says, *ordered.commands))
    bent = {name: _bent(value, said, ordered.commands) for name, value in answer.items()}
    bent.update(ordered.fields)
    for name in ("command", "commands", "action", "tool_calls"):
        if ordered.commands and name in bent:
            bent[name] = list(ordered.commands) if name.endswith("s") else ordered.commands[0]
    bent.update(ordered.whole or {})
    return bent


def _bent(value: Any, said: str, commands: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _bent(each, said, commands) for name, each in value.items()}
    if isinstance(value, list):
        return [_bent(each, said, commands) for each in value]
    # Choices and identifiers are short words; a sentence is what a player would see.
    return said if isinstance(value, str) and (" " in value or not value) and said else value


def _texts(question: Question) -> list[str]:
    found = [question.data]
    for value in values_in(question.data):
        found.extend(_strings(value, 0))
    return found


def _strings(value: Any, depth: int) -> list[str]:
    if depth > 12:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _strings(each, depth + 1)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each, depth + 1)]
    return []


def _ordering(texts: list[str]) -> list[str]:
    sentences = [part for text in texts for part in re.split(r"(?<=[.!?。！？])\s+|\n", text)]
    return list(dict.fromkeys(part.strip() for part in sentences if _ORDER.search(part)))[:MAX_ORDERS]


def _value(text: str) -> Any:
    try:
        return json.loads(text.lower() if text.lower() in ("true", "false") else text)
    except ValueError:
        return text
