"""Who acts: the player the game server vouches for, else the one the data claims, else the server itself."""

from __future__ import annotations

from adapters.rathena.wire import MAX_ID, Player, Request
from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Actor

NOBODY = frozenset(("", "0"))
"""What the map-server sends as an id when no player is attached."""


def player_id(player: Player) -> str | None:
    """The character's id, else the account's; None when no player is attached."""
    for candidate in (player.char_id, player.account_id):
        if str(candidate) not in NOBODY:
            return str(candidate)
    return None


def identify(request: Request, *, vouched: bool) -> Actor:
    """The actor of a request.

    `vouched` says that the transport keeps scripts from writing the `actor` object (true for ZeroMQ, whose frame
    the game server's own code builds; false for HTTP, whose body a script concatenates). A `player_id` inside
    `data` is a claim: it never overrides an actor object, and the actor made from it is untrusted.
    Raises `Rejected` -101 when `data.player_id` is neither text nor a whole number.
    """
    claimed = claim(request)
    if request.actor is not None and (known := player_id(request.actor)) is not None:
        details = request.actor.model_dump(exclude_none=True, exclude_unset=True)
        if claimed is not None and claimed != known:
            details["claimed_player_id"] = claimed
        return Actor("player", known, trusted=vouched, details=details)
    if claimed is not None:
        return Actor("player", claimed, trusted=False)
    server = request.source.server
    return Actor("server", server or "unnamed", trusted=vouched and bool(server), details=_place(request))


def claim(request: Request) -> str | None:
    """`data.player_id` as text, or None when it is absent or says that nobody is attached."""
    value = request.data.get("player_id")
    if type(value) is int:
        value = str(value)
    if value is None or (isinstance(value, str) and value in NOBODY):
        return None
    if not isinstance(value, str) or len(value) > MAX_ID or not value.isprintable():
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"data.player_id must be 1 to {MAX_ID} printable characters or a whole number",
            field="data.player_id",
        )
    return value


def _place(request: Request) -> dict[str, object]:
    return request.source.model_dump(exclude_none=True, exclude={"server"})
