"""A card for something of which there is no picture: colours and pattern follow from its id, the emblem from its kind.

The same thing always gets the same card, and two things hardly ever get the same. Its dark ground and light ink read
well on light and dark pages alike.
"""

from __future__ import annotations

import colorsys
import hashlib
import math
import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from adapters.images.emblems import emblem

SIDE = 960
FINE = 2
"""Lines are drawn so many times larger and then reduced: that is what makes them smooth."""
FONTS = ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "NotoSerif-Regular.ttf")
MAX_NAME = 60
LINES = 2

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Card:
    """`seed` decides colours and pattern (the element's id), `kind` the emblem; `label` is the kind in the campaign's
    language, `name` what it is called. Both may be empty."""

    seed: str
    kind: str = ""
    label: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Palette:
    deep: Colour
    ground: Colour
    accent: Colour
    ink: Colour = (246, 241, 230)


def draw(card: Card) -> Image.Image:
    """The card, `SIDE` pixels wide and high."""
    chance = hashlib.sha256(card.seed.encode("utf-8", "surrogatepass")).digest()
    palette = _palette(chance)
    side = SIDE * FINE
    picture = _ground(palette, chance, side)
    pattern = Image.new("L", (side, side), 0)
    _rosette(ImageDraw.Draw(pattern), chance, side)
    picture.paste(Image.new("RGB", picture.size, palette.accent), mask=pattern)
    picture = ImageChops.multiply(picture, _vignette(side))
    pen = ImageDraw.Draw(picture)
    named = bool(card.name.strip())
    centre = (side / 2, side * (0.43 if named else 0.5))
    _medallion(picture, pen, card.kind, palette, centre, side * 0.25)
    _frame(pen, palette, side)
    if named or card.label:
        _words(picture, card, palette, side)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _palette(chance: bytes) -> _Palette:
    hue = chance[0] / 256
    towards = hue + (0.06 if chance[1] % 2 else -0.06)
    across = hue + 0.5 + (chance[2] / 256 - 0.5) * 0.3
    return _Palette(
        _colour(hue, 0.15, 0.42),
        _colour(towards, 0.29, 0.36 + chance[3] / 256 * 0.2),
        _colour(across, 0.72, 0.45 + chance[4] / 256 * 0.25),
    )


def _colour(hue: float, light: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, light, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _ground(palette: _Palette, chance: bytes, side: int) -> Image.Image:
    """A slanting gradient between the two dark colours."""
    # Turned while it is small: it has no edges that would show.
    ramp = Image.linear_gradient("L").rotate(-35 + chance[5] / 256 * 70, Image.Resampling.BICUBIC)
    ramp = ramp.crop((64, 64, 192, 192)).resize((side, side), Image.Resampling.BICUBIC)
    deep = Image.new("RGB", (side, side), palette.deep)
    deep.paste(Image.new("RGB", (side, side), palette.ground), mask=ramp)
    return deep


def _vignette(side: int) -> Image.Image:
    glow = Image.radial_gradient("L").resize((side, side), Image.Resampling.BICUBIC)
    shade = glow.point([round(255 - 105 * (value / 255) ** 1.6) for value in range(256)])
    return Image.merge("RGB", (shade, shade, shade))


def _rosette(pen: ImageDraw.ImageDraw, chance: bytes, side: int) -> None:
    """Rings that wave together, as on a banknote."""
    centre_x, centre_y = side * (0.5 + (chance[6] - 128) / 1600), side * (0.43 + (chance[7] - 128) / 1600)
    petals, second = 5 + chance[8] % 8, 3 + chance[9] % 6
    depth, twist = 0.10 + chance[10] / 256 * 0.16, (chance[11] / 256 - 0.5) * 1.6
    rings, steps = 26, 720
    for ring in range(rings):
        share = ring / (rings - 1)
        radius = side * (0.16 + 0.66 * share)
        turn = twist * share
        points = []
        for step in range(steps + 1):
            angle = 2 * math.pi * step / steps
            wave = math.sin(petals * angle + turn * petals) + 0.45 * math.sin(second * angle - 2 * turn)
            reach = radius * (1 + depth * wave * (0.35 + 0.65 * share))
            points.append((centre_x + reach * math.cos(angle), centre_y + reach * math.sin(angle)))
        pen.line(points, fill=46 + round(44 * (1 - share)), width=2 * FINE, joint="curve")


def _medallion(
    picture: Image.Image,
    pen: ImageDraw.ImageDraw,
    kind: str,
    palette: _Palette,
    centre: tuple[float, float],
    radius: float,
) -> None:
    shadow = Image.new("L", picture.size, 0)
    x, y = centre
    ImageDraw.Draw(shadow).circle((x, y + radius * 0.06), radius * 1.06, fill=150)
    picture.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(radius * 0.09)))
    pen.circle(centre, radius, fill=palette.deep)
    pen.circle(centre, radius, outline=palette.accent, width=round(radius * 0.028))
    pen.circle(centre, radius * 0.92, outline=palette.accent, width=max(2, round(radius * 0.008)))
    for beads in range(48):
        angle = 2 * math.pi * beads / 48
        at = (x + radius * 0.955 * math.cos(angle), y + radius * 0.955 * math.sin(angle))
        pen.circle(at, radius * 0.009, fill=palette.accent)
    emblem(pen, kind, centre, radius * 0.62, palette.ink, palette.deep, palette.accent)


