"""What a fake model answers: a function of the question and its manner, the same every time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from adapters.llm.fake.filling import fill, spoken
from adapters.llm.fake.obedience import Orders, obeyed, orders
from adapters.llm.fake.question import Gist, Question, gist, values_in
from events.commit import Json

HUGE_CHARACTERS = 2 * 1024 * 1024
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """`finish` is one of `adapters.llm.port.Completion`; `calls` have OpenAI's shape; tokens go by length."""

    text: str
    finish: str = "stop"
    calls: tuple[Json, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def pieces(self) -> list[str]:
        """The text as it is streamed: word by word, large texts in at most some hundred pieces."""
        size = max(len(self.text) // 500, 12)
        return [self.text[at : at + size] for at in range(0, len(self.text), size)]


def answer(question: Question, manner: str) -> Answer:
    known = gist(question)
    ordered = orders(question) if manner == "obedient" else Orders()
    calls = _calls(question, known, ordered)
    text = "" if calls else _text(question, known, manner, ordered)
    finish = "tool_calls" if calls else {"long": "length", "refusal": "content_filter"}.get(manner, "stop")
    if question.max_tokens is not None and tokens(text) > question.max_tokens and manner != "huge":
        text, finish = text[: question.max_tokens * CHARACTERS_PER_TOKEN], "length"
    prompt = tokens(question.text) + (tokens(json.dumps(question.schema)) if question.schema else 0)
    return Answer(text, finish, calls, prompt, tokens(text) + sum(tokens(json.dumps(each)) for each in calls))


def tokens(text: str) -> int:
    """About as many as a real tokenizer would count."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def vector(text: str, size: int) -> list[float]:
    """A unit vector that follows from the words of `text`: texts that share words are near each other."""
    found = [0.0] * size
    for word in text.lower().split():
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        at = int.from_bytes(digest[:4], "big") % size
        found[at] += 1.0 if digest[4] % 2 else -1.0
    length = sum(each * each for each in found) ** 0.5
    return [each / length for each in found] if length else [1.0, *found[1:]]


def _text(question: Question, known: Gist, manner: str, ordered: Orders) -> str:
    if manner == "empty":
        return ""
    if manner == "refusal":
        return "I cannot help with that."
    if manner == "huge":
        return "huge " * (HUGE_CHARACTERS // 5)
    words = " ".join((*ordered.says, *ordered.commands)) if ordered else spoken(known)
    if (question.schema is None and not question.json_only) or manner == "prose":
        return words
    if manner == "wrong":
        return json.dumps({"unexpected": [known.name, 42]}, ensure_ascii=False)
    schema = question.schema or _described(question)
    filled = fill(schema, known) if schema else {"answer": words}
    text = json.dumps(obeyed(filled, ordered), ensure_ascii=False)
    return text[: len(text) // 2] if manner == "long" else text


def _described(question: Question) -> Json | None:
    """The schema that stands in the instructions, for callers who could not send it otherwise."""
    values = [each for each in values_in(question.instructions) if isinstance(each, dict)]
    return next((each for each in reversed(values) if "properties" in each), None)


def _calls(question: Question, known: Gist, ordered: Orders) -> tuple[Json, ...]:
    if not question.tools or question.tool_choice == "none" or question.answered:
        return ()
    offered = {tool["function"]["name"]: tool["function"] for tool in question.tools if "function" in tool}
    wanted = [name for name in ordered.commands if name in offered] or _wanted(question, known, list(offered))
    return tuple(
        _call(at, offered[name], known, ordered) for at, name in enumerate(wanted) if name in offered
    )


def _wanted(question: Question, known: Gist, offered: list[str]) -> list[str]:
    """The tool that has to be called, else those the last words name."""
    choice: Any = question.tool_choice
    if isinstance(choice, dict):
        return [str((choice.get("function") or choice).get("name"))]
    said = f"{known.said}\n{question.turns[-1][1] if question.turns else ''}".lower()
    named = [name for name in offered if name.lower() in said or name.lower().replace("_", " ") in said]
    return named or (offered[:1] if choice == "required" else [])


def _call(at: int, function: Json, known: Gist, ordered: Orders) -> Json:
    arguments = obeyed(fill(function.get("parameters") or {"type": "object"}, known), ordered)
    digest = hashlib.blake2b(
        json.dumps([at, function["name"], arguments]).encode(), digest_size=9
    ).hexdigest()
    return {
        "id": f"call_{digest}",
        "type": "function",
        "function": {"name": function["name"], "arguments": json.dumps(arguments, ensure_ascii=False)},
    }
