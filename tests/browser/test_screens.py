"""Every screen, light and dark, wide and narrow: readable for everybody, nothing cut, nothing from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenTab
from tests.browser.person import Person, day
from tests.browser.tab import Tab
from tests.servers.planner_process import ROOT

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SCREENS = [
    "sign-in",
    "board",
    "board?task",
    "day",
    "search?q=milk",
    "settings/profile",
    "settings/keys",
    "settings/sessions",
]
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 360, "height": 740}}

SERIOUS_PROBLEMS = """async () => {
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target + ' ' + node.failureSummary).join('; ')}`);
}"""

# Text that is wider than what holds it, unless it is meant to scroll or says by an ellipsis that it goes on.
CUT_TEXTS = """() => [...document.querySelectorAll('h1, h2, p, span, button, label, small, legend')]
    .filter(element => {
        const style = getComputedStyle(element);
        const isShown = element.checkVisibility({ opacityProperty: true }) && element.clientWidth > 1;
        const isCut = element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible';
        return isShown && isCut && style.textOverflow !== 'ellipsis' && style.overflowX !== 'auto';
    })
    .map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def busy_person(person: Person) -> Person:
    """Someone with a bit of everything."""
    person.add_task("Buy milk", day(), priority="P0", estimatedMins=45, notes="Two litres")
    step = person.add_task(
        "Prepare the talk about the new synchronisation for Thursday’s meeting", day(), priority="P1"
    )
    person.write("POST", f"/tasks/{step}/subtasks", title="Slides")
    done = person.add_task("Water the plants", day())
    person.write("POST", f"/tasks/{done}/complete")
    person.add_task("Renew the passport", day(-3), priority="P3")
    person.add_task("Learn to bake bread")
    person.add_block("Stand-up", "09:00", "09:20")
    person.add_block("Writing", "10:00", "12:00", taskId=step)
    return person


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screen_is_whole_and_accessible(
    open_tab: OpenTab, busy_person: Person, screen: str, size: str, theme: str
) -> None:
    tab = open_tab(None if screen == "sign-in" else busy_person, viewport=SIZES[size], color_scheme=theme)
    page = tab.page
    elsewhere: list[str] = []
    faults: list[str] = []
    host = urlsplit(tab.url).netloc
    page.on("request", lambda request: elsewhere.append(request.url) if urlsplit(request.url).netloc != host else None)
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    if screen == "sign-in":
        page.goto(tab.url)
    elif screen == "board?task":
        task = busy_person.read("/tasks?search=talk")[0]["id"]
        tab.show(f"board?task={task}")
        expect(page.locator(".panel .step")).to_have_count(1)
    else:
        tab.show(screen)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    finish_animations(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert page.evaluate(CUT_TEXTS) == []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS_PROBLEMS) == []
    assert (elsewhere, faults) == ([], [])


def finish_animations(page: Page) -> None:
    page.evaluate(
        """() => document.getAnimations().forEach(animation => {
            if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish();
        })"""
    )


def test_page_forbids_what_it_does_not_need(open_tab: OpenTab, person: Person) -> None:
    response = open_tab().page.goto(f"{person.url}/app/board")
    assert response
    policy = response.headers["content-security-policy"]
    for part in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"


def test_text_of_a_task_is_never_rendered_as_markup(open_tab: OpenTab, person: Person) -> None:
    markup = "<img src=x onerror=\"document.title='hacked'\"><b>bold</b>"
    person.add_task(markup, day(), notes=markup)
    person.add_block(markup[:200], "09:00", "10:00")
    for screen in ("board", "day", "search?q=bold"):
        tab = open_tab(person).show(screen)
        expect(tab.page.get_by_text("<b>bold</b>").first).to_be_visible()
        assert tab.page.locator("img[onerror], .card b").count() == 0
        assert tab.page.title() == "Planner"


def test_empty_planner_says_what_to_do(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    expect(tab.column(day())).to_contain_text("A free day so far.")
    expect(tab.column("backlog")).to_contain_text("wait here")


def test_list_that_cannot_be_loaded_says_why_and_can_be_tried_again(open_tab: OpenTab, person: Person) -> None:
    person.add_task("Buy milk", day())
    tab = open_tab(person)
    refusal = {"success": False, "error": {"code": "INTERNAL_ERROR", "message": "out of ink", "statusCode": 500}}
    tab.page.route("**/tasks?from*", lambda route: route.fulfill(status=500, json=refusal))
    tab.show("board")
    expect(tab.column(day())).to_contain_text("out of ink")
    tab.page.unroute("**/tasks?from*")
    tab.column(day()).get_by_role("button", name="Try again").click()
    expect(tab.cards(day())).to_have_text(["Buy milk"])


def spoil(tab: Tab, requests: str, **fields: object) -> None:
    """Rows come as no server sends them, which the app can't draw."""

    def spoilt(route: Route) -> None:
        answer = route.fetch()
        rows = answer.json()
        for row in rows["data"] if isinstance(rows["data"], list) else [rows["data"]]:
            row.update(fields)
        route.fulfill(response=answer, json=rows)

    tab.page.route(requests, spoilt)


def test_task_that_cannot_be_drawn_leaves_the_rest_of_the_page(open_tab: OpenTab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    tab = open_tab(person)
    spoil(tab, "**/tasks?from*", subtasks=[{}])
    panel = tab.show("board").open(task)
    expect(panel).to_contain_text("This task can’t be shown")
    panel.get_by_role("button", name="Close", exact=True).click()
    expect(tab.card("Buy milk")).to_be_focused()


def test_page_that_cannot_be_drawn_says_so_and_can_be_reloaded(open_tab: OpenTab, person: Person) -> None:
    person.add_task("Buy milk", day())
    tab = open_tab(person)
    spoil(tab, "**/tasks?from*", title={})
    tab.page.goto(f"{tab.url}/app/board")
    expect(tab.page.get_by_text("Something went wrong here")).to_be_visible()
    tab.page.unroute("**/tasks?from*")
    tab.page.get_by_role("button", name="Reload").click()
    expect(tab.cards(day())).to_have_text(["Buy milk"])
