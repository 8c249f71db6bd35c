"""`lorestream llm`: what language models decided and what it cost."""

from __future__ import annotations

from adapters.cli import decisions
from adapters.cli.command import new_app

app = new_app("llm")

app.command("ls")(decisions.ls)
app.command("show", no_args_is_help=True)(decisions.show)
app.command("cost")(decisions.cost)
app.command("stats")(decisions.stats)
