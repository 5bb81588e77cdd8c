"""Signing up and in, the profile, keys of agents, sessions, searching, and keys of the keyboard."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.person import PASSWORD, Person, call, day
from tests.browser.tab import LIVE_MS, Tab, centre, eventually


def fill_in(tab: Tab, email: str, password: str) -> None:
    tab.page.get_by_label("Email").fill(email)
    tab.page.get_by_label("Password").fill(password)


def test_new_person_signs_up_and_their_days_are_local(open_tab: OpenTab) -> None:
    tab = open_tab(timezone_id="Asia/Tokyo")
    tab.page.goto(tab.url)
    tab.page.get_by_role("button", name="Create an account").click()
    tab.page.get_by_label("Name").fill("Grace")
    fill_in(tab, f"{uuid4().hex}@example.org", PASSWORD)
    tab.page.get_by_role("button", name="Create account").click()
    expect(tab.page.get_by_role("heading", name="Board")).to_be_visible()
    tab.expect_live()
    tab.show("settings/profile")
    expect(tab.page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")


def test_sign_up_names_each_field_that_is_wrong(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.goto(tab.url)
    tab.page.get_by_role("button", name="Create an account").click()
    fill_in(tab, "nobody", "short")
    tab.page.get_by_role("button", name="Create account").click()
    expect(tab.page.locator(".field-error")).to_have_count(2)


def test_wrong_password_is_told_and_the_right_one_signs_in(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab()
    tab.page.goto(f"{tab.url}/app/day")
    fill_in(tab, person.email, "Wrong-Horse-7")
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    tab.page.get_by_label("Password").fill(PASSWORD)
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="Today")).to_be_visible()
    tab.expect_live()


def test_profile_is_saved(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("settings/profile")
    tab.page.get_by_label("Name").fill("Countess")
    tab.page.get_by_label("Time zone").fill("Europe/Berlin")
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.locator(".notice")).to_contain_text("Profile saved")
    saved = person.write_as_self("PATCH", "/auth/me")
    assert (saved["name"], saved["timezone"]) == ("Countess", "Europe/Berlin")


def test_key_is_shown_once_paused_and_revoked(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("settings/keys")
    tab.page.get_by_role("button", name="New key").click()
    tab.page.get_by_label("Name").fill("Robot")
    tab.page.get_by_role("button", name="Make key").click()
    key = tab.page.locator(".secret").inner_text()
    tab.page.get_by_role("button", name="Done").click()
    assert call(person.url, "GET", "/tasks", None, {"X-API-Key": key}) == []
    row = tab.page.locator(".row", has_text="Robot")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    row.get_by_role("button", name="Resume").click()
    expect(row).not_to_contain_text("Paused")
    row.get_by_role("button", name="Revoke").click()
    tab.page.get_by_role("button", name="Revoke key").click()
    expect(row).to_have_count(0)
    expect(tab.page.get_by_text(key)).to_have_count(0)


def test_key_stays_in_sight_until_it_is_put_away(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("settings/keys")
    tab.page.get_by_role("button", name="New key").click()
    tab.page.get_by_label("Name").fill("Robot")
    tab.page.get_by_role("button", name="Make key").click()
    expect(tab.page.locator(".secret")).to_be_visible()
    tab.page.mouse.click(5, 5)
    # As on a page without TLS.
    tab.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    tab.page.get_by_role("button", name="Copy").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("copy it yourself")
    expect(tab.page.locator(".secret")).to_be_visible()


def test_dialog_closes_only_on_a_press_that_began_beside_it(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    tab.page.keyboard.press("?")
    dialog = tab.page.get_by_role("dialog")
    x, y = centre(dialog.get_by_role("heading", name="Anywhere"))
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(5, y)
    tab.page.mouse.up()
    expect(dialog).to_be_visible()
    tab.page.mouse.click(5, y)
    expect(dialog).to_have_count(0)


def test_session_elsewhere_is_ended(open_tab: OpenTab, person: Person) -> None:
    other_token = call(person.url, "POST", "/auth/login", {"email": person.email, "password": PASSWORD})["token"]
    elsewhere = open_tab(Person(person.url, person.email, other_token)).show("board")
    tab = open_tab(person).show("settings/sessions")
    tab.page.get_by_role("button", name="Sign out there").click()
    expect(elsewhere.page.get_by_role("heading", name="Welcome back")).to_be_visible(timeout=2 * LIVE_MS)
    expect(tab.page.get_by_role("button", name="Sign out there")).to_have_count(0)
    tab.expect_live()


def test_search_finds_words_in_titles_and_notes(open_tab: OpenTab, person: Person) -> None:
    person.add_task("Buy MILK", day())
    person.add_task("Shop", notes="oat milk")
    person.add_task("Something else", day())
    tab = open_tab(person).show("board")
    tab.page.keyboard.press("/")
    tab.page.get_by_role("searchbox").fill("milk")
    expect(tab.page.locator(".card-title")).to_have_count(2)
    tab.page.get_by_role("searchbox").fill("no such words")
    expect(tab.page.get_by_text("Nothing found")).to_be_visible()


def test_search_shows_what_the_address_says(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("search?q=milk")
    box = tab.page.get_by_role("searchbox")
    expect(box).to_have_value("milk")
    box.blur()
    tab.page.keyboard.press("/")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    tab.page.go_back()
    expect(box).to_have_value("milk")


def test_keyboard_alone_is_enough(open_tab: OpenTab, person: Person) -> None:
    tab = open_tab(person).show("board")
    keyboard = tab.page.keyboard
    keyboard.press("n")
    keyboard.type("Buy milk")
    keyboard.press("Enter")
    keyboard.press("Escape")
    expect(tab.cards(day())).to_have_text(["Buy milk"])
    eventually(lambda: person.titles(day()), ["Buy milk"])
    tab.card("Buy milk").focus()
    keyboard.press("x")
    expect(tab.card("Buy milk").get_by_role("checkbox")).to_be_checked()
    tab.card("Buy milk").focus()
    keyboard.press("Enter")
    expect(tab.page.locator(".panel")).to_be_visible()
    keyboard.press("Escape")
    expect(tab.page.locator(".panel")).to_have_count(0)
    keyboard.press("?")
    expect(tab.page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    keyboard.press("Escape")
    keyboard.press("g")
    keyboard.press("d")
    expect(tab.page.get_by_role("heading", name="Today")).to_be_visible()
