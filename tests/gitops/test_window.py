"""Sync windows: open and closed, allow and deny, time zones, manual syncs."""

from datetime import UTC, datetime, timedelta

import pytest

from app.gitops.window import Window, WindowKind, judge

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)  # a Friday


def window(kind="allow", cron="0 9 * * *", hours=8, **more):
    return Window(
        name=f"{kind}-{cron}",
        kind=WindowKind(kind),
        cron=cron,
        duration=timedelta(hours=hours),
        **more,
    )


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(8, 59, False), (9, 0, True), (16, 59, True), (17, 0, False)],
)
def test_a_window_is_open_from_its_instant_to_its_end(hour, minute, is_open):
    assert window().is_open(NOON.replace(hour=hour, minute=minute)) is is_open


def test_its_hours_are_those_of_its_time_zone():
    tokyo = window(timezone="Asia/Tokyo")

    assert tokyo.is_open(NOON.replace(hour=1))
    assert not tokyo.is_open(NOON)


def test_without_windows_everything_is_open():
    assert judge([], "team", NOON, manual=False).is_open


def test_with_allow_windows_one_of_them_must_be_open():
    night = window(cron="0 22 * * *", hours=6)

    assert not judge([night], "team", NOON, manual=False).is_open
    assert judge([night, window()], "team", NOON, manual=False).is_open


def test_deny_wins_and_says_until_when():
    verdict = judge([window(), window("deny", hours=4)], "team", NOON, manual=False)

    assert not verdict.is_open
    assert "deny-0 9 * * * is open" in verdict.reason
    assert verdict.until == NOON.replace(hour=13)


def test_a_person_passes_only_where_every_window_that_forbids_says_so():
    soft = window("deny", manual_allowed=True)

    assert judge([soft], "team", NOON, manual=True).is_open
    assert not judge([soft, window("deny")], "team", NOON, manual=True).is_open
    assert not judge([soft], "team", NOON, manual=False).is_open


def test_a_window_concerns_the_bindings_it_names():
    freeze = window("deny", bindings=("prod-*",))

    assert judge([freeze], "dev", NOON, manual=False).is_open
    assert not judge([freeze], "prod-eu", NOON, manual=False).is_open
