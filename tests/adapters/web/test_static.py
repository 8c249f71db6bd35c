"""The files of the web application, looked at as they lie: small, closed in themselves, in two languages, inert."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from adapters.web.pages import Assets

STATIC = Path(str(files("adapters.web"))) / "static"
ALL = sorted(path for path in STATIC.rglob("*") if path.is_file())
SCRIPTS = [path for path in ALL if path.suffix == ".js"]
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml")
LANGUAGES = ("en", "fr")
PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")


def name(path: Path) -> str:
    return str(path.relative_to(STATIC))


def words(language: str) -> dict[str, str]:
    return dict(flat(json.loads((STATIC / "lang" / f"{language}.json").read_text())))


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def test_the_whole_application_is_under_300_kilobytes_as_it_is_served() -> None:
    assets = Assets()
    served = 0
    for path in ALL:
        asset = assets.get(name(path))
        assert asset is not None, f"{name(path)} is not served"
        served += len(asset.packed or asset.body)
    assert served < 300_000


def test_no_module_is_hard_to_oversee() -> None:
    assert {name(path): lines for path in SCRIPTS if (lines := path.read_text().count("\n")) > 330} == {}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_nothing_is_asked_of_another_server(path: Path) -> None:
    text = path.read_text()
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert re.findall(r"(?:https?|wss?):\\?/\\?/[\w.-]+", text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_no_script_makes_markup_or_code_of_text(path: Path) -> None:
    text = path.read_text()
    forbidden = (
        r"\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\s*\(|new Function\b"
        r"|set(?:Timeout|Interval)\s*\(\s*[\"'`]|setAttribute\(\s*[\"'](?:style|on\w+)[\"']|\bstyle:\s*[\"'`][^\"'`]*:"
    )
    assert re.findall(forbidden, text) == []
    if name(path) != "js/dom.js":
        assert "DOMParser" not in text


def test_the_page_holds_neither_script_nor_style_nor_handler() -> None:
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    assert all(body == "" for body in re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL))


def test_both_languages_say_the_same_things() -> None:
    english, french = words("en"), words("fr")
    assert english.keys() == french.keys()
    for key, text in english.items():
        assert text.strip() and french[key].strip(), f"{key} says nothing"
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", french[key])), (
            f"{key} fills in other things in French"
        )


def test_every_plural_has_one_and_other() -> None:
    stems = {PLURAL.sub("", key) for key in words("en") if PLURAL.search(key)}
    assert [stem for stem in stems if not {f"{stem}_one", f"{stem}_other"} <= words("en").keys()] == []


def test_every_word_that_is_used_exists_and_every_word_is_used() -> None:
    source = "\n".join(path.read_text() for path in SCRIPTS)
    known = {PLURAL.sub("", key) for key in words("en")}
    branches = {key.rsplit(".", depth)[0] for key in known for depth in range(1, key.count(".") + 1)}
    sections = {key.split(".")[0] for key in known}
    literal = {
        found
        for found in re.findall(r"[\"'`]([a-z]\w*(?:\.\w+)+)[\"'`]", source)
        if found.split(".")[0] in sections
    }
    missing = set(re.findall(r"\bt\(\s*[\"']([^\"']+)[\"']", source)) - known
    assert missing == set()
    begun = set(re.findall(r"`([a-z]\w*(?:\.\w+)*\.)\$\{", source))
    begun |= {f"{found}." for found in literal & branches}
    unused = {key for key in known - literal if not any(key.startswith(start) for start in begun)}
    assert unused == set()


def test_every_screen_of_the_registry_exists_and_has_a_name_and_a_letter_of_its_own() -> None:
    registry = (STATIC / "js" / "screens.js").read_text()
    lines = [line for line in registry.splitlines() if line.strip().startswith("{ path:")]
    modules = [re.search(r'module: "([\w-]+)"', line) for line in lines]
    titles = [re.search(r'title: "([\w.]+)"', line) for line in lines]
    keys = [found[1] for line in lines if (found := re.search(r'\bkey: "(\w)"', line))]
    assert all(found and (STATIC / "js" / "screens" / f"{found[1]}.js").is_file() for found in modules)
    assert all(found and found[1] in words("en") for found in titles)
    assert len(keys) == len(set(keys))


def test_every_picture_that_is_named_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "icons.svg").read_text()))
    source = "\n".join(path.read_text() for path in SCRIPTS)
    named = set(re.findall(r"\bicon\(\s*\"([\w-]+)\"", source)) | set(
        re.findall(r"\bicon: \"([\w-]+)\"", source)
    )
    assert named - sprite == set()
