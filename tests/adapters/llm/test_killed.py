"""A process that is killed while a model answers: its money stays spent, and its work has one outcome."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime

from nats.aio.client import Client

from adapters.llm.adviser import Cause
from adapters.llm.assembly import open_adviser
from adapters.llm.book import ModelBook
from adapters.llm.fake.server import FakeModels
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from commands.budget import BUDGET
from commands.loader import StreamLoader
from events.decision import DecisionMade
from tests.adapters.llm.scene import AGENT, agent, ask, book, entry, handler_bus, read, until

ADVISED = """
import asyncio, sys
from pathlib import Path
from adapters.llm.adviser import Cause
from adapters.llm.assembly import open_adviser
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.llm.scene import ask, handler_bus, read
from tests.adapters.llm.test_killed import limited

async def main(state, realm, url):
    settings = Settings(state=Path(state), realm=realm)
    client = await connect(settings, name="to be killed")
    log = JetStreamLog(client, realm)
    async with open_adviser(settings, client, handler_bus(log, client), log, book=limited(url)) as adviser:
        deadline = asyncio.get_running_loop().time() + 60
        await adviser.advise(Cause("commit-1", "request-1", "commit-1"), ask(), read, deadline=deadline)

asyncio.run(main(*sys.argv[1:]))
"""


def limited(url: str) -> ModelBook:
    """One model behind `url`, and an agent that may spend a dollar a day."""
    return book([entry("one", 1, base_url=f"{url}/v1", model="fake-1")], agent(dollars_per_day=1.0))


async def test_a_killed_process_leaves_its_lease_spent_and_its_work_to_another(
    models: FakeModels, settings: Settings, client: Client, log: JetStreamLog
) -> None:
    models.behave("fake-slow-60000")
    doomed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ADVISED, str(settings.state), settings.realm, models.url)
    )
    await until(lambda: models.in_flight == 1 or doomed.returncode is not None)
    assert doomed.returncode is None
    doomed.kill()
    await doomed.wait()
    # Nobody waits for that answer any more, so it is not computed any longer.
    await until(lambda: models.in_flight == 0)

    models.behave(None)
    cause = Cause("commit-1", "request-1", "commit-1")
    bus = handler_bus(log, client)
    async with open_adviser(settings, client, bus, log, book=limited(models.url)) as adviser:
        deadline = asyncio.get_running_loop().time() + 30
        advice = await adviser.advise(cause, ask(), read, deadline=deadline)
        again = await adviser.advise(cause, ask(), read, deadline=deadline)
    assert advice == again
    assert advice.made.route == "model"
    made = [each async for each in log.read(f"decision/{advice.decision_id}")]
    assert [type(event) for each in made for event in each.commit.events] == [DecisionMade]

    today = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
    budget = (await StreamLoader(log).current(BUDGET, f"budget/{today}")).state
    assert budget.spent == {AGENT: advice.made.cost}
    [(owner, held)] = budget.reserved.values()
    assert owner == AGENT
    assert held > 0
