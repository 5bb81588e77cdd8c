"""A server with the built app, a browser, people and their tabs. What failed leaves a trace and a picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.app import SECRET
from tests.browser.person import Person
from tests.browser.tab import Tab
from tests.servers.planner_process import ROOT, PlannerProcess, run_command
from tests.servers.ports import free_port
from tests.servers.process import find_program

RESULTS = ROOT / "web/test-results"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
WIDE = {"width": 1440, "height": 900}
ACTION_MS = 10_000

OpenTab = Callable[..., Tab]
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ended with this folder: Playwright keeps an event loop running, beside which no other test can have one."""
    with sync_playwright() as playwright:
        program = find_program("chromium", "chromium-browser", "google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def start_server(folder: Path, **settings: str) -> PlannerProcess:
    """On a port that stays the same when it is started again."""
    index = ROOT / "realtime_app/static/index.html"
    assert index.is_file(), "the browser app is not built: run `make web`"
    settings = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'planner.db'}",
        "JWT_SECRET": SECRET,
        "RATE_LIMIT_ENABLED": "false",
    } | settings
    migrated = run_command(folder, "migrate", **settings)
    assert migrated.code == 0, migrated.errors
    server = PlannerProcess(folder, "--port", str(free_port()), **settings)
    server.start()
    return server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlannerProcess]:
    """For tests that don't harm it."""
    server = start_server(tmp_path_factory.mktemp("planner"))
    yield server
    server.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PlannerProcess]:
    """For tests that stop it."""
    server = start_server(tmp_path)
    yield server
    server.close()


@pytest.fixture
def server_url(request: pytest.FixtureRequest) -> str:
    """Of the test's own server if it has one, else of the shared one."""
    name = next((name for name in request.fixturenames if name.endswith("own_server")), "shared_server")
    server: PlannerProcess = request.getfixturevalue(name)
    return server.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def person(server_url: str) -> Person:
    return Person.register(server_url)


@pytest.fixture
def open_tab(request: pytest.FixtureRequest, browser: Browser, server_url: str) -> Iterator[OpenTab]:
    """`open_tab(person)`: a tab of a browser of its own, signed in. `beside=tab`: in the same browser as that one."""
    contexts: list[BrowserContext] = []

    def open_(person: Person | None = None, *, beside: Tab | None = None, **options: Any) -> Tab:
        context = beside.page.context if beside else new_context(**options)
        tab = Tab(context.new_page(), server_url)
        if person and not beside:
            tab.sign_in(person)
        return tab

    def new_context(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": WIDE, "timezone_id": "UTC", "locale": "en-GB"} | options)
        context.set_default_timeout(ACTION_MS)
        context.tracing.start(screenshots=True, snapshots=True)
        contexts.append(context)
        return context

    yield open_
    for number, context in enumerate(contexts):
        _close(context, request.node, number)


def _close(context: BrowserContext, test: pytest.Item, number: int) -> None:
    if test.stash.get(FAILED, False):
        name = re.sub(r"[^\w-]+", "-", test.nodeid.rpartition("/")[2])
        for page_number, page in enumerate(context.pages):
            page.screenshot(path=RESULTS / f"{name}-{number}-{page_number}.png")
        context.tracing.stop(path=RESULTS / f"{name}-{number}.zip")
    else:
        context.tracing.stop()
    context.close()
