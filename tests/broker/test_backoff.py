from realtime_app.broker.backoff import Backoff


def delays(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next_seconds() for _ in range(count)]


def test_delays_double_up_to_the_cap() -> None:
    assert delays(Backoff(0.1, 0.5, random=lambda: 1.0), 5) == [0.1, 0.2, 0.4, 0.5, 0.5]


def test_delays_are_half_as_long_when_chance_wills() -> None:
    assert delays(Backoff(0.1, 0.5, random=lambda: 0.0), 5) == [0.05, 0.1, 0.2, 0.25, 0.25]


def test_delays_begin_anew_when_reset() -> None:
    backoff = Backoff(0.1, 0.5, random=lambda: 1.0)
    delays(backoff, 3)

    backoff.reset()

    assert delays(backoff, 2) == [0.1, 0.2]
