"""CURVE: who holds an allowed key is served, everybody else hears nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq

from adapters.rathena.security import allowed_keys, server_keys
from adapters.settings import Settings, ZmqSettings
from events.errors import ConfigurationError
from tests.adapters.rathena.conftest import running
from tests.adapters.rathena.game_server import GameServer

Keys = tuple[bytes, bytes]


@pytest.fixture
def server_pair(tmp_path: Path) -> tuple[Path, bytes]:
    """`(key file, public key)` of a server."""
    public, secret = zmq.curve_keypair()
    path = tmp_path / "gateway.key"
    path.write_text(secret.decode())
    return path, public


async def test_only_clients_on_the_list_are_served(
    settings: Settings, server_pair: tuple[Path, bytes]
) -> None:
    path, server_key = server_pair
    friend, stranger = zmq.curve_keypair(), zmq.curve_keypair()
    closed = ZmqSettings(
        endpoint="tcp://127.0.0.1:*", server_key_file=path, allowed_clients=(friend[0].decode(),)
    )
    async with running(settings.model_copy(update={"zmq": closed}), "gateway") as endpoints:
        endpoint = endpoints["zmq"]
        async with GameServer(endpoint, curve=(server_key, *friend)) as known:
            assert (await known.ask("ping"))["success"]
        async with GameServer(endpoint, curve=(server_key, *stranger)) as unknown:
            await unknown.send(unknown.request("ping"))
            assert await unknown.silent()
        async with GameServer(endpoint) as plain:
            await plain.send(plain.request("ping"))
            assert await plain.silent()


async def test_an_empty_list_admits_everybody_who_knows_the_server_key(
    settings: Settings, server_pair: tuple[Path, bytes]
) -> None:
    path, server_key = server_pair
    encrypted = ZmqSettings(endpoint="tcp://127.0.0.1:*", server_key_file=path)
    async with (
        running(settings.model_copy(update={"zmq": encrypted}), "gateway") as endpoints,
        GameServer(endpoints["zmq"], curve=(server_key, *zmq.curve_keypair())) as anybody,
    ):
        assert (await anybody.ask("ping"))["success"]


def test_key_files_that_cannot_be_used_name_file_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"zmq\.server_key_file"):
        server_keys(tmp_path / "missing.key")
    empty = tmp_path / "public.key"
    empty.write_text('curve\n    public-key = "' + zmq.curve_keypair()[0].decode() + '"\n')
    with pytest.raises(ConfigurationError, match="secret key"):
        server_keys(empty)
    with pytest.raises(ConfigurationError, match=r"zmq\.allowed_clients"):
        allowed_keys(ZmqSettings(allowed_clients=("too short",)))
