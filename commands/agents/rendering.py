"""A question out of recorded inputs: our instructions, then one data block for each kind of fact. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from commands.agents.ask import Ask, Message, Parameters
from commands.agents.prompt import PromptTemplate
from commands.agents.safety.blocks import data_block
from events.commit import Json


def question(
    agent: str,
    purpose: str,
    instructions: str,
    blocks: Sequence[str],
    schema: Json,
    inputs: Json,
    prompt: PromptTemplate,
) -> Ask:
    """The question on behalf of one NPC and one player.

    `instructions` is `prompt` filled in; `blocks` names `inputs["facts"]` in the order they are sent, and those without
    facts are left out. `inputs` holds `parameters`, `memories`, `npc_id`, `player_id` and `request_id` as well.
    """
    facts = inputs["facts"]
    told = [data_block(name, facts[name]) for name in blocks if name in facts]
    return Ask(
        agent=agent,
        purpose=purpose,
        messages=(Message("system", instructions), Message("user", "\n".join(told))),
        parameters=Parameters(**inputs["parameters"]),
        schema=schema,
        prompt=prompt.stamp,
        inputs=inputs,
        memories=tuple(place["position"] for place in inputs["memories"]),
        npc_id=inputs["npc_id"],
        player_id=inputs["player_id"],
        request_id=inputs["request_id"],
    )
