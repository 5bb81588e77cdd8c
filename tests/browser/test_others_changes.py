"""What an agent or another tab does shows here without a reload, within a second."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.person import Person, day
from tests.browser.tab import LIVE_MS, Tab


@pytest.fixture
def board(open_tab: OpenTab, person: Person) -> Tab:
    return open_tab(person).show("board")


@pytest.fixture
def timeline(open_tab: OpenTab, person: Person) -> Tab:
    return open_tab(person).show("day")


def expect_titles(tab: Tab, place: str, *titles: str) -> None:
    expect(tab.cards(place)).to_have_text(list(titles), timeout=LIVE_MS)


def test_task_shows_when_an_agent_adds_it(board: Tab, person: Person) -> None:
    person.add_task("Buy milk", day(1))
    expect_titles(board, day(1), "Buy milk")
    expect(board.card("Buy milk")).to_contain_text("Claude added it")


def test_title_changes_when_an_agent_renames_the_task(board: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    expect_titles(board, day(), "Buy milk")
    person.write("PATCH", f"/tasks/{task}", title="Buy oat milk")
    expect_titles(board, day(), "Buy oat milk")


def test_task_is_done_and_open_again_when_an_agent_completes_and_reopens_it(board: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    tick = board.card("Buy milk").get_by_role("checkbox")
    expect(tick).not_to_be_checked(timeout=LIVE_MS)
    person.write("POST", f"/tasks/{task}/complete")
    expect(tick).to_be_checked(timeout=LIVE_MS)
    person.write("POST", f"/tasks/{task}/uncomplete")
    expect(tick).not_to_be_checked(timeout=LIVE_MS)


def test_task_goes_when_an_agent_deletes_it_and_undo_brings_it_back(board: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    expect_titles(board, day(), "Buy milk")
    person.write("DELETE", f"/tasks/{task}")
    expect_titles(board, day())
    notice = board.page.locator(".notice").filter(has_text="Claude deleted “Buy milk”")
    notice.get_by_role("button", name="Undo").click()
    expect_titles(board, day(), "Buy milk")


def test_order_changes_when_an_agent_reorders_the_day(board: Tab, person: Person) -> None:
    first, second = person.add_task("First", day()), person.add_task("Second", day())
    expect_titles(board, day(), "First", "Second")
    person.write("POST", "/tasks/reorder", date=day(), taskIds=[second, first])
    expect_titles(board, day(), "Second", "First")


def test_task_moves_when_an_agent_moves_it_to_another_day(board: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    expect_titles(board, day(), "Buy milk")
    person.write("PATCH", f"/tasks/{task}", scheduledDate=day(1))
    expect_titles(board, day(1), "Buy milk")
    expect_titles(board, day())
    expect(board.card("Buy milk")).to_contain_text("Claude moved it to tomorrow")


def test_subtask_counts_when_an_agent_adds_and_completes_it(board: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    step = person.write("POST", f"/tasks/{task}/subtasks", title="Find the shop")
    expect(board.card("Buy milk")).to_contain_text("0/1", timeout=LIVE_MS)
    person.write("PATCH", f"/tasks/{task}/subtasks/{step['id']}", completed=True)
    expect(board.card("Buy milk")).to_contain_text("1/1", timeout=LIVE_MS)


def test_many_changes_collapse_into_one_notice_that_lists_them(board: Tab, person: Person) -> None:
    for number in range(12):
        person.add_task(f"Planned {number}", day(number % 3))
    notice = board.page.locator(".notice").filter(has_text="Claude changed 12 tasks")
    notice.get_by_role("button", name="Show").click()
    expect(board.page.locator(".spree li")).to_have_count(12)


def test_deletions_among_many_changes_can_be_undone_together(board: Tab, person: Person) -> None:
    tasks = [person.add_task(f"Planned {number}", day()) for number in range(7)]
    for task in tasks[:2]:
        person.write("DELETE", f"/tasks/{task}")
    expect(board.cards(day())).to_have_count(5)
    board.page.locator(".notice").filter(has_text="Claude changed 7 tasks").get_by_role("button", name="Show").click()
    dialog = board.page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 tasks deleted")
    dialog.get_by_role("button", name="Bring back").click()
    expect(board.cards(day())).to_have_count(7)


def add_quickly(person: Person, task: str, block: str) -> None:
    person.write("POST", "/time-blocks/quick-schedule", taskId=task, date=day(), startTime="16:00")


def add_by_itself(person: Person, task: str, block: str) -> None:
    person.write("POST", "/time-blocks/auto-schedule", taskId=task, currentTime=f"{day()}T06:00:00Z")


def move(person: Person, task: str, block: str) -> None:
    person.write("PATCH", f"/time-blocks/{block}", startTime="14:00", endTime="14:30")


def resize(person: Person, task: str, block: str) -> None:
    person.write("PATCH", f"/time-blocks/{block}/cascade-resize", startTime="09:00", endTime="11:00")


@pytest.mark.parametrize(
    ("act", "title", "time"),
    [
        (add_quickly, "Buy milk", "16:00 – 16:30"),
        (add_by_itself, "Buy milk", "10:00 – 10:30"),
        (move, "Stand-up", "14:00 – 14:30"),
        (resize, "Stand-up", "09:00 – 11:00"),
    ],
)
def test_block_shows_where_an_agent_put_it(
    timeline: Tab, person: Person, act: Callable[[Person, str, str], None], title: str, time: str
) -> None:
    task = person.add_task("Buy milk", day())
    block = person.add_block("Stand-up", "09:00", "10:00")
    expect(timeline.block("Stand-up")).to_contain_text("09:00 – 10:00", timeout=LIVE_MS)
    act(person, task, block)
    expect(timeline.block(title)).to_contain_text(time, timeout=LIVE_MS)


def test_later_block_makes_way_when_an_agent_resizes_an_earlier_one(timeline: Tab, person: Person) -> None:
    block = person.add_block("Stand-up", "09:00", "10:00")
    person.add_block("Review", "10:00", "11:00")
    resize(person, "", block)
    expect(timeline.block("Review")).to_contain_text("11:00 – 12:00", timeout=LIVE_MS)


def test_block_goes_when_an_agent_deletes_it_and_undo_brings_it_back(timeline: Tab, person: Person) -> None:
    block = person.add_block("Stand-up", "09:00", "10:00")
    expect(timeline.block("Stand-up")).to_be_visible(timeout=LIVE_MS)
    person.write("DELETE", f"/time-blocks/{block}")
    expect(timeline.block("Stand-up")).to_have_count(0, timeout=LIVE_MS)
    timeline.page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(timeline.block("Stand-up")).to_be_visible(timeout=LIVE_MS)


def test_block_shows_that_its_task_is_done(timeline: Tab, person: Person) -> None:
    task = person.add_task("Buy milk", day())
    person.add_block("Buy milk", "09:00", "10:00", taskId=task)
    expect(timeline.block("Buy milk")).to_be_visible(timeout=LIVE_MS)
    person.write("POST", f"/tasks/{task}/complete")
    expect(timeline.page.locator(".block-done")).to_have_count(1, timeout=LIVE_MS)


def test_name_changes_when_an_agent_changes_the_profile(board: Tab, person: Person) -> None:
    person.write("PATCH", "/auth/me", name="Countess of Lovelace")
    expect(board.page.locator(".who-name")).to_have_text("Countess of Lovelace", timeout=LIVE_MS)


def test_today_moves_on_when_the_time_zone_changes(board: Tab, person: Person) -> None:
    person.write("PATCH", "/auth/me", timezone="Pacific/Kiritimati")
    there = board.page.evaluate(
        "() => new Intl.DateTimeFormat('en-CA', {timeZone: 'Pacific/Kiritimati'}).format(Date.now())"
    )
    expect(board.page.locator(".column-today")).to_have_attribute("data-place", there, timeout=LIVE_MS)


def test_theme_follows_a_change_of_another_tab(board: Tab, person: Person) -> None:
    person.write_as_self("PATCH", "/auth/me", preferences={"themeMode": "dark"})
    expect(board.page.locator("html")).to_have_attribute("data-theme", "dark", timeout=LIVE_MS)


def test_what_one_tab_does_shows_in_the_other(open_tab: OpenTab, person: Person) -> None:
    here = open_tab(person).show("board")
    there = open_tab(person).show("board")
    add = here.column(day()).get_by_placeholder("Add a task")
    add.fill("Buy milk")
    add.press("Enter")
    expect_titles(there, day(), "Buy milk")
    there.card("Buy milk").get_by_role("checkbox").click()
    expect(here.card("Buy milk").get_by_role("checkbox")).to_be_checked(timeout=LIVE_MS)


def test_another_user_sees_nothing(open_tab: OpenTab, board: Tab, person: Person, server_url: str) -> None:
    stranger = Person.register(server_url)
    other = open_tab(stranger).show("board")
    person.add_task("My secret", day())
    expect_titles(board, day(), "My secret")
    stranger.add_task("Marker", day())
    expect_titles(other, day(), "Marker")
