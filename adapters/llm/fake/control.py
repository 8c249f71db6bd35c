"""`/fake`: watching and switching a server that runs as a process of its own."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.llm.fake.server import FakeModels


class Control:
    def __init__(self, models: FakeModels) -> None:
        self._models = models

    async def about(self, request: Request) -> Response:  # noqa: ARG002
        models = self._models
        return JSONResponse(
            {
                "service": "lorestream fake models",
                "requests": models.counts["all"],
                "in_flight": models.in_flight,
                "most_in_flight": models.most_in_flight,
            }
        )

    async def requests(self, request: Request) -> Response:  # noqa: ARG002
        shown = [asdict(each) for each in list(self._models.requests)[-100:]]
        for each in shown:
            each["headers"] = {
                k: v for k, v in each["headers"].items() if "key" not in k and k != "authorization"
            }
        return JSONResponse(shown)

    async def behave(self, request: Request) -> Response:
        try:
            wanted = await request.json()
            behaviour, model = wanted["behaviour"], wanted.get("model", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse(
                {"detail": 'send {"behaviour": "slow-1000", "model": ""}, null to end it'}, 400
            )
        self._models.behave(None if behaviour is None else str(behaviour), str(model))
        return JSONResponse({"behaviour": behaviour, "model": model})
