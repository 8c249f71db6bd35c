"""Decoding and encoding with Pillow, in the worker only (`adapters.images.worker`): what is read here is hostile."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from adapters.images.rendition import SIZES

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 25_000_000
"""5,000 by 5,000. Pillow by itself only warns until twice its limit: here the warning is an error."""
LONGEST_SIDE = 16_384
QUALITY = 84

_PLAIN = {"L", "RGB", "RGBA"}


class Unfit(Exception):
    """What arrived is not a picture that is taken; the message says why."""


def decode(content: bytes) -> tuple[Image.Image, str, tuple[int, int]]:
    """The first frame upright, its format, and its width and height as it came. Raises `Unfit`.

    Everything but the pixels stays behind: EXIF with its places and names, comments, colour profiles, whatever was
    hidden behind the end of the picture.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            size = _measured(picture)
            # A JPEG can be read at a fraction of its size, which takes a fraction of the memory.
            picture.draft("RGB", (2 * SIZES["full"],) * 2)
            picture.load()
            kind = str(picture.format)
            return _upright(picture), kind, size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unfit(f"it has more than {MOST_PIXELS:,} pixels") from None
    except Unfit:
        raise
    except UnidentifiedImageError:
        raise Unfit("it is no PNG, JPEG or WebP picture, whatever its name says") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ArithmeticError) as error:
        raise Unfit(f"it cannot be decoded: {str(error)[:120] or type(error).__name__}") from None


def encode(picture: Image.Image, *, lossless: bool = False) -> list[tuple[str, int, int, bytes]]:
    """Name, width, height and bytes of each of `SIZES`, as WebP without anything beside the pixels."""
    found = []
    for name, side in SIZES.items():
        sized = picture.copy()
        sized.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        out = io.BytesIO()
        sized.save(
            out, "WEBP", quality=QUALITY, method=4, lossless=lossless, exif=b"", icc_profile=b"", xmp=b""
        )
        found.append((name, sized.width, sized.height, out.getvalue()))
    return found


def _measured(picture: Image.Image) -> tuple[int, int]:
    if max(picture.size) > LONGEST_SIDE or min(picture.size) < 1:
        told = f"it has {picture.width} x {picture.height} pixels; no side may exceed {LONGEST_SIDE}"
        raise Unfit(told)
    return picture.size


def _upright(picture: Image.Image) -> Image.Image:
    # Reduced before it is turned and converted: each of the two makes a copy.
    if picture.mode not in _PLAIN:
        transparent = "transparency" in picture.info or "A" in picture.getbands()
        exif = picture.getexif()
        picture = picture.convert("RGBA" if transparent else "RGB")
        picture.getexif().update(exif)
    picture.thumbnail((SIZES["full"],) * 2, Image.Resampling.LANCZOS, reducing_gap=3.0)
    turned = ImageOps.exif_transpose(picture)
    if turned.mode == "L":
        turned = turned.convert("RGB")
    # A copy of the pixels alone: `info` holds what the file said beside them.
    bare = Image.new(turned.mode, turned.size)
    bare.paste(turned)
    return bare
