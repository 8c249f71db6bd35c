"""`lorestream doctor`: this machine and the running platform, with remedies."""

from __future__ import annotations

from dataclasses import asdict

import typer

from adapters.cli.command import AsJson, new_app, on_platform
from adapters.cli.output import emit, safe, say
from adapters.cli.status import Status
from adapters.diagnosis import machine, platform
from adapters.diagnosis.finding import Finding
from adapters.roles import endpoints
from adapters.settings import Settings

app = new_app("doctor")

_MARKS = {"ok": ("ok", "green"), "warning": ("warn", "yellow"), "problem": ("FAIL", "red")}


@app.command(no_args_is_help=False)
@on_platform
async def doctor(settings: Settings, json: AsJson = False) -> None:
    """Examine this machine and the running platform.

    Exit code 1 when something keeps the platform from working. Without a running platform only the machine is
    examined.
    """
    running = endpoints.read(settings.state)
    findings: list[Finding] = []

    def note(finding: Finding) -> None:
        findings.append(finding)
        if not json:
            _print(finding)

    for finding in machine.examine(settings, running=running is not None):
        note(finding)
    if running is not None or settings.nats.url:
        async for finding in platform.examine(settings, running):
            note(finding)
    elif not json:
        say(f"no platform runs in {settings.state}: only the machine was examined")
    sound = all(finding.verdict != "problem" for finding in findings)
    if json:
        emit(
            {"ok": sound, "running": running is not None, "checks": [asdict(finding) for finding in findings]}
        )
    if not sound:
        raise typer.Exit(Status.PROBLEM)


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.verdict]
    typer.secho(f"{mark:<5}", fg=colour, nl=False)
    typer.echo(f"{finding.check:<17}{safe(finding.detail)}")
    if finding.remedy:
        typer.echo(f"{'':22}→ {safe(finding.remedy)}")
