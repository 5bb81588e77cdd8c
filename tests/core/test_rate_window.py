from realtime_app.core.rate_window import Instants, RateWindow

RATE = RateWindow(most=3, seconds=10.0)


def counts_at(*instants: float) -> list[int]:
    recent: Instants = ()
    counts = []
    for now in instants:
        recent = RATE.count_one(recent, now)
        counts.append(len(recent))
    return counts


def test_what_happens_within_the_seconds_is_counted_together():
    assert counts_at(100.0, 100.0, 105.0, 109.9) == [1, 2, 3, 4]


def test_each_counts_for_as_many_seconds_whenever_it_came():
    assert counts_at(100.0, 109.0, 110.0, 111.0, 119.0) == [1, 2, 2, 3, 3]


def test_two_bursts_around_a_moment_count_together():
    assert counts_at(100.0, 109.9, 109.9, 110.0, 110.0) == [1, 2, 3, 3, 4]


def test_it_is_passed_by_one_more_than_the_most():
    assert not RATE.is_passed_by((1.0, 2.0, 3.0))
    assert RATE.is_passed_by((1.0, 2.0, 3.0, 4.0))