def _frame(pen: ImageDraw.ImageDraw, palette: _Palette, side: int) -> None:
    margin, notch = side * 0.035, side * 0.035
    near, far = margin, side - margin
    corners = [
        (near + notch, near), (far - notch, near), (far, near + notch), (far, far - notch),
        (far - notch, far), (near + notch, far), (near, far - notch), (near, near + notch),
    ]  # fmt: skip
    pen.line([*corners, corners[0]], fill=palette.accent, width=2 * FINE)
    for x, y in ((near, near), (far, near), (near, far), (far, far)):
        reach = notch * 0.34
        pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], outline=palette.accent)


def _words(picture: Image.Image, card: Card, palette: _Palette, side: int) -> None:
    pen = ImageDraw.Draw(picture)
    middle, room = side / 2, side * 0.82
    label_font = _font(round(side * 0.026))
    label = _writable(card.label.upper(), label_font)
    if label:
        _spaced(pen, label, middle, side * 0.755, label_font, palette.accent, side * 0.008)
    font, lines = _fitted(card.name[:MAX_NAME], room, side)
    height = font.size * 1.16
    top = side * 0.855 - height * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        at = (middle, top + number * height)
        pen.text((at[0] + 3, at[1] + 4), line, font=font, fill=palette.deep, anchor="mm")
        pen.text(at, line, font=font, fill=palette.ink, anchor="mm")


def _fitted(name: str, room: float, side: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters in which the name stands on one line, else on two, else what fits of it."""
    font = _font(round(side * 0.066))
    for part in (0.066, 0.056, 0.048, 0.041):
        font = _font(round(side * part))
        lines = _wrapped(_writable(name, font), font, room)
        if len(lines) <= (1 if part > 0.056 else LINES):
            return font, lines
    return font, [_cut(line, font, room) for line in lines[:LINES]]


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(_cut(word, font, room))
    return lines


def _cut(line: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    while len(line) > 1 and font.getlength(line) > room:
        line = line[:-2].rstrip() + "."
    return line


def _spaced(
    pen: ImageDraw.ImageDraw,
    text: str,
    middle: float,
    y: float,
    font: ImageFont.FreeTypeFont,
    fill: Colour,
    gap: float,
) -> None:
    lengths = [font.getlength(letter) for letter in text]
    x = middle - (sum(lengths) + gap * (len(text) - 1)) / 2
    for letter, length in zip(text, lengths, strict=True):
        pen.text((x, y), letter, font=font, fill=fill, anchor="lm")
        x += length + gap


def _font(size: int) -> ImageFont.FreeTypeFont:
    """A serif of the system, which has most letters; without one, the face that comes with Pillow."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found


def _writable(text: str, font: ImageFont.FreeTypeFont) -> str:
    """What of `text` the font can show: letters without their accents where it has no others; empty when letters are
    missing all the same, for half a name is no name."""
    missing = _shape(font, "\uffff")
    line = " ".join(text.split())
    for tried in (line, _plain(line)):
        if all(letter.isspace() or _shape(font, letter) != missing for letter in tried):
            return tried
    return ""


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("’", "'").replace("–", "-").replace("—", "-"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _shape(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
