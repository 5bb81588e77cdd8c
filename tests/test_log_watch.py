import logging

from tests.log_watch import LogWatch


def watched(expected: list[str], allowed: list[str], *warnings: str) -> str:
    watch = LogWatch(expected, allowed)
    log = logging.getLogger("test_log_watch")
    log.propagate = False
    log.addHandler(watch)
    for warning in warnings:
        log.warning(warning)
    log.removeHandler(watch)
    return watch.complaint()


def test_complains_when_a_record_was_not_declared() -> None:
    assert watched([], [], "disk is full") == "unexpected log record: test_log_watch: disk is full"


def test_complains_when_an_expected_record_never_came() -> None:
    assert watched(["disk is"], []) == "expected log record never came: disk is"


def test_is_content_when_all_records_were_declared() -> None:
    assert watched(["disk is full"], ["^test_log_watch: net"], "disk is full", "network is slow") == ""


def test_is_content_when_an_allowed_record_never_came() -> None:
    assert watched([], ["disk is full"]) == ""


def test_ignores_records_below_warning() -> None:
    watch = LogWatch([], [])
    log = logging.getLogger("test_log_watch.quiet")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    log.addHandler(watch)
    log.info("started")
    log.removeHandler(watch)
    assert watch.complaint() == ""
