"""CURVE encryption: the server's key, and which clients may talk to it."""

from __future__ import annotations

from pathlib import Path

import zmq
import zmq.auth
import zmq.utils.z85
from zmq.auth.asyncio import AsyncioAuthenticator

from adapters.settings import ZmqSettings
from events.errors import ConfigurationError

DOMAIN = "lorestream"
KEY_BYTES = 32
Z85_KEY = 40
"""Characters of a CURVE key in Z85."""


def server_keys(path: Path) -> tuple[bytes, bytes]:
    """`(public, secret)` out of a ZeroMQ certificate file or a file that holds nothing but the Z85 secret key.

    Raises `ConfigurationError` when the file cannot be read or holds no secret key.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
        if len(text) == Z85_KEY and "\n" not in text:
            return zmq.curve_public(text.encode()), text.encode()
        public, secret = zmq.auth.load_certificate(path)
    except (OSError, ValueError, zmq.ZMQError) as error:
        raise ConfigurationError(
            str(path), "zmq.server_key_file", f"cannot be read: {error}", "Give a readable key file."
        ) from None
    if secret is None:
        raise ConfigurationError(
            str(path), "zmq.server_key_file", "holds no secret key", "Use the .key_secret file of the pair."
        )
    return public, secret


def allowed_keys(settings: ZmqSettings) -> list[bytes]:
    """The Z85 public keys of `zmq.allowed_clients`. Raises `ConfigurationError` for one that is no key."""
    keys = []
    for key in settings.allowed_clients:
        try:
            raw = zmq.utils.z85.decode(key.encode())
        except (ValueError, KeyError):
            raw = b""
        if len(raw) != KEY_BYTES:
            raise ConfigurationError(
                "configuration",
                "zmq.allowed_clients",
                f"{key!r} is no CURVE key",
                "List 40-character Z85 public keys.",
            )
        keys.append(key.encode())
    return keys


def secure(
    context: zmq.Context[zmq.Socket[bytes]], socket: zmq.Socket[bytes], settings: ZmqSettings
) -> Guard | None:
    """Turn CURVE on for a socket that is not bound yet; None when no key is configured.

    Must run on the event loop. An empty allow-list admits every client that knows the server's public key.
    Raises `ConfigurationError`.
    """
    if settings.server_key_file is None:
        return None
    _, secret = server_keys(settings.server_key_file)
    guard = Guard(context, frozenset(allowed_keys(settings)))
    socket.curve_server = True
    socket.curve_secretkey = secret
    socket.zap_domain = DOMAIN.encode()
    return guard


class Guard:
    """The ZAP handler of one context: asked by libzmq about every client that completes a CURVE handshake."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: frozenset[bytes]) -> None:
        self._keys = keys
        self._authenticator = AsyncioAuthenticator(context)
        self._authenticator.start()
        self._authenticator.configure_curve_callback(DOMAIN, self)
        self.refused = 0

    def callback(self, _domain: str, key: bytes) -> bool:
        """Whether a client with this Z85 public key may talk to us."""
        allowed = not self._keys or key in self._keys
        self.refused += not allowed
        return allowed

    def stop(self) -> None:
        self._authenticator.stop()
