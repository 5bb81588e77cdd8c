"""What supervisors, load balancers and Prometheus are told."""

import pytest

from tests.app import RunningApp


@pytest.mark.gen_test
async def test_a_living_process_says_so(app: RunningApp) -> None:
    assert (await app.get("/healthz")).data == {"status": "ok"}

    account = await app.register()
    print((await app.get("/auth/me", token=account.token)).data)
    print(await app.create_key(account, "tasks:read"))
    a = await app.post("/nope", json={})
    print(a.status, a.body)
    print((await app.get("/readyz")).body)
    print(len((await app.get("/metrics")).body))
    print((await app.get("/")).body[:50])
    print((await app.get("/assets/icon.svg")))
    print((await app.get("/assets/icon2.svg")))
