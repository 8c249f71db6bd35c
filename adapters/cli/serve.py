"""`lorestream serve ROLE`: one role alone."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app, on_platform
from adapters.cli.output import emit, say
from adapters.cli.status import UsageError
from adapters.settings import Settings

app = new_app("serve")


@app.command(no_args_is_help=True)
@on_platform
async def serve(
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="gateway, commands, projector, agents or chronicle.")
    ],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Run one role alone, for sites that spread roles over machines.

    Needs a NATS server (--nats, or the platform of --state). Runs until Ctrl-C or SIGTERM, which finish the work
    in hand.
    """
    from adapters import logging
    from adapters.nats import bootstrap
    from adapters.nats.connection import connect
    from adapters.roles.serve import OPTIONAL_ROLES, ROLES
    from adapters.roles.serve import serve as run_role
    from adapters.roles.supervisor import REPLICAS

    if role not in (*ROLES, *OPTIONAL_ROLES):
        raise UsageError(f"{role!r} is not a role. Choose one of {', '.join((*ROLES, *OPTIONAL_ROLES))}.")
    logging.configure(settings.log.level, role=role)

    def ready(found: dict[str, Any]) -> None:
        if json:
            emit({"role": role, **found})
        say(f"{role} is ready {' '.join(str(value) for value in found.values())}".rstrip())

    client = await connect(settings, name=role, role="administrator")
    try:
        await bootstrap.ensure_streams(client, replicas=REPLICAS[settings.nats.durability])
    finally:
        await client.close()
    await run_role(role, settings, ready=ready)
