"""What is put before a model fits its budget: whole parts, the least relevant left out and named."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from commands.agents.context import BLOCK_TOKENS, Part, fit, shortened, tokens

parts = st.lists(
    st.builds(
        Part,
        st.sampled_from(["a", "b", "c"]),
        st.text(max_size=5),
        st.text(max_size=80),
        st.integers(0, 4),
        st.text(max_size=5),
    ),
    max_size=12,
)


@given(parts, st.integers(0, 400))
def test_optional_parts_never_exceed_the_budget_and_each_is_shown_or_named(
    found: list[Part], budget: int
) -> None:
    fitted = fit(found, ["a", "b", "c"], budget)
    optional = [part for part in found if part.rank]
    required = sum(
        tokens(json.dumps(p.content, ensure_ascii=False)) + tokens(p.key) + 2 for p in found if not p.rank
    )
    required += BLOCK_TOKENS * len({p.block for p in found if not p.rank})
    shown = sum(tokens(json.dumps(content, ensure_ascii=False)) for content in fitted.blocks.values())
    assert shown <= max(budget, required) + 60
    assert len(fitted.left_out) <= len(optional)
    if budget >= 100_000:
        assert not fitted.left_out


def test_what_matters_more_stays_and_a_smaller_part_may_still_fit() -> None:
    long = "x" * 600
    fitted = fit(
        [
            Part("memories", "", "first", 2, "memory 1"),
            Part("memories", "", long, 2, "memory 2"),
            Part("memories", "", "third", 3, "memory 3"),
            Part("player", "says", "hello", 0, "message"),
        ],
        ["memories", "player"],
        120,
    )
    assert fitted.blocks == {"memories": ["first", "third"], "player": {"says": "hello"}}
    assert fitted.left_out == ("memory 2",)


def test_a_foreign_field_does_not_replace_one_of_ours() -> None:
    mine, theirs = Part("character", "is", "a guard", 0, ""), Part("character", "is", "a god", 3, "")
    assert fit([mine, theirs], ["character"], 1000).blocks == {"character": {"is": "a guard"}}


@given(st.text(max_size=300), st.integers(0, 100))
def test_a_shortened_text_is_a_beginning_within_its_budget(text: str, budget: int) -> None:
    short = shortened(text, budget)
    assert text.startswith(short)
    assert tokens(short) <= budget


def test_the_estimate_counts_a_token_for_three_letters_of_english_and_two_bytes_of_anything_else() -> None:
    assert tokens("") == 0
    assert tokens("The quick brown fox jumps over the lazy dog.") == 15
    assert tokens("шкуры") == 5
    assert tokens("狼皮") == 3
