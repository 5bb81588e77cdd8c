"""Drag and drop by mouse, finger and keyboard, on the board and on the timeline."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import OpenTab
from tests.browser.person import Person, day
from tests.browser.tab import LIVE_MS, Tab, centre, eventually

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def board(open_tab: OpenTab, person: Person) -> Tab:
    for title in ("One", "Two", "Three"):
        person.add_task(title, day())
    person.add_task("Later")
    tab = open_tab(person).show("board")
    expect(tab.cards(day())).to_have_text(["One", "Two", "Three"])
    return tab


def expect_saved(tab: Tab, person: Person, place: str, *titles: str) -> None:
    """On the screen at once, and on the server."""
    expect(tab.cards(place)).to_have_text(list(titles), timeout=LIVE_MS)
    query = "backlog=true" if place == "backlog" else f"date={place}"
    eventually(lambda: [task["title"] for task in person.read(f"/tasks?{query}")], list(titles))


def test_mouse_moves_a_card_within_its_column(board: Tab, person: Person) -> None:
    x, y = centre(board.card("One"))
    board.drag(board.card("Three"), x, y - 20)
    expect_saved(board, person, day(), "Three", "One", "Two")


def test_mouse_moves_a_card_to_another_column(board: Tab, person: Person) -> None:
    x, y = centre(board.column(day(1)))
    board.drag(board.card("Two"), x, y)
    expect_saved(board, person, day(), "One", "Three")
    expect_saved(board, person, day(1), "Two")


def test_mouse_moves_a_card_between_two_others_of_another_column(board: Tab, person: Person) -> None:
    x, y = centre(board.card("Two"))
    board.drag(board.card("Later"), x, y - 20)
    expect_saved(board, person, day(), "One", "Later", "Two", "Three")
    expect_saved(board, person, "backlog")


def test_escape_ends_a_drag_without_a_change(board: Tab, person: Person) -> None:
    board.forget_requests()
    x, y = centre(board.card("One"))
    board.page.mouse.move(x, y)
    board.page.mouse.down()
    board.page.mouse.move(x + 300, y, steps=5)
    expect(board.page.locator(".drag-ghost")).to_have_count(1)
    board.page.keyboard.press("Escape")
    expect(board.page.locator(".drag-ghost")).to_have_count(0)
    board.page.mouse.up()
    person.add_task("Marker", day(1))
    expect(board.cards(day(1))).to_have_text(["Marker"])
    assert not [line for line in board.requests if not line.startswith("GET")]


def test_keyboard_moves_a_card_within_and_between_columns(board: Tab, person: Person) -> None:
    board.card("One").focus()
    for key in ("Space", "ArrowDown", "Space"):
        board.page.keyboard.press(key)
    expect_saved(board, person, day(), "Two", "One", "Three")
    expect(board.card("One")).to_be_focused()
    for key in ("Space", "ArrowRight", "Enter"):
        board.page.keyboard.press(key)
    expect_saved(board, person, day(1), "One")
    expect(board.page.get_by_role("status").filter(has_text="Dropped One on Tomorrow")).to_have_count(1)


def test_keyboard_lift_is_given_up_with_escape(board: Tab, person: Person) -> None:
    board.card("One").focus()
    for key in ("Space", "ArrowDown", "Escape"):
        board.page.keyboard.press(key)
    expect(board.page.locator(".drop-line")).to_be_hidden()
    expect_saved(board, person, day(), "One", "Two", "Three")


def touch(session: CDPSession, kind: str, x: float, y: float) -> None:
    points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_finger_that_rests_lifts_a_card(open_tab: OpenTab, person: Person) -> None:
    for title in ("One", "Two", "Three"):
        person.add_task(title, day())
    tab = open_tab(person, **PHONE).show("board")
    expect(tab.cards(day())).to_have_text(["One", "Two", "Three"])
    (x, from_y), (_, to_y) = centre(tab.card("One")), centre(tab.card("Three"))
    session = tab.page.context.new_cdp_session(tab.page)
    touch(session, "touchStart", x, from_y)
    expect(tab.page.locator(".drag-ghost")).to_have_count(1)
    for step in range(1, 11):
        touch(session, "touchMove", x, from_y + (to_y + 25 - from_y) * step / 10)
    tab.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    touch(session, "touchEnd", 0, 0)
    expect_saved(tab, person, day(), "Two", "Three", "One")


def test_finger_at_the_edge_brings_the_next_column(open_tab: OpenTab, person: Person) -> None:
    person.add_task("One", day())
    tab = open_tab(person, **PHONE).show("board")
    x, y = centre(tab.card("One"))
    session = tab.page.context.new_cdp_session(tab.page)
    touch(session, "touchStart", x, y)
    expect(tab.page.locator(".drag-ghost")).to_have_count(1)
    touch(session, "touchMove", x + 40, y)
    touch(session, "touchMove", 350, y)
    tab.page.wait_for_function("() => document.querySelector('.columns').scrollLeft > 250")
    touch(session, "touchMove", 180, y)
    tab.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    touch(session, "touchEnd", 0, 0)
    expect_saved(tab, person, day(1), "One")


def test_finger_that_moves_at_once_scrolls_and_lifts_nothing(open_tab: OpenTab, person: Person) -> None:
    for number in range(25):
        person.add_task(f"Task {number}", day())
    tab = open_tab(person, **PHONE).show("board")
    x, y = centre(tab.card("Task 5"))
    session = tab.page.context.new_cdp_session(tab.page)
    touch(session, "touchStart", x, y)
    for step in range(1, 9):
        touch(session, "touchMove", x, y - 25 * step)
    touch(session, "touchEnd", 0, 0)
    tab.page.wait_for_function("() => document.querySelector('.column-today .column-list').scrollTop > 50")
    expect(tab.page.locator(".drag-ghost")).to_have_count(0)
    assert person.titles(day())[0] == "Task 0"


def test_all_of_earlier_days_moves_to_today(open_tab: OpenTab, person: Person) -> None:
    person.add_task("Old", day(-2))
    person.add_task("Older", day(-9))
    person.add_task("New", day())
    tab = open_tab(person).show("board")
    tab.page.get_by_role("button", name="Move all to today").click()
    expect_saved(tab, person, day(), "Older", "Old", "New")
    expect(tab.page.locator(".column-earlier")).to_have_count(0)


class TestTimeline:
    """An hour is 66 pixels high; the grid is scrolled to half an hour before the work day."""

    @pytest.fixture
    def timeline(self, open_tab: OpenTab, person: Person) -> Tab:
        person.add_block("Stand-up", "10:00", "11:00")
        person.add_block("Review", "11:00", "12:00")
        person.add_task("Write", day(), estimatedMins=60)
        tab = open_tab(person).show("day")
        expect(tab.block("Stand-up")).to_be_visible()
        return tab

    def times(self, person: Person) -> dict[str, str]:
        return {
            block["title"]: f"{block['startTime']}-{block['endTime']}"
            for block in person.read(f"/time-blocks?date={day()}")
        }

    def test_task_dragged_in_becomes_a_block_of_its_estimate(self, timeline: Tab, person: Person) -> None:
        x, _ = centre(timeline.block("Review"))
        box = timeline.block("Review").bounding_box()
        assert box
        timeline.drag(timeline.page.locator(".tray-task"), x, box["y"] + 2 * 66)
        expect(timeline.block("Write")).to_contain_text("13:00 – 14:00", timeout=LIVE_MS)
        eventually(lambda: self.times(person).get("Write"), "13:00-14:00")

    def test_block_is_moved(self, timeline: Tab, person: Person) -> None:
        x, _ = centre(timeline.block("Stand-up"))
        box = timeline.block("Stand-up").bounding_box()
        assert box
        timeline.drag(timeline.block("Stand-up"), x, box["y"] + 12 + 4 * 66)
        expect(timeline.block("Stand-up")).to_contain_text("14:00 – 15:00", timeout=LIVE_MS)
        eventually(lambda: self.times(person), {"Stand-up": "14:00-15:00", "Review": "11:00-12:00"})

    def test_later_block_makes_way_when_one_is_resized(self, timeline: Tab, person: Person) -> None:
        handle = timeline.block("Stand-up").locator(".block-end")
        x, y = centre(handle)
        timeline.page.mouse.move(x, y)
        timeline.page.mouse.down()
        timeline.page.mouse.move(x, y + 33, steps=8)
        expect(timeline.page.locator(".slot-preview")).to_have_text("10:00 – 11:30")
        timeline.page.mouse.up()
        expect(timeline.block("Review")).to_contain_text("11:30 – 12:30", timeout=LIVE_MS)
        eventually(lambda: self.times(person), {"Stand-up": "10:00-11:30", "Review": "11:30-12:30"})

    def test_arrow_keys_move_and_resize_a_block(self, timeline: Tab, person: Person) -> None:
        timeline.block("Review").focus()
        for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown"):
            timeline.page.keyboard.press(key)
        expect(timeline.block("Review")).to_contain_text("11:30 – 12:45", timeout=LIVE_MS)
        eventually(lambda: self.times(person)["Review"], "11:30-12:45")

    def test_click_on_free_time_adds_a_block(self, timeline: Tab, person: Person) -> None:
        box = timeline.block("Review").bounding_box()
        assert box
        timeline.page.mouse.click(box["x"] + 100, box["y"] + 3 * 66 + 5)
        timeline.page.keyboard.type("Walk")
        timeline.page.keyboard.press("Enter")
        expect(timeline.block("Walk")).to_contain_text("14:00 – 14:30", timeout=LIVE_MS)
        eventually(lambda: self.times(person).get("Walk"), "14:00-14:30")

    def test_block_is_added_with_the_keyboard_alone(self, timeline: Tab, person: Person) -> None:
        timeline.page.get_by_role("button", name="Next day").click()
        add = timeline.page.get_by_role("button", name="Add a block")
        # Not before the blocks that it has to keep clear of are there.
        expect(add).to_be_enabled()
        add.press("Enter")
        timeline.page.keyboard.type("Walk")
        timeline.page.keyboard.press("Enter")
        expect(timeline.block("Walk")).to_contain_text("09:00 – 09:30", timeout=LIVE_MS)
        eventually(lambda: [block["title"] for block in person.read(f"/time-blocks?date={day(1)}")], ["Walk"])

    def test_arrow_keys_with_alt_belong_to_the_browser(self, timeline: Tab, person: Person) -> None:
        timeline.block("Review").focus()
        for key in ("Alt+ArrowLeft", "Alt+ArrowDown", "ArrowDown"):
            timeline.page.keyboard.press(key)
        expect(timeline.block("Review")).to_contain_text("11:15 – 12:15", timeout=LIVE_MS)

    def test_dialog_saves_only_what_was_changed_in_it(self, timeline: Tab, person: Person) -> None:
        timeline.block("Review").click()
        dialog = timeline.page.get_by_role("dialog")
        dialog.get_by_label("Title").fill("Retrospective")
        block = next(row for row in person.read(f"/time-blocks?date={day()}") if row["title"] == "Review")
        person.write("PATCH", f"/time-blocks/{block['id']}", date=day(1), startTime="15:00", endTime="16:00")
        expect(timeline.block("Review")).to_have_count(0, timeout=LIVE_MS)
        dialog.get_by_role("button", name="Save").click()
        eventually(
            lambda: [(row["title"], row["startTime"]) for row in person.read(f"/time-blocks?date={day(1)}")],
            [("Retrospective", "15:00")],
        )
