from __future__ import annotations

from tests.adapters.rathena.conftest import map_server, platform

__all__ = ["map_server", "platform"]
