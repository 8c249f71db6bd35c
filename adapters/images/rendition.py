"""A picture as it is kept: a few sizes of it, each under the SHA-256 of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from events.commit import Json

SIZES: Mapping[str, int] = {"thumb": 160, "small": 640, "full": 2048}
"""The longest side of each size, in pixels. Nothing is ever enlarged."""

MIME = "image/webp"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size of a picture, encoded by us."""

    name: str
    width: int
    height: int
    content: bytes
    digest: str

    @classmethod
    def of(cls, name: str, width: int, height: int, content: bytes) -> Rendition:
        return cls(name, width, height, content, sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Developed:
    """A decoded picture: the `format` it came in (PNG, JPEG, WEBP; CARD for one that was drawn), its own width and
    height, and its renditions by name."""

    format: str
    width: int
    height: int
    renditions: Mapping[str, Rendition]

    def told(self) -> Json:
        """What the log says of it: the fields `sha256`, `width`, `height`, `mime`, `bytes` and `sizes` of
        `events.image.ImageStored`. `bytes` counts what is the same in two sizes once."""
        full = self.renditions["full"]
        lengths = {each.digest: len(each.content) for each in self.renditions.values()}
        return {
            "sha256": full.digest,
            "width": full.width,
            "height": full.height,
            "mime": MIME,
            "bytes": sum(lengths.values()),
            "sizes": {
                name: {
                    "sha256": each.digest,
                    "width": each.width,
                    "height": each.height,
                    "bytes": len(each.content),
                }
                for name, each in self.renditions.items()
            },
        }
