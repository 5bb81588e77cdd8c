from realtime_app.broker.link_probe import LinkProbe


def test_link_is_not_deaf_when_every_probe_returns() -> None:
    probe = LinkProbe(timeout_seconds=4)

    for now in range(10):
        assert not probe.is_deaf(now)
        assert probe.returned(probe.next(now))


def test_link_is_deaf_when_the_oldest_probe_has_been_out_for_too_long() -> None:
    probe = LinkProbe(timeout_seconds=4)
    for now in range(4):
        probe.next(now)

    assert not probe.is_deaf(3.9)
    assert probe.is_deaf(4.0)


def test_older_probes_are_no_longer_missed_when_a_newer_one_returned() -> None:
    probe = LinkProbe(timeout_seconds=4)
    older, newer = probe.next(0), probe.next(3)

    assert probe.returned(newer)

    assert not probe.is_deaf(100)
    assert not probe.returned(older)


def test_newer_probes_are_still_awaited_when_an_older_one_returned() -> None:
    probe = LinkProbe(timeout_seconds=4)
    older = probe.next(0)
    probe.next(3)

    assert probe.returned(older)

    assert not probe.is_deaf(6)
    assert probe.is_deaf(7)


def test_forgotten_probe_counts_as_lost_and_proves_nothing_when_it_returns_after_all() -> None:
    probe = LinkProbe(timeout_seconds=4)
    payload = probe.next(0)

    assert probe.forget() == 1

    assert not probe.is_deaf(100)
    assert not probe.returned(payload)


def test_foreign_payload_proves_nothing() -> None:
    probe = LinkProbe(timeout_seconds=4)
    probe.next(0)

    assert not probe.returned(b"anything")
    assert probe.is_deaf(4)
