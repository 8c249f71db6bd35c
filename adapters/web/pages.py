"""The files of the web application: read and packed once, then handed out of memory with their fingerprint.

A browser asks with `If-None-Match` each time and gets 304 until a file has changed, so that an update of the platform
is an update of the page.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from adapters.http.problems import Problem
from events.commit import Json

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
}
"""What is handed out; files of other kinds are not."""

PACKED = {"html", "css", "js", "json", "svg", "txt", "webmanifest"}
SMALLEST_PACKED = 512

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: as it is and, where that is smaller, packed; each with its strong ETag."""

    body: bytes
    media_type: str
    etag: str
    packed: bytes | None
    packed_etag: str

    @classmethod
    def of(cls, body: bytes, kind: str) -> Asset:
        packed = gzip.compress(body, 9, mtime=0) if kind in PACKED and len(body) >= SMALLEST_PACKED else None
        digest = hashlib.sha256(body).hexdigest()[:32]
        packed = packed if packed is not None and len(packed) < len(body) else None
        return cls(body, TYPES[kind], f'"{digest}"', packed, f'"{digest}-gzip"')

    def response(self, request: Request) -> Response:
        """The file, or 304 to a browser that has it."""
        packs = self.packed is not None and _accepts_gzip(request.headers.get("accept-encoding", ""))
        etag = self.packed_etag if packs else self.etag
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        if self.packed is not None:
            headers["Vary"] = "Accept-Encoding"
        known = {
            tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")
        }
        if etag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        if packs:
            headers["Content-Encoding"] = "gzip"
        return Response(self.packed if packs else self.body, 200, headers, self.media_type)


class Assets:
    """All files below a directory, read when the first one is asked for."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._root = root or files("adapters.web").joinpath("static")
        self._reading = threading.Lock()
        self._found: Mapping[str, Asset] | None = None

    def get(self, path: str) -> Asset | None:
        """The file of a path below the directory, or None."""
        if self._found is None:
            with self._reading:
                self._found = self._found if self._found is not None else dict(_below(self._root, ""))
        return self._found.get(path)


def router(about: Json, assets: Assets | None = None) -> APIRouter:
    """The page and its files. `GET /` is answered with `about` for programs that ask for JSON."""
    routes = APIRouter(tags=["page"], include_in_schema=False)
    found = assets or Assets()

    # Plain functions: the first reading of the files happens in a thread.
    @routes.get("/")
    def page(request: Request) -> Response:
        accepted = request.headers.get("accept", "")
        if "text/html" not in accepted:
            return JSONResponse(about, headers={"Vary": "Accept"})
        response = _file(found, "index.html", request)
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response

    @routes.get("/app")
    @routes.get("/app/{rest:path}")
    def deep(request: Request, rest: str = "") -> Response:  # noqa: ARG001 - the page itself reads the address
        return _file(found, "index.html", request)

    @routes.get("/static/{path:path}")
    def file(path: str, request: Request) -> Response:
        return _file(found, path, request)

    @routes.get("/favicon.ico")
    def icon(request: Request) -> Response:
        return _file(found, "mark.svg", request)

    return routes


def _file(assets: Assets, path: str, request: Request) -> Response:
    asset = assets.get(path)
    if asset is None:
        raise Problem(404, detail="the web application has no such file")
    return asset.response(request)


def _below(place: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in place.iterdir():
        if entry.is_dir():
            found += _below(entry, f"{prefix}{entry.name}/")
            continue
        kind = entry.name.rpartition(".")[2]
        if kind in TYPES and not entry.name.startswith("."):
            found.append((prefix + entry.name, Asset.of(entry.read_bytes(), kind)))
    return found


def _accepts_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        coding, _, rest = one.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return rest.replace(" ", "") not in {"q=0", "q=0.0"}
    return False
