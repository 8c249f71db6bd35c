"""Dice that follow from a seed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.dice import MODES, DiceError, Expression, Term, commitment, dice, next_face, parse
from commands.rules.proof import prove
from commands.rules.verdict import failed

seeds = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200)

PINNED = {"expression": "2d6+3", "mode": "normal", "seed": "seed", "faces": [[5, 2]], "total": 10}
PINNED_KEPT = ((5, 6, 2, 2),)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    count, sides, sign = draw(st.integers(1, 20)), draw(st.integers(1, 1000)), draw(st.sampled_from([1, -1]))
    if draw(st.booleans()):
        return Term(sign, count, sides)
    keep = draw(st.sampled_from(["highest", "lowest"]))
    return Term(sign, count, sides, keep, draw(st.integers(1, count)))  # type: ignore[arg-type]


expressions = st.builds(Expression, st.lists(terms(), max_size=8).map(tuple), st.integers(-9999, 9999))


def test_the_same_seed_gives_the_same_faces_for_ever() -> None:
    """Pinned: these faces are in logs. They may never change."""
    assert dice("2d6+3", "seed").as_json() == PINNED
    assert dice("4d6kh3", "seed").faces == PINNED_KEPT


def test_the_faces_are_those_of_the_documented_construction() -> None:
    def by_hand(seed: str, expression: str, sides: int, count: int) -> list[int]:
        found, block = list[int](), 0
        while len(found) < count:
            message = b"lorestream.dice.1\0" + seed.encode() + b"\0" + expression.encode() + b"\0"
            digest = sha256(message + block.to_bytes(8, "big")).digest()
            words = [int.from_bytes(digest[i : i + 8], "big") for i in (0, 8, 16, 24)]
            found += [word % sides + 1 for word in words if word < 2**64 - 2**64 % sides]
            block += 1
        return found[:count]

    assert list(dice("50d7-1", "x").faces[0]) == by_hand("x", "50d7-1", 7, 50)


@given(expressions, seeds)
def test_a_total_lies_within_the_bounds_of_its_expression(expression: Expression, seed: str) -> None:
    roll = dice(str(expression), seed)
    assert expression.least <= roll.total <= expression.most
    for term, fallen in zip(expression.terms, roll.faces, strict=True):
        assert len(fallen) == term.count
        assert all(1 <= face <= term.sides for face in fallen)


@given(expressions)
def test_the_canonical_spelling_means_the_same(expression: Expression) -> None:
    assert parse(str(expression)) == expression


@given(st.text(max_size=120))
def test_any_text_is_rolled_or_refused_with_a_reason(text: str) -> None:
    try:
        parsed = parse(text)
    except DiceError as error:
        assert str(error)
    else:
        assert dice(str(parsed), "s").total <= parsed.most


@given(seeds)
def test_advantage_is_never_worse_than_disadvantage(seed: str) -> None:
    up = dice("d20+5", seed, "advantage")
    down = dice("d20+5", seed, "disadvantage")
    assert up.total == max(up.faces[0]) + 5
    assert down.total == min(down.faces[0]) + 5
    assert len(up.faces[0]) == len(down.faces[0]) == 2


def test_every_face_is_equally_likely() -> None:
    faces = [face for i in range(300) for face in dice("200d6", f"{i}").faces[0]]
    expected = len(faces) / 6
    chi_square = sum((faces.count(face) - expected) ** 2 / expected for face in range(1, 7))
    assert chi_square < 20.5  # 5 degrees of freedom, p = 0.001; the seeds are fixed, so this never wavers


def test_a_draw_that_would_favour_low_faces_is_skipped() -> None:
    beyond = 2**64 - 2**64 % 6
    assert next_face(iter([beyond, beyond - 1]), 6) == 6


@pytest.mark.parametrize(
    ("text", "average"), [("20d10 + 40", 150), ("1d4 − 1", 1), ("3d6", 10), ("d%", 50), ("7", 7), ("2d6-1d4", 4)]
)  # fmt: skip
def test_averages_are_rounded_down(text: str, average: int) -> None:
    assert parse(text).average == average


@pytest.mark.parametrize(
    "text",
    ["", "+", "2d", "d0", "0d6", "201d6", "d1001", "150d6+51d6", "1d6 2", "2d6kh3", "2d6k0", "1d6++2", "1e9", "9" * 8,
     "1d6+", "１d6", "1+" * 16 + "1", "x" * 101, "1_0d6", "--1"],
)  # fmt: skip
def test_what_is_no_dice_is_refused(text: str) -> None:
    with pytest.raises(DiceError):
        parse(text)


@pytest.mark.parametrize("seed", ["", "x" * 201, "\ud800", "a\0b"])
def test_a_bad_seed_is_refused(seed: str) -> None:
    with pytest.raises(DiceError):
        dice("d6", seed)


@pytest.mark.parametrize("text", ["2d20", "d6", "d20+d20", "-d20", "2d20kh1"])
def test_advantage_needs_one_d20(text: str) -> None:
    with pytest.raises(DiceError, match="exactly one d20"):
        dice(text, "s", "advantage")


@given(expressions, seeds)
def test_a_logged_roll_proves_itself(expression: Expression, seed: str) -> None:
    roll = dice(str(expression), seed)
    assert failed(prove(roll.as_json(), commitment(seed))) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_changed_roll_is_found_out(mode: str) -> None:
    record = dice("d20+2", "seed", mode).as_json()  # type: ignore[arg-type]
    assert failed(prove(record)) == []
    (wrong,) = failed(prove(record | {"total": 22 if record["total"] != 22 else 21}))
    assert wrong.rule == "dice.total"
    assert [v.rule for v in failed(prove(record | {"faces": [[20, 20, 20]]}))] == ["dice.faces"]
    assert [v.rule for v in failed(prove(record, commitment("another")))] == ["dice.commitment"]


SHAPES = st.one_of(
    st.none(), st.text(max_size=5), st.integers(), st.lists(st.booleans()), st.just("normal"), st.just("1d6")
)


@given(st.dictionaries(st.sampled_from(["expression", "seed", "mode", "faces", "total"]), SHAPES))
def test_a_forged_record_of_any_shape_gets_verdicts(record: dict[str, object]) -> None:
    assert all(v.message for v in prove(record))


def test_a_truth_value_is_no_face() -> None:
    record = next(r for i in range(99) if (r := dice("d2", f"{i}").as_json())["total"] == 1)
    assert [v.rule for v in failed(prove(record | {"faces": [[True]], "total": True}))] == [
        "dice.faces",
        "dice.total",
    ]
    assert prove(record | {"mode": []})[0].rule == "dice.record"
