"""The version of this installation."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The installed version, or `0+source` in a checkout that is not installed."""
    try:
        return version("lorestream")
    except PackageNotFoundError:
        return "0+source"
