from realtime_app.core.rate_window import RateWindow

RATE = RateWindow(most=3, seconds=10.0)


def counts_at(*instants: float) -> list[int]:
    count, since, counts = 0, 0.0, []
    for now in instants:
        count, since = RATE.count_one(count, since, now)
        counts.append(count)
    return counts


def test_what_happens_within_the_seconds_is_counted_together():
    assert counts_at(100.0, 100.0, 105.0, 109.9) == [1, 2, 3, 4]


def test_a_new_window_begins_when_the_seconds_have_passed_since_the_first():
    assert counts_at(100.0, 109.0, 110.0, 111.0) == [1, 2, 1, 2]


def test_the_first_window_begins_with_the_first_time_even_near_zero():
    assert counts_at(0.5, 10.4, 10.6) == [1, 2, 1]
