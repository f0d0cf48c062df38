"""Sync windows: open and closed, allow and deny, time zones, manual syncs."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Invalid
from app.gitops.window import Window, WindowKind, judge
from app.service.gitops.models import Window as Window_
from app.service.gitops.models import read

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


LAST_FRIDAY = "DTSTART:20260102T180000 RRULE:FREQ=MONTHLY;BYDAY=-1FR"


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 5, 29, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 5, 29, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 5, 29, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 5, 30, 0, 0, tzinfo=UTC), False),
        (datetime(2026, 5, 22, 17, 0, tzinfo=UTC), False),
        (datetime(2026, 1, 30, 17, 0, tzinfo=UTC), True),
    ],
)
def test_a_rule_opens_on_the_last_friday_in_its_time_zone(moment, is_open):
    rule = window("deny", cron="", rrule=LAST_FRIDAY, timezone="Europe/Berlin")

    assert rule.is_open(moment) is is_open


def test_a_rule_tells_when_it_closes_and_when_it_comes_again():
    rule = window("deny", cron="", rrule=LAST_FRIDAY)
    inside = datetime(2026, 5, 29, 19, tzinfo=UTC)

    assert rule.changes_at(inside) == datetime(2026, 5, 30, 2, tzinfo=UTC)
    assert rule.changes_at(NOON) == datetime(2026, 5, 29, 18, tzinfo=UTC)


def test_a_rule_that_is_over_is_never_open_again():
    rule = window(cron="", rrule="DTSTART:20260501T080000 RRULE:FREQ=DAILY;COUNT=1")

    assert rule.is_open(NOON)
    assert not rule.is_open(NOON + timedelta(days=1))
    assert rule.changes_at(NOON + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rrule": "FREQ=SECONDLY"}, "FREQ must be one of"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "never comes"),
        ({"rrule": "FREQ=DAILY;UNTIL=nonsense"}, "rrule"),
        ({"rrule": "every friday"}, "is no recurrence rule"),
        ({"rrule": "FREQ=DAILY;BYHOUR=99"}, "rrule"),
        ({"rrule": "FREQ=DAILY", "cron": "0 0 * * *"}, "either `cron` or `rrule`"),
        ({}, "either `cron` or `rrule`"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_reason(given, reason):
    with pytest.raises(Invalid) as error:
        read({"name": "w", "kind": "deny", "duration": "PT1H", **given}, Window_)

    assert reason in str(error.value)
