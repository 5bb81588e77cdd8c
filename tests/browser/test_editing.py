"""The panel of a task: saved by itself, never overwritten, and a real clash is the person's to decide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab
from tests.browser.person import Person, day
from tests.browser.tab import LIVE_MS, Tab, eventually


@pytest.fixture
def task(person: Person) -> str:
    return person.add_task("Buy milk", day(), notes="Two litres")


@pytest.fixture
def tab(open_tab: OpenTab, person: Person, task: str) -> Tab:
    return open_tab(person).show("board")


def notes_of(panel: Locator) -> Locator:
    return panel.get_by_role("textbox", name="Notes")


def saved_notes(person: Person, task: str) -> object:
    return person.read(f"/tasks/{task}")["notes"]


def test_text_is_saved_when_the_typing_pauses(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    notes_of(panel).fill("Three litres")
    eventually(lambda: saved_notes(person, task), "Three litres")
    expect(panel.locator(".save-state").last).to_have_text("")


def test_every_field_is_saved(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    panel.get_by_role("textbox", name="Title").fill("Buy oat milk")
    panel.locator(".segment", has_text="Urgent").click()
    panel.get_by_role("button", name="45 min").click()
    panel.get_by_role("button", name="Tomorrow").click()
    panel.get_by_placeholder("Add a subtask").fill("Find the shop")
    panel.get_by_placeholder("Add a subtask").press("Enter")
    panel.get_by_role("checkbox", name="Complete Find the shop").click()
    panel.get_by_role("button", name="Close panel").click()
    card = tab.column(day(1)).locator(".card")
    expect(card).to_contain_text("Buy oat milk")
    for fact in ("Urgent", "45 min", "1/1"):
        expect(card).to_contain_text(fact)
    expected = {"title": "Buy oat milk", "priority": "P0", "estimatedMins": 45, "scheduledDate": day(1)}
    eventually(lambda: {field: person.read(f"/tasks/{task}")[field] for field in expected}, expected)


def test_change_of_another_field_elsewhere_is_taken_over_silently(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    notes_of(panel).press("End")
    notes_of(panel).press_sequentially(" and bread")
    person.write("PATCH", f"/tasks/{task}", title="Shopping")
    expect(panel.get_by_role("textbox", name="Title")).to_have_value("Shopping", timeout=LIVE_MS)
    eventually(lambda: saved_notes(person, task), "Two litres and bread")
    expect(panel.locator(".clash")).to_have_count(0)


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Mine"), ("Use the other", "Theirs")])
def test_text_being_edited_is_not_overwritten_and_the_person_chooses(
    tab: Tab, person: Person, task: str, choice: str, kept: str
) -> None:
    panel = tab.open(task)
    notes_of(panel).fill("Mine")
    person.write("PATCH", f"/tasks/{task}", notes="Theirs")
    expect(panel.locator(".clash")).to_contain_text("Theirs", timeout=LIVE_MS)
    expect(notes_of(panel)).to_have_value("Mine")
    panel.get_by_role("button", name=choice).click()
    expect(notes_of(panel)).to_have_value(kept)
    expect(panel.locator(".clash")).to_have_count(0)
    eventually(lambda: saved_notes(person, task), kept)


def test_two_tabs_that_edit_the_same_notes_lose_neither_text(open_tab: OpenTab, person: Person, task: str) -> None:
    panels = [open_tab(person).show("board").open(task) for _ in range(2)]
    for panel, text in zip(panels, ("From here", "From there"), strict=True):
        notes_of(panel).fill(text)
    expect_one_clash(panels)
    assert [notes_of(panel).input_value() for panel in panels] == ["From here", "From there"]
    assert saved_notes(person, task) in ("From here", "From there")


def expect_one_clash(panels: list[Locator]) -> None:
    """One of the two was first; the other is asked."""
    for _ in range(50):
        if sum(panel.locator(".clash").count() for panel in panels) == 1:
            return
        panels[0].page.wait_for_timeout(100)
    pytest.fail("no tab asked which text is to stay")


def test_text_typed_just_before_closing_the_panel_is_saved(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    notes_of(panel).fill("In a hurry")
    panel.get_by_role("button", name="Close panel").click()
    eventually(lambda: saved_notes(person, task), "In a hurry")


def test_markup_of_another_client_is_shown_as_text_and_rewritten_only_after_consent(tab: Tab, person: Person) -> None:
    markup = "<p>One</p><img src=x onerror=\"document.title='hacked'\"><ul><li>Two</li></ul>"
    task = person.add_task("Formatted", day(), notes=markup)
    panel = tab.open(task)
    expect(panel.locator(".notes-text")).to_have_text("One\n• Two")
    expect(panel.locator(".notes-field img")).to_have_count(0)
    panel.get_by_role("textbox", name="Title").fill("Formatted still")
    eventually(lambda: person.read(f"/tasks/{task}")["title"], "Formatted still")
    assert saved_notes(person, task) == markup
    panel.get_by_role("button", name="Edit as plain text").click()
    expect(notes_of(panel)).to_have_value("One\n• Two")
    eventually(lambda: saved_notes(person, task), "One\n• Two")
    assert tab.page.title() == "Planner"


def test_angle_brackets_are_typed_like_any_other_text(tab: Tab, person: Person, task: str) -> None:
    notes = notes_of(tab.open(task))
    notes.fill("A List<String>, and then <b>")
    eventually(lambda: saved_notes(person, task), "A List<String>, and then <b>")
    notes.press_sequentially(" is bold")
    eventually(lambda: saved_notes(person, task), "A List<String>, and then <b> is bold")


def test_day_is_moved_once_it_is_typed_to_its_end(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    field = panel.get_by_label("Day", exact=True)
    field.focus()
    tab.forget_requests()
    # The same whichever way round the browser asks for day and month.
    tab.page.keyboard.type("12122030")
    expect(field).to_have_value("2030-12-12")
    field.press("Enter")
    eventually(lambda: person.read(f"/tasks/{task}")["scheduledDate"], "2030-12-12")
    assert [line for line in tab.requests if not line.startswith("GET")] == [f"PATCH /tasks/{task}"]


def test_day_that_is_picked_counts_at_once(tab: Tab, task: str) -> None:
    tab.open(task).get_by_label("Day", exact=True).fill(day(1))
    expect(tab.column(day(1)).locator(".card")).to_contain_text("Buy milk")


def test_day_of_long_ago_is_a_slip(tab: Tab, task: str) -> None:
    field = tab.open(task).get_by_label("Day", exact=True)
    field.focus()
    tab.page.keyboard.type("12120202")
    expect(field).to_have_value("0202-12-12")
    field.press("Enter")
    expect(field).to_have_value(day())


def test_day_that_is_half_emptied_stays(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    panel.get_by_label("Day", exact=True).focus()
    tab.page.keyboard.press("Backspace")
    panel.get_by_role("button", name="Close panel").click()
    person.add_task("Marker", day())
    expect(tab.cards(day())).to_have_text(["Buy milk", "Marker"], timeout=LIVE_MS)


def test_subtask_keeps_what_is_typed_when_it_is_renamed_elsewhere(tab: Tab, person: Person, task: str) -> None:
    step = person.write("POST", f"/tasks/{task}/subtasks", title="Find the shop")["id"]
    panel = tab.open(task)
    title = panel.get_by_role("textbox", name="Subtask title")
    title.fill("Find a good shop")
    person.write("PATCH", f"/tasks/{task}/subtasks/{step}", title="Find it", completed=True)
    expect(panel.get_by_role("checkbox", name="Reopen Find it")).to_be_checked(timeout=LIVE_MS)
    expect(title).to_have_value("Find a good shop")
    title.press("Escape")
    eventually(lambda: person.read(f"/tasks/{task}/subtasks")[0]["title"], "Find a good shop")


def test_text_that_is_refused_waits_marked_until_it_is_tried_again(tab: Tab, person: Person, task: str) -> None:
    tab.page.route("**/tasks/*", lambda route: route.fulfill(status=409, json=REFUSAL))
    panel = tab.open(task)
    notes_of(panel).fill("Three litres")
    expect(panel.locator(".notes-field")).to_contain_text("Not saved")
    panel.get_by_role("button", name="Close panel").click()
    expect(tab.card("Buy milk")).to_contain_text("Text not saved")
    assert tab.requests.count(f"PATCH /tasks/{task}") == 1
    with tab.page.expect_event("dialog") as warning:
        tab.page.evaluate("() => void setTimeout(() => location.reload())")
    warning.value.dismiss()
    tab.page.unroute("**/tasks/*")
    tab.open(task).get_by_role("button", name="Try again").click()
    eventually(lambda: saved_notes(person, task), "Three litres")
    expect(tab.card("Buy milk")).not_to_contain_text("Text not saved")


def test_focus_goes_to_the_card_of_the_panel_that_closes(tab: Tab, person: Person, task: str) -> None:
    other = person.add_task("Bake bread", day(-1))
    tab.open(task)
    tab.open(other)
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator(".panel")).to_have_count(0)
    expect(tab.card("Bake bread")).to_be_focused()


def test_deleted_task_says_so_in_its_panel_and_comes_back(tab: Tab, person: Person, task: str) -> None:
    panel = tab.open(task)
    person.write("DELETE", f"/tasks/{task}")
    expect(panel).to_contain_text("This task was deleted", timeout=LIVE_MS)
    panel.get_by_role("button", name="Bring it back").click()
    expect(panel.get_by_role("textbox", name="Title")).to_have_value("Buy milk")


def test_refused_write_is_taken_back_and_says_why(tab: Tab, task: str) -> None:
    tab.page.route("**/tasks/*/complete", lambda route: route.fulfill(status=409, json=REFUSAL))
    tab.card("Buy milk").get_by_role("checkbox").click()
    expect(tab.page.locator(".notice-problem")).to_contain_text("Couldn’t complete “Buy milk”: the moon is full")
    expect(tab.card("Buy milk").get_by_role("checkbox")).not_to_be_checked()


REFUSAL = {"success": False, "error": {"code": "CONFLICT_ERROR", "message": "the moon is full", "statusCode": 409}}
