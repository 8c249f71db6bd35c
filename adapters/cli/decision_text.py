"""A decision as text for the screen."""

from __future__ import annotations

import json as json_text
from typing import Any

import typer

from adapters.cli.output import compact, safe

NANO = 1_000_000_000


def dollars(nano: int) -> str:
    """An amount in billionths of a dollar, for reading: what is small keeps its digits."""
    return f"${nano / NANO:.6f}" if nano < NANO else f"${nano / NANO:,.2f}"


def show_decision(found: dict[str, Any]) -> None:
    """Print the record of a decision (`adapters.audit.record.whole`); whatever anybody wrote in it is escaped."""
    prompt, usage = found["prompt"] or {}, found["usage"]
    about = {
        "position": f"{found['position']}  {found['at']}",
        "agent": f"{found['agent']}, {found['purpose']}",
        "npc": found["npc_id"] or "-",
        "player": found["player_id"] or "-",
        "request": found["request_id"] or "-",
        "prompt": f"{prompt.get('template', '-')} v{prompt.get('version', '-')} {str(prompt.get('hash', ''))[:12]}",
        "key": found["key"],
        "route": " ".join(filter(None, (found["route"], found["provider"], found["model"]))),
        "code": f"{found['code']} {found['problem']}".strip(),
        "tokens": f"{usage['input']} in ({usage['cached']} cached), {usage['output']} out",
        "finish": found["finish"] or "-",
        "cost": dollars(found["cost"]),
        "latency": f"{found['latency'] / 1000:.1f} ms",
        "memories": ", ".join(map(str, found["memories"])) or "-",
        "cause": f"{found['causation_id'] or '-'}, correlation {found['correlation_id']}",
    }
    if found.get("source"):
        about["answer of"] = found["source"]
    typer.echo(safe(found["decision_id"]))
    for name, value in about.items():
        typer.echo(f"  {name:<11}{safe(value)}")
    _section("parameters", compact(found["parameters"], 400))
    if found["schema"] is not None:
        _section("schema", compact(found["schema"], 2000))
    if found["tools"]:
        _section("tools", compact(found["tools"], 2000))
    for number, message in enumerate(found["messages"], start=1):
        _section(
            f"message {number}: {message.get('role')}, about {message['tokens']} tokens",
            str(message.get("content", "")),
        )
    for attempt in found["attempts"]:
        status = "" if attempt["status"] is None else f" {attempt['status']}"
        title = f"attempt: {attempt['provider']} {attempt['model']} {attempt['outcome']}{status}"
        _section(f"{title}, {attempt['latency'] / 1000:.1f} ms", attempt["error"])
    _section("answer", found["answer"] or "(none)")
    proposal = json_text.dumps(found["proposal"], ensure_ascii=False, indent=2)
    _section("proposal", proposal if found["proposal"] is not None else f"(unusable: {found['problem']})")
    for verdict in found["verdicts"]:
        became = f" as the commit at {verdict['position']}" if verdict["position"] else ""
        reason = f" ({verdict['code']}: {verdict['message']})" if verdict["code"] < 0 else ""
        _section(f"{verdict['verdict']}: {verdict['command']}{became}{reason}", "")
    for again in found["reruns"]:
        asked = f"{again['provider']} {again['model']}, {dollars(again['cost'])}"
        _section(
            f"rerun {again['at'][:19]}: {asked}, {again['verdict']}",
            again["divergence"] or again["problem"] or "the same proposal",
        )


def _section(title: str, text: str) -> None:
    """A heading and its text, line by line: what players and models wrote cannot pass for a heading."""
    typer.echo(f"\n{safe(title)}")
    for line in text.splitlines():
        typer.echo(f"  │ {safe(line)}")
