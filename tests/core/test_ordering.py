from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.ordering import put_first, put_last

MEMBERS = st.lists(st.text("abcdefgh", min_size=1, max_size=2), unique=True)


@given(MEMBERS, MEMBERS)
def test_leading_members_come_first_and_the_others_keep_their_order(leading: list[str], present: list[str]) -> None:
    order = put_first(leading, present)

    assert order[: len(leading)] == leading
    assert order[len(leading) :] == [member for member in present if member not in leading]


@given(MEMBERS)
def test_an_order_that_stands_is_not_changed(present: list[str]) -> None:
    assert put_first(present[:2], present) == present


@given(MEMBERS, st.sampled_from("abcdefgh"))
def test_the_trailing_member_comes_last_and_once(present: list[str], trailing: str) -> None:
    order = put_last(trailing, present)

    assert order[-1] == trailing
    assert order[:-1] == [member for member in present if member != trailing]
