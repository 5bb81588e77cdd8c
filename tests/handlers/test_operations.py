"""What supervisors, load balancers and Prometheus are told."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from realtime_app.errors import DatabaseUnavailable
from tests.app import RunningApp


@pytest.mark.gen_test
async def test_a_living_process_says_so(app: RunningApp) -> None:
    assert (await app.get("/healthz")).data == {"status": "ok"}


@pytest.mark.gen_test
async def test_a_process_is_ready_when_its_database_answers(app: RunningApp) -> None:
    answer = await app.get("/readyz")
    assert answer.status == 200
    assert answer.data == {"ready": True, "parts": {"process": "serving", "database": "up", "redis": "up"}}


@pytest.mark.gen_test
async def test_a_draining_process_is_not_ready(app: RunningApp) -> None:
    app.application.health.is_draining = True
    answer = await app.get("/readyz")
    assert answer.status == 503
    assert answer.error["code"] == "SERVICE_UNAVAILABLE"
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["data"] == {
        "ready": False,
        "parts": {"process": "draining", "database": "up", "redis": "up"},
    }


@pytest.mark.gen_test
@pytest.mark.allowed_logs("database unavailable")
async def test_a_process_without_its_database_lives_but_is_not_ready(
    app: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(app.application.database, "check", fail)
    answer = await app.get("/readyz")
    assert answer.status == 503
    assert answer.json["data"]["parts"]["database"] == "down"
    assert (await app.get("/healthz")).status == 200


@pytest.mark.gen_test
async def test_a_database_that_hangs_is_called_down_in_time(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_app.health.CHECK_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(app.application.database, "check", asyncio.Event().wait)
    assert (await app.get("/readyz")).json["data"]["parts"]["database"] == "down"


@pytest.mark.gen_test
async def test_requests_are_counted_by_the_pattern_of_their_route(app: RunningApp) -> None:
    account = await app.register()
    await app.get("/tasks/00000000-0000-4000-8000-000000000000", token=account.token)
    page = (await app.get("/metrics")).body.decode()
    requests = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(page)
        if family.name == "http_requests"
        for sample in family.samples
        if sample.name == "http_requests_total"
    }
    assert requests == {("POST", "/auth/register", "201"): 1, ("GET", "/tasks/{id}", "404"): 1}
