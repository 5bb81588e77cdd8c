"""One tab of the app, in the words of its users."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.person import Person

LIVE_MS = 1_000
"""What others do shows within a second."""

SAVED_SECONDS = 5.0
POLL_SECONDS = 0.05

API = re.compile(r"^/(tasks|time-blocks|auth|api-keys)\b")


class Tab:
    """`requests` are the API requests that the tab made, oldest first, as "GET /tasks"."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.requests: list[str] = []
        page.on("request", self._requested)

    def sign_in(self, person: Person) -> None:
        """As a tab that has the person's token already."""
        self.page.goto(f"{self.url}/app/board")
        self.page.evaluate("token => localStorage.setItem('planner.token', token)", person.token)

    def show(self, path: str) -> Tab:
        """Opens a screen and waits until the tab is live."""
        self.page.goto(f"{self.url}/app/{path}")
        self.expect_live()
        return self

    def expect_live(self, timeout_ms: int = 10_000) -> None:
        expect(self.page.locator(".connection")).to_have_attribute("data-state", "live", timeout=timeout_ms)

    def forget_requests(self) -> None:
        """Of what the tab loaded at first, which must have come."""
        self.page.wait_for_load_state("networkidle")
        self.requests.clear()

    def hide(self) -> None:
        """As behind another tab; a browser without a head shows all of them."""
        self._set_visibility("hidden")

    def look_at(self) -> None:
        self._set_visibility("visible")

    def column(self, place: str) -> Locator:
        """By its day, or "backlog"."""
        return self.page.locator(f'[data-place="{place}"]')

    def cards(self, place: str) -> Locator:
        return self.column(place).locator(".card-title")

    def card(self, title: str) -> Locator:
        return self.page.locator(".card").filter(has_text=title)

    def block(self, title: str) -> Locator:
        return self.page.locator(".block").filter(has_text=title)

    def open(self, task_id: str) -> Locator:
        """The panel of a task."""
        self.page.locator(f'[data-task-id="{task_id}"]').click()
        panel = self.page.locator(".panel")
        expect(panel).to_be_visible()
        return panel

    def drag(self, source: Locator, x: float, y: float) -> None:
        """With the mouse, from the source's middle to a point of the page."""
        box = source.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + min(12, box["height"] / 2))
        mouse.down()
        mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + 24, steps=3)
        mouse.move(x, y, steps=8)
        expect(self.page.locator(".drag-ghost")).to_have_count(1)
        # The spot is read once per frame: two of them see the last move.
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        mouse.up()

    def _set_visibility(self, state: str) -> None:
        self.page.evaluate(
            """state => {
                Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
                document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
            }""",
            state,
        )

    def _requested(self, request: Request) -> None:
        path = request.url.removeprefix(self.url)
        if API.match(path):
            self.requests.append(f"{request.method} {path}")


def eventually(read: Callable[[], Any], expected: Any) -> None:
    """What is read from the server becomes what is expected."""
    deadline = time.monotonic() + SAVED_SECONDS
    while (found := read()) != expected and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    assert found == expected


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
