"""Importing data sets: formats, licences, bounds, and the same result however often."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.refdata import schema, source
from adapters.refdata.importing import Report, bring_in, read_source
from adapters.refdata.library import open_library
from events.errors import ReferenceDataError
from tests.srd import srd

HOSTILE = [
    None, True, -1, 2**70, 1e999, "", "\ud800\u202e\x1b[2J\0", "x" * 300_000, [], [None], [["a"]], {}, {"a": {"b": []}},
    json.loads("[" * 300 + "]" * 300),
]  # fmt: skip

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINE = {
    "document": {
        "key": "mine",
        "title": "Mine",
        "ruleset": "2024",
        "licence": "CC-BY-4.0",
        "attribution": "By me.",
    }
}
IMP = {"kind": "creature", "name": "Imp of Mine", "challenge_rating": "1/4", "hit_points": 7, "hit_dice": "2d6",
       "size": "small", "type": "fiend", "text": "It digs."}  # fmt: skip


def bring(state: Path, place: Path, form: Any = "auto", ruleset: Any = None) -> Report:
    form, reading = read_source(place, form, ruleset)
    return bring_in(state, form, reading, NOON, lambda _: None)


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def fixture(model: str, key: str, **fields: Any) -> dict[str, Any]:
    return {"model": f"api_v2.{model}", "pk": key, "fields": fields}


def open5e(folder: Path, licences: list[str], system: str = "5e-2024", key: str = "doc") -> Path:
    (folder / key).mkdir(parents=True)
    document = fixture(
        "document", key, name="Doc", gamesystem=system, licenses=licences, publisher="p", author="A"
    )
    beast = fixture("creature", f"{key}_beast", document=key, name="Beast", challenge_rating="5.000", hit_points=11,
                    hit_dice="2d8+2", size="large", type="beast", experience_points_integer=1,
                    proficiency_bonus=9)  # fmt: skip
    act = fixture("creatureaction", f"{key}_beast_bite", parent=f"{key}_beast", name="Bite", desc="It bites.")
    (folder / key / "Document.json").write_text(json.dumps([document]))
    (folder / key / "Creature.json").write_text(json.dumps([beast]))
    (folder / key / "CreatureAction.json").write_text(json.dumps([act]))
    return folder


def test_the_real_srd_is_read_whole(tmp_path: Path) -> None:
    report = bring(tmp_path, srd())
    assert (report.format, report.skipped, report.refused) == ("open5e-v2", (), {})
    with open_library(tmp_path) as library:
        status = library.status()
        dragon = library.entry("creature", "Adult Red Dragon")
        fireball = library.entry("spell", "FIREBALL")
        assert len(library.names("creature")) == 331
        assert library.search("fireball")["results"][0]["name"] == "Fireball"
    assert status["entries"] == {
        "spell": 339, "creature": 331, "class": 24, "item": 203 + 757, "rule": 56 + 11 + 17 + 9 + 4, "condition": 15
    }  # fmt: skip
    assert dragon is not None and fireball is not None
    assert (dragon["challenge_rating"], dragon["xp"], dragon["proficiency_bonus"]) == ("17", 18000, 6)
    assert "Fire Breath" in dragon["text"]
    assert fireball["classes"] == ["sorcerer", "wizard"]
    assert "SRD 5.2" in fireball["source"]["attribution"]


def test_the_same_from_an_archive_changes_nothing(tmp_path: Path) -> None:
    first = bring(tmp_path, srd())
    packed = tmp_path / "srd.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in srd().rglob("*.json"):
            archive.write(path, path.relative_to(srd()))
    before = (tmp_path / schema.FILE).stat().st_mtime_ns
    again = bring(tmp_path, packed)
    assert [(i.version, i.changed, i.content_hash) for i in again.imported] == [
        (1, False, first.imported[0].content_hash)
    ]
    assert (tmp_path / schema.FILE).stat().st_mtime_ns == before


def test_a_changed_document_is_a_new_version_and_leaves_others_alone(tmp_path: Path) -> None:
    other = {"document": MINE["document"] | {"key": "other"}}
    bring(tmp_path, lines(tmp_path / "a.ndjson", MINE, IMP, other, IMP))
    report = bring(tmp_path, lines(tmp_path / "a.ndjson", MINE, IMP | {"name": "Other Imp"}))
    assert [(i.version, i.changed) for i in report.imported] == [(2, True)]
    with open_library(tmp_path) as library:
        assert library.names("creature") == ["Imp of Mine", "Other Imp"]
        found = library.search("imp")["results"]
        assert {(row["document"], row["key"]) for row in found} == {
            ("mine", "other-imp"),
            ("other", "imp-of-mine"),
        }


def test_experience_and_proficiency_come_from_the_rating_not_from_the_source(tmp_path: Path) -> None:
    bring(tmp_path, open5e(tmp_path / "in", ["cc-by-40", "ogl-10a"]))
    with open_library(tmp_path) as library:
        beast = library.entry("creature", "beast")
    assert beast is not None
    assert (beast["xp"], beast["proficiency_bonus"], beast["data"]["actions"][0]["name"]) == (1800, 3, "Bite")


@pytest.mark.parametrize(
    ("licences", "reason"),
    [(["ogl-10a"], "Open Game License alone"), ([], "no licence"), (["cc-by-nc-40"], "not CC-BY-4.0 or CC0")],
)
def test_what_may_not_be_taken_is_refused_with_the_reason(
    tmp_path: Path, licences: list[str], reason: str
) -> None:
    report = bring(tmp_path, open5e(tmp_path / "in", licences))
    assert report.imported == ()
    assert reason in report.refused["doc"]
    assert not (tmp_path / schema.FILE).exists()


def test_a_free_document_beside_a_refused_one_is_taken(tmp_path: Path) -> None:
    open5e(tmp_path / "in", ["ogl-10a"], key="bad")
    report = bring(tmp_path, open5e(tmp_path / "in", ["cc-by-40"], key="good"))
    assert [i.document.key for i in report.imported] == ["good"]
    assert list(report.refused) == ["bad"]


def test_entries_without_a_document_are_refused(tmp_path: Path) -> None:
    place = open5e(tmp_path / "in", ["cc-by-40"])
    (place / "doc/Document.json").unlink()
    assert "no licence is stated" in bring(tmp_path, place).refused["doc"]


def test_a_ruleset_leaves_the_other_out(tmp_path: Path) -> None:
    open5e(tmp_path / "in", ["cc-by-40"], "5e-2014", "old")
    place = open5e(tmp_path / "in", ["cc-by-40"], "5e-2024", "new")
    assert [i.document.key for i in bring(tmp_path / "a", place, ruleset="2014").imported] == ["old"]
    bring(tmp_path / "b", place)
    with open_library(tmp_path / "b") as library:
        found = library.entry("creature", "Beast")
        older = library.entry("creature", "Beast", "2014")
    assert found is not None and older is not None
    assert (found["document"], found["also"]) == (
        "new",
        [{"document": "old", "key": "beast", "ruleset": "2014"}],
    )
    assert older["document"] == "old"


def test_5e_bits_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "in/src/2014/en"
    folder.mkdir(parents=True)
    tables: dict[str, list[Any]] = {
        "Monsters": [{"index": "deep-gnome", "name": "Deep Gnome", "size": "Small", "type": "humanoid", "xp": 50,
                      "hit_points": 16, "hit_dice": "3d6", "hit_points_roll": "3d6+6", "challenge_rating": 0.5,
                      "actions": [{"name": "War Pick", "desc": "Hits.", "attack_bonus": 4}]}],
        "Spells": [{"index": "light", "name": "Light", "level": 0, "school": {"name": "Evocation"},
                    "classes": [{"index": "bard", "name": "Bard"}], "desc": ["One.", "Two."]}],
        "Equipment": [{"index": "club", "name": "Club", "cost": {"quantity": 1, "unit": "sp"},
                       "equipment_category": {"index": "weapon"}}],
        "Magic-Items": [{"index": "wand", "name": "Wand", "rarity": {"name": "Very Rare"}, "desc": ["A wand."]}],
        "Classes": [{"index": "bard", "name": "Bard", "hit_die": 8}],
        "Rule-Sections": [{"index": "time", "name": "Time", "desc": "It passes."}],
        "Conditions": [{"index": "prone", "name": "Prone", "desc": ["- Lying."]}, "nonsense"],
        "Proficiencies": [{"index": "x", "name": "X"}],
    }  # fmt: skip
    for name, rows in tables.items():
        (folder / f"5e-SRD-{name}.json").write_text(json.dumps(rows))
    report = bring(tmp_path, tmp_path / "in")
    assert (report.format, len(report.skipped)) == ("5ebits", 1)
    with open_library(tmp_path) as library:
        gnome, club, wand = (
            library.entry(kind, name)  # type: ignore[arg-type]
            for kind, name in [("creature", "Deep Gnome"), ("item", "club"), ("item", "wand")]
        )
        assert library.status()["entries"] == {
            "spell": 1,
            "creature": 1,
            "class": 1,
            "item": 2,
            "rule": 1,
            "condition": 1,
        }
    assert gnome is not None and club is not None and wand is not None
    assert (gnome["xp"], gnome["hit_dice"], gnome["ruleset"]) == (100, "3d6+6", "2014")
    assert (club["cost"], wand["rarity"]) == (10, "very rare")
    assert "SRD 5.1" in gnome["source"]["attribution"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (IMP | {"challenge_rating": "1/3"}, "challenge_rating"),
        (IMP | {"name": ""}, "name"),
        (IMP | {"name": "x" * 201}, "name"),
        (IMP | {"hit_points": 2**60}, "hit_points"),
        (IMP | {"hit_points": "7"}, "hit_points"),
        (IMP | {"surprise": 1}, "surprise"),
        (IMP | {"data": {"a": 2**60}}, "data"),
        (IMP | {"data": {"a": "x" * 200_001}}, "data"),
        ({"kind": "spell", "name": "S", "level": 10, "school": "evocation"}, "level"),
        ({"kind": "item", "name": "I", "cost": "1e999"}, "cost"),
        ({"kind": "item", "name": "I", "cost": "NaN"}, "cost"),
        ({"kind": "god", "name": "G"}, "kind"),
        (IMP, "key"),
        ([], "line"),
    ],
)
def test_a_row_that_is_no_entry_is_named_and_the_others_are_kept(
    tmp_path: Path, row: Any, field: str
) -> None:
    report = bring(tmp_path, lines(tmp_path / "a.ndjson", MINE, IMP, row))
    assert report.imported[0].entries == 1
    assert len(report.skipped) == 1
    assert "a.ndjson, line 3" in report.skipped[0]
    assert field in report.skipped[0]


def test_hostile_text_is_cleaned(tmp_path: Path) -> None:
    text = "a\x1b[31m\u202eb\u200b\U000e0041<script>\r\nc"
    bring(
        tmp_path,
        lines(tmp_path / "a.ndjson", MINE, IMP | {"name": f"Imp {text}", "text": text, "data": {text: text}}),
    )
    with open_library(tmp_path) as library:
        (found,) = library.search("imp")["results"]
        imp = library.entry("creature", found["key"])
    assert imp is not None
    assert imp["name"] == "Imp a[31mb<script> c"
    assert imp["text"] == "a[31mb<script>\nc"
    assert imp["data"] == {"a[31mb<script>\nc": "a[31mb<script>\nc"}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[" * 100_000,
        b"\xff",
        b'{"document": 1}',
        b'{"kind": "rule", "name": "x"}',
        b"1" * 5000,
        b"NaN",
        b"",
    ],
)
def test_a_file_that_is_no_data_set_is_refused_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a.ndjson"
    place.write_bytes(content)
    with pytest.raises(ReferenceDataError):
        bring(tmp_path, place)
    assert not (tmp_path / schema.FILE).exists()


def test_a_bomb_is_refused_by_what_comes_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 100_000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ndjson", b" " * 10_000_000)
    with pytest.raises(ReferenceDataError, match="larger than 100,000 bytes unpacked"):
        bring(tmp_path, tmp_path / "bomb.zip")


def test_many_files_that_are_small_are_too_large_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_TOTAL_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "many.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.ndjson", json.dumps(MINE) + " " * 500)
    with pytest.raises(ReferenceDataError, match="holds more than 1,000 bytes"):
        bring(tmp_path, tmp_path / "many.zip")
    monkeypatch.setattr(source, "MAX_FILES", 2)
    with pytest.raises(ReferenceDataError, match="more than 2 JSON files"):
        bring(tmp_path, tmp_path / "many.zip")


def test_damaged_archives_missing_places_and_links_are_refused(tmp_path: Path) -> None:
    lines(tmp_path / "a.ndjson", MINE, *[IMP | {"name": f"Imp {n}"} for n in range(500)])
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "a.ndjson", "a.ndjson")
    packed = bytearray((tmp_path / "a.zip").read_bytes())
    packed[100:120] = b"\xff" * 20
    (tmp_path / "b.zip").write_bytes(packed)
    (tmp_path / "links").mkdir()
    (tmp_path / "links/a.ndjson").symlink_to(tmp_path / "a.ndjson")
    for place in ("b.zip", "nowhere", "links"):
        with pytest.raises(ReferenceDataError):
            bring(tmp_path / "state", tmp_path / place)


@pytest.mark.parametrize(
    "value", HOSTILE, ids=lambda value: f"{value!r:.20}".encode("ascii", "replace").decode()
)
def test_any_value_in_any_field_of_open5e_is_taken_skipped_or_refused(tmp_path: Path, value: Any) -> None:
    place = open5e(tmp_path / "in", ["cc-by-40"])
    shapes = {path: json.loads(path.read_text()) for path in (place / "doc").iterdir()}
    shapes[place / "doc/Spell.json"] = [
        fixture("spell", "doc_s", document="doc", name="S", level=1, school="illusion", classes=[], desc="x")
    ]
    shapes[place / "doc/Rule.json"] = [
        fixture("rule", "doc_r", document="doc", name="R", desc="x", ruleset="doc_t")
    ]
    for number, (path, rows) in enumerate(shapes.items()):
        for field in [*rows[0]["fields"], "fields", "pk", "model"]:
            changed = json.loads(json.dumps(rows))
            (changed[0]["fields"] if field in rows[0]["fields"] else changed[0])[field] = value
            path.write_text(json.dumps(changed))
            state = tmp_path / f"{number}-{field}"
            try:
                report = bring(state, place, "open5e-v2")
            except ReferenceDataError:
                continue
            json.dumps(report.as_json(), ensure_ascii=False, allow_nan=False).encode()
            with open_library(state) as library:
                for each in library.search("beast")["results"]:
                    found = library.entry(each["kind"], each["key"])
                    json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        path.write_text(json.dumps(rows))
