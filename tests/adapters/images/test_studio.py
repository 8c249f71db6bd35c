"""Strangers' files in the worker: pictures come out as pixels and nothing else, the rest as a sentence."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from adapters.images import worker
from adapters.images.card import Card
from adapters.images.rendition import SIZES
from adapters.images.studio import Studio, kind_of
from events.errors import ImageBusy, ImageUnfit
from tests.adapters.images.files import SVG, bomb, located, opened, picture, polyglot, text_bomb
from tests.adapters.llm.scene import until


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_comes_back_in_every_size_as_webp(studio: Studio, kind: str) -> None:
    found = await studio.develop(picture(900, 600, kind))
    assert (found.format, found.width, found.height) == (kind, 900, 600)
    measured = {name: opened(each.content).size for name, each in found.renditions.items()}
    assert measured == {"thumb": (160, 107), "small": (640, 427), "full": (900, 600)}
    assert {kind_of(each.content) for each in found.renditions.values()} == {"WEBP"}


async def test_the_same_file_leads_to_the_same_bytes_and_a_small_one_is_kept_once(studio: Studio) -> None:
    one, other = await asyncio.gather(studio.develop(picture(40, 30)), studio.develop(picture(40, 30)))
    assert one == other
    assert len({each.digest for each in one.renditions.values()}) == 1
    assert one.told()["bytes"] == len(one.renditions["full"].content)


async def test_where_it_was_taken_and_by_whom_stays_behind_and_it_stands_upright(studio: Studio) -> None:
    content = located()
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    found = await studio.develop(content)
    full = found.renditions["full"].content
    shown = opened(full)
    assert shown.size == (40, 80)
    assert not shown.getexif()
    assert not any(word in full for word in (b"Exif", b"Jane", b"private", b"ICCP", b"XMP"))


async def test_a_page_behind_the_end_of_a_picture_stays_behind(studio: Studio) -> None:
    assert b"<script>" in polyglot()
    found = await studio.develop(polyglot())
    assert not any(b"script" in each.content for each in found.renditions.values())


async def test_transparency_survives_in_every_mode_that_has_it(studio: Studio) -> None:
    clear = Image.new("RGBA", (50, 50), (200, 10, 10, 60))
    for mode in ("RGBA", "LA", "P"):
        out = io.BytesIO()
        clear.convert("RGBA" if mode == "P" else mode).quantize(8).save(out, "PNG") if mode == "P" else (
            clear.convert(mode).save(out, "PNG")
        )
        found = opened((await studio.develop(out.getvalue())).renditions["full"].content)
        assert found.mode == "RGBA", mode


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "CMYK"])
async def test_unusual_modes_are_pictures_too(studio: Studio, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert (await studio.develop(out.getvalue())).width == 30


async def test_of_what_moves_the_first_frame_is_taken(studio: Studio) -> None:
    red, blue = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    for kind in ("PNG", "WEBP"):
        out = io.BytesIO()
        red.save(out, kind, save_all=True, append_images=[blue], duration=100, lossless=True)
        found = opened((await studio.develop(out.getvalue())).renditions["full"].content)
        assert not getattr(found, "is_animated", False)
        red_part, _, blue_part = found.convert("RGB").split()
        assert red_part.histogram()[200:] and sum(red_part.histogram()[:200]) == 0, kind
        assert sum(blue_part.histogram()[60:]) == 0, kind


def renamed_gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (20, 20)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no PNG, JPEG or WebP"),
        (SVG, "no PNG, JPEG or WebP"),
        (b"<html><script>alert(1)</script>", "no PNG, JPEG or WebP"),
        (renamed_gif(), "no PNG, JPEG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + SVG, "whatever its name says"),
        (b"\xff\xd8\xff\xe0" + b"A" * 500, "^it "),
        (b"RIFF\x00\x00\x00\x00WEBP" + b"A" * 500, "^it "),
        (picture(300, 300)[:400], "^it "),
        (picture(300, 300, "JPEG")[:900], "^it "),
        (picture(300, 300, "WEBP")[:200], "^it "),
        (bomb(40_000, 40_000)[:400], "pixels"),
        (bomb(11_000, 11_000), "more than 25,000,000 pixels"),
        (bomb(20_000, 100), "no side may exceed"),
        (text_bomb(), "^it "),
    ],
    ids=[
        "empty", "svg", "html", "renamed gif", "svg behind a magic number", "no jpeg", "no webp", "png cut off",
        "jpeg cut off", "webp cut off", "header of 1.6 gigapixels", "121 megapixels", "too long", "text bomb",
    ],
)  # fmt: skip
async def test_what_is_no_picture_is_refused_with_a_reason(studio: Studio, content: bytes, told: str) -> None:
    with pytest.raises(ImageUnfit, match=told):
        await studio.develop(content)
    assert studio.in_hand == 0


async def test_a_large_picture_within_the_limits_is_taken(studio: Studio) -> None:
    found = await studio.develop(bomb(5000, 4900))
    assert (found.width, found.height) == (5000, 4900)
    assert found.renditions["full"].width == SIZES["full"]


async def test_a_worker_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(psutil.Process().children())
    with pytest.raises(ImageUnfit, match="longer"):
        await Studio(seconds=0.001).develop(picture())
    assert set(psutil.Process().children()) == before


async def test_giving_up_ends_the_worker() -> None:
    studio, before = Studio(), set(psutil.Process().children())
    task = asyncio.create_task(studio.draw(Card("a")))
    await until(lambda: set(psutil.Process().children()) != before)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert set(psutil.Process().children()) == before
    assert studio.in_hand == 0


async def test_only_so_many_are_worked_on_and_wait() -> None:
    studio = Studio(slots=1, waiting=1)
    tasks = [asyncio.create_task(studio.develop(picture())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ImageBusy):
        await studio.develop(picture())
    assert len(await asyncio.gather(*tasks)) == 2


def test_the_worker_gives_up_memory_time_files_and_the_environment(tmp_path: Path) -> None:
    told = (
        "import resource, os; from adapters.images import worker; worker.confine();"
        "print(*[resource.getrlimit(w)[1] for w in"
        " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE)])"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", told], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    limits = (worker.MEMORY_BYTES, worker.CPU_SECONDS, 0, worker.FILE_HANDLES)
    assert tuple(map(int, said.stdout.split())) == limits


async def test_no_key_reaches_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-mine")
    task = asyncio.create_task(Studio().draw(Card("a")))
    seen: list[dict[str, str]] = []

    def looked() -> bool:
        children = psutil.Process().children()
        seen.extend(each.environ() for each in children if "adapters.images.worker" in each.cmdline())
        return bool(seen)

    await until(looked)
    await task
    assert not any("OPENAI_API_KEY" in each for each in seen)
    assert "PATH" in os.environ


async def test_a_worker_without_memory_says_so_or_ends_and_both_are_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A header that passes, and pixels for which there is no room.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "starved"))
    with pytest.raises(ImageUnfit, match="memory"):
        await Studio().develop(bomb(4900, 4900))
