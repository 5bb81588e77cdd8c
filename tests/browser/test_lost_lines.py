"""The line breaks, the server or Redis restarts, the session ends: the tab comes back, or says that it can't."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, start_server
from tests.browser.person import PASSWORD, Person, call, day
from tests.browser.tab import LIVE_MS, eventually
from tests.servers.planner_process import PlannerProcess
from tests.servers.redis_server import RedisServer

BACK_MS = 20_000


@pytest.fixture
def redis_own_server(tmp_path: Path, redis_server: RedisServer) -> Iterator[PlannerProcess]:
    server = start_server(tmp_path, REDIS_URL=redis_server.url)
    yield server
    server.close()


@pytest.fixture
def short_lived_own_server(tmp_path: Path) -> Iterator[PlannerProcess]:
    """Its tokens live for ten seconds."""
    server = start_server(tmp_path, JWT_EXPIRES_IN="10s")
    yield server
    server.close()


def test_tab_resumes_without_fetching_everything_when_the_server_restarts(
    open_tab: OpenTab, person: Person, own_server: PlannerProcess
) -> None:
    person.add_task("Before", day())
    tab = open_tab(person).show("board")
    expect(tab.cards(day())).to_have_text(["Before"])
    tab.forget_requests()
    own_server.process.terminate()
    expect(tab.page.locator(".connection")).not_to_have_attribute("data-state", "live")
    own_server.start()
    person.add_task("Meanwhile", day(1))
    tab.expect_live(BACK_MS)
    expect(tab.cards(day(1))).to_have_text(["Meanwhile"])
    person.add_task("Marker", day(1))
    expect(tab.cards(day(1))).to_have_text(["Meanwhile", "Marker"])
    assert len(tab.requests) == 2, tab.requests


def test_tab_sees_what_happened_while_it_was_offline(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    tab.page.context.set_offline(True)
    person.add_task("Meanwhile", day())
    tab.page.context.set_offline(False)
    expect(tab.cards(day())).to_have_text(["Meanwhile"], timeout=BACK_MS)


def test_write_without_a_network_stays_marked_and_is_sent_in_order_later(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    tab.page.context.set_offline(True)
    add = tab.column(day()).get_by_placeholder("Add a task")
    for title in ("First", "Second"):
        add.fill(title)
        add.press("Enter")
    expect(tab.cards(day())).to_have_text(["First", "Second"])
    expect(tab.card("First")).to_contain_text("Not saved yet")
    tab.page.context.set_offline(False)
    expect(tab.page.get_by_text("Not saved yet")).to_have_count(0, timeout=BACK_MS)
    eventually(lambda: person.titles(day()), ["First", "Second"])


def test_closing_the_tab_warns_while_something_is_not_saved(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    tab.page.context.set_offline(True)
    add = tab.column(day()).get_by_placeholder("Add a task")
    add.fill("Unsaved")
    add.press("Enter")
    expect(tab.card("Unsaved")).to_contain_text("Not saved yet")
    asked: list[str] = []
    tab.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    tab.page.close(run_before_unload=True)
    tab.page.wait_for_timeout(0)
    tab.page.context.set_offline(False)
    expect(tab.page.get_by_text("Not saved yet")).to_have_count(0, timeout=BACK_MS)
    assert asked == ["beforeunload"]


def test_signing_out_asks_before_anything_is_lost(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    tab.page.context.set_offline(True)
    add = tab.column(day()).get_by_placeholder("Add a task")
    add.fill("Unsaved")
    add.press("Enter")
    expect(tab.card("Unsaved")).to_contain_text("Not saved yet")
    dialog = tab.page.get_by_role("dialog")
    tab.page.get_by_role("button", name="Sign out").click()
    dialog.get_by_role("button", name="Stay").click()
    expect(tab.card("Unsaved")).to_contain_text("Not saved yet")
    tab.page.get_by_role("button", name="Sign out").click()
    dialog.get_by_role("button", name="Sign out and lose them").click()
    expect(tab.page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_events_go_on_when_redis_restarts(
    open_tab: OpenTab, person: Person, redis_own_server: PlannerProcess, redis_server: RedisServer
) -> None:
    tab = open_tab(person).show("board")
    redis_server.stop()
    person.add_task("Without Redis", day())
    expect(tab.cards(day())).to_have_text(["Without Redis"], timeout=BACK_MS)
    redis_server.start()
    person.add_task("With Redis", day())
    expect(tab.cards(day())).to_have_text(["Without Redis", "With Redis"], timeout=BACK_MS)
    tab.expect_live()


def expiry_of(token: str) -> int:
    """In seconds, as the token itself says."""
    part = token.split(".")[1]
    return int(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"])


def test_token_is_renewed_over_the_open_line(
    open_tab: OpenTab, person: Person, short_lived_own_server: PlannerProcess
) -> None:
    person.token = call(person.url, "POST", "/auth/login", {"email": person.email, "password": PASSWORD})["token"]
    tab = open_tab(person)
    sockets: list[str] = []
    tab.page.on("websocket", lambda socket: sockets.append(socket.url))
    tab.show("board")
    tab.page.wait_for_function("old => localStorage.getItem('planner.token') !== old", arg=person.token)
    tab.page.wait_for_function("expiry => Date.now() / 1000 > expiry + 1", arg=expiry_of(person.token))
    person.add_task("After the first token's life", day())
    expect(tab.cards(day())).to_have_text(["After the first token's life"])
    assert len(sockets) == 1, sockets


def test_sign_in_page_shows_when_the_token_expires_and_cannot_be_renewed(
    open_tab: OpenTab, person: Person, short_lived_own_server: PlannerProcess
) -> None:
    person.token = call(person.url, "POST", "/auth/login", {"email": person.email, "password": PASSWORD})["token"]
    tab = open_tab(person)
    tab.page.route("**/auth/refresh", lambda route: route.abort())
    tab.show("board")
    expect(tab.page.get_by_role("heading", name="Welcome back")).to_be_visible(timeout=BACK_MS)
    expect(tab.page.locator(".callout")).to_contain_text("You have been signed out")


def test_sign_in_page_shows_when_the_session_ends_elsewhere(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    call(person.url, "POST", "/auth/logout", {}, {"Authorization": f"Bearer {person.token}"})
    expect(tab.page.get_by_role("heading", name="Welcome back")).to_be_visible(timeout=2 * LIVE_MS)
    expect(tab.page.locator(".callout")).to_be_visible()


def test_signing_out_in_one_tab_signs_out_all(open_tab: OpenTab, person: Person) -> None:
    here = open_tab(person).show("board")
    there = open_tab(beside=here).show("day")
    here.page.get_by_role("button", name="Sign out").click()
    for tab in (here, there):
        expect(tab.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert here.page.evaluate("() => localStorage.getItem('planner.token')") is None


def test_another_user_who_signs_in_beside_takes_over_every_tab(
    open_tab: OpenTab, person: Person, server_url: str
) -> None:
    other = Person.register(server_url)
    person.add_task("Mine", day())
    other.add_task("Theirs", day())
    tab = open_tab(person).show("board")
    expect(tab.cards(day())).to_have_text(["Mine"])
    beside = open_tab(beside=tab).show("board")
    beside.page.evaluate("token => localStorage.setItem('planner.token', token)", other.token)
    expect(tab.cards(day())).to_have_text(["Theirs"])
    tab.expect_live()
