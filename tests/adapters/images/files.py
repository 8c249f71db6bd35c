"""Files as people send them, and as they should not."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(width: int = 64, height: int = 48, kind: str = "PNG", mode: str = "RGB", **save: object) -> bytes:
    """A gradient, encoded."""
    ramp = Image.linear_gradient("L").resize((width, height))
    made = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT), ramp)).convert(mode)
    out = io.BytesIO()
    made.save(out, kind, **save)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header announces so many pixels, all there and all white."""
    row = b"\x00" + b"\xff" * (-(-width // 8))
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )


def text_bomb() -> bytes:
    """A small PNG with a comment that unpacks to 64 MB."""
    plain = picture(8, 8)
    packed = b"Comment\x00\x00" + zlib.compress(bytes(64 * 1024 * 1024), 9)
    return plain[:33] + _chunk(b"zTXt", packed) + plain[33:]


def located() -> bytes:
    """A JPEG that lies on its side and tells where it was taken, and by whom."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "Jane Photographer"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.9), 3: "E", 4: (2.0, 17.0, 40.2)})
    return picture(80, 40, "JPEG", exif=exif, comment=b"private remark")


def polyglot() -> bytes:
    """A JPEG that is also a page, for whoever believes its name."""
    return picture(32, 32, "JPEG") + b"<html><script>alert(document.cookie)</script></html>"


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
