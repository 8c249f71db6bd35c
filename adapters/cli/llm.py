"""`lorestream llm`: what language models decided and what it cost; which are asked at all."""

from __future__ import annotations

from adapters.cli import decisions, keys, models, replay, rerun
from adapters.cli.command import new_app

app = new_app("llm")

app.command("ls")(decisions.ls)
app.command("show", no_args_is_help=True)(decisions.show)
app.command("cost")(decisions.cost)
app.command("stats")(decisions.stats)
app.command("replay")(replay.replay)
app.command("rerun")(rerun.rerun)
app.command("providers")(models.list_providers)
app.command("agents")(models.list_agents)
app.command("enable", no_args_is_help=True)(models.enable)
app.command("disable", no_args_is_help=True)(models.disable)
app.add_typer(keys.app, name="keys", help="Keys of the compatible endpoint, /v1/chat/completions.")
