"""`/api/monitoring`: what the older web application's page for administrators reads, out of the record of decisions.

The published service also let anybody write its figures (`POST`); here they come from the log, and nobody can.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from adapters.http.access import realm_role
from adapters.http.older.wording import Forgiving
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.moments import moment_of
from events.commit import Json, microseconds
from projections import decisions, spending

NANO = 1_000_000_000
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
SHOWN = 50
MOST = 500
DAY = len("YYYY-MM-DD")

Day = Annotated[str | None, Query(max_length=40, description="YYYY-MM-DD, or a time.")]
Word = Annotated[str | None, Query(max_length=190)]


def router(platform: Platform) -> APIRouter:
    """The routes; they read only, and need the role operator."""
    routes = APIRouter(
        prefix="/api/monitoring",
        tags=["older clients"],
        route_class=Forgiving,
        dependencies=[realm_role("operator")],
    )

    async def some(limit: int, **selection: Any) -> list[Json]:
        found = await platform.reader.run(decisions.decisions, limit=limit, **selection)
        rows: list[Json] = found["decisions"]
        return rows

    async def costs(by: list[str], since: int | None, **selection: Any) -> list[Json]:
        found = await platform.reader.run(spending.cost, by, since=since, **selection)
        return sorted(found["groups"], key=lambda each: str(each[by[-1]]), reverse=True)

    @routes.get("/dashboard", summary="A week of what models were asked")
    async def dashboard() -> Json:
        """`active_alerts` are the parts of the platform that are not well."""
        now = datetime.now(UTC)
        rows = await some(2 * SHOWN, since=microseconds(now - WEEK))
        health = await platform.status.health()
        return _told(
            {
                "recent_metrics": [each for row in rows[:SHOWN] for each in _metrics(row)],
                "recent_logs": [_log(row) for row in rows],
                "active_alerts": [
                    {
                        "AlertType": part,
                        "AlertLevel": "CRITICAL",
                        "AlertMessage": f"{part}: {state}",
                        "CreatedAt": now.isoformat(),
                    }
                    for part, state in health["parts"].items()
                    if state != "ok"
                ],
                "daily_costs": [
                    {
                        "Date": each["day"],
                        "total_cost": each["cost"] / NANO,
                        "total_tokens": each["tokens_in"] + each["tokens_out"],
                    }
                    for each in reversed(await costs(["day"], microseconds(now - MONTH)))
                ],
                "model_performance": [
                    _performance(each)
                    for each in await costs(["provider", "model", "day"], microseconds(now - WEEK))
                ],
            }
        )

    @routes.get("/metrics", summary="Response times and errors, the latest first")
    async def metrics(
        from_date: Day = None, to_date: Day = None, metric_name: Word = None, model_name: Word = None
    ) -> Json:
        rows = await some(MOST, **_between(from_date, to_date), model=model_name)
        found = [each for row in rows for each in _metrics(row)]
        return _told([each for each in found if metric_name in (None, each["MetricName"])])

    @routes.get("/logs", summary="What models were asked, the latest first")
    async def logs(
        from_date: Day = None, to_date: Day = None, level: Word = None, category: Word = None
    ) -> Json:
        rows = await some(MOST, **_between(from_date, to_date), purpose=category)
        found = [_log(row) for row in rows]
        return _told([each for each in found if level is None or each["LogLevel"] == level.upper()])

    @routes.get("/model_performance", summary="How each model did, by day")
    async def performance(from_date: Day = None, to_date: Day = None, model_name: Word = None) -> Json:
        between = _between(from_date, to_date)
        since = between.pop("since", None)
        found = await costs(["provider", "model", "day"], since, **between, model=model_name)
        return _told([_performance(each) for each in found])

    return routes


def _told(data: Any) -> Json:
    return {"status": "success", "data": data}


def _metrics(row: Json) -> list[Json]:
    """A decision as their metrics: how long it took in ms, and that it failed."""
    common = {
        "ModelName": row["model"],
        "Provider": row["provider"],
        "CampaignId": None,
        "UserId": None,
        "Metadata": row["purpose"],
        "Timestamp": row["at"],
    }
    found = [
        {
            "MetricName": "response_time",
            "MetricValue": round(row["latency"] / 1000, 3),
            "MetricUnit": "ms",
            **common,
        }
    ]
    if row["code"] < 0:
        found.append({"MetricName": "error_count", "MetricValue": 1, "MetricUnit": "count", **common})
    return found


def _log(row: Json) -> Json:
    failed = row["code"] < 0
    return {
        "LogLevel": "ERROR" if failed else "INFO",
        "LogMessage": row["problem"] if failed else f"{row['purpose']} by {row['route']}",
        "LogCategory": row["purpose"],
        "ModelName": row["model"],
        "Provider": row["provider"],
        "ResponseTime": row["latency"] // 1000,
        "TokensUsed": row["tokens_in"] + row["tokens_out"],
        "Cost": row["cost"] / NANO,
        "CampaignId": None,
        "UserId": None,
        "Metadata": row["decision_id"],
        "StackTrace": None,
        "Timestamp": row["at"],
    }


def _performance(each: Json) -> Json:
    failed = each["failed"] / each["decisions"]
    return {
        "ModelName": each["model"],
        "Provider": each["provider"],
        "AverageResponseTime": each["latency"] // each["decisions"] // 1000,
        "SuccessRate": round(100 * (1 - failed), 2),
        "ErrorRate": round(100 * failed, 2),
        "TotalRequests": each["decisions"],
        "TotalErrors": each["failed"],
        "Date": each["day"],
    }


def _between(from_date: str | None, to_date: str | None) -> dict[str, int]:
    """Raises `Problem` 422."""
    found = {}
    for field, given, name in (("from_date", from_date, "since"), ("to_date", to_date, "until")):
        if given:
            # The last day counts as a whole.
            given += "T23:59:59.999999" if name == "until" and len(given) == DAY else ""
            try:
                found[name] = moment_of(given)
            except (ValueError, OverflowError):
                raise Problem(422, detail=f"{field}: a day as YYYY-MM-DD", field=field) from None
    return found
