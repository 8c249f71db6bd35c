from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.markdown import MOST, render

ILSA = {"e1": "Il*s*a <b>"}


def test_markdown_becomes_html_and_a_mention_a_link_with_its_name_as_it_is() -> None:
    assert render("**b** [[e1]] [[e2]]", ILSA, "c1") == (
        '<p><strong>b</strong> <a href="#/c/c1/e/e1" rel="noopener noreferrer nofollow">Il*s*a &lt;b&gt;</a> …</p>'
    )
    assert render("`[[e1]]`", ILSA, "c1") == "<p><code>[[e1]]</code></p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](  java\nscript:alert(1))",
        "![x](http://a.example/pixel.png)",
        "<a href='data:text/html,x'>x</a>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<style>*{display:none}</style>",
        "| a |\n|:-:|\n| <iframe src=//a> |",
        "[x](vbscript:x) [y]: javascript:z",
        "[[e1]](javascript:alert(1))",
    ],
)
def test_hostile_text_is_inert(hostile: str) -> None:
    made = render(hostile, ILSA, "c1").casefold()
    assert not any(tag in made for tag in ("<script", "<img", "<style", "<iframe", " style=", ' onerror="'))
    for scheme in ("javascript:", "data:", "vbscript:"):
        assert f'href="{scheme}' not in made


@given(st.text(alphabet="[]()<>|*_`~&#!\\\n ab1-\"':", max_size=200))
def test_whatever_is_written_is_rendered(text: str) -> None:
    made = render(text, ILSA, "c1")
    assert "<script" not in made
    assert "javascript:" not in made


@pytest.mark.parametrize("mark", MOST)
def test_texts_that_would_take_a_parser_for_ever_are_shown_as_they_are(mark: str) -> None:
    assert render(mark * 9000, {}, "c1").startswith("<p>")
