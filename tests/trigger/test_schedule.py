"""Instants of schedules: cron expressions, zones, days on which clocks change, lists of dates."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from pydantic import ValidationError

from app.trigger.schedule import Schedule, ScheduleOnDates

TYPE = "io.kestra.plugin.core.trigger.Schedule"


def instants(cron, start, count, zone="UTC", **more):
    trigger = Schedule(id="t", type=TYPE, cron=cron, timezone=zone, **more)
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    found = islice(trigger.following(moment, "UTC"), count)
    return [instant.astimezone(UTC).strftime("%m-%dT%H:%M:%S") for instant in found]


@pytest.mark.parametrize(
    ("cron", "wanted"),
    [
        ("@hourly", ["01-01T01:00:00", "01-01T02:00:00"]),
        ("@daily", ["01-02T00:00:00", "01-03T00:00:00"]),
        ("@midnight", ["01-02T00:00:00", "01-03T00:00:00"]),
        ("@weekly", ["01-04T00:00:00", "01-11T00:00:00"]),
        ("@monthly", ["02-01T00:00:00", "03-01T00:00:00"]),
        ("0 12 * * MON", ["01-05T12:00:00", "01-12T12:00:00"]),
        ("0 12 * * 0", ["01-04T12:00:00", "01-11T12:00:00"]),
        ("0 12 * * 7", ["01-04T12:00:00", "01-11T12:00:00"]),
        ("0 0 1 FEB,MAR *", ["02-01T00:00:00", "03-01T00:00:00"]),
        ("0 9-17/4 * * *", ["01-01T09:00:00", "01-01T13:00:00"]),
        ("0 0 13 * FRI", ["01-02T00:00:00", "01-09T00:00:00"]),
    ],
)
def test_an_expression_names_its_instants(cron, wanted):
    assert instants(cron, "2026-01-01T00:00", 2) == wanted


@pytest.mark.parametrize("cron", ["@yearly", "@annually"])
def test_yearly_is_the_first_of_january(cron):
    assert instants(cron, "2026-01-01T00:00", 1) == ["01-01T00:00:00"]


@pytest.mark.parametrize(
    "cron",
    [
        "* * * *",
        "61 * * * *",
        "* * * * 8",
        "* 24 * * *",
        "@never",
        "10-5 * * * *",
        "*/0 * * * *",
        "",
    ],
)
def test_what_is_no_expression_is_refused_and_named(cron):
    with pytest.raises(ValidationError, match="invalid cron expression"):
        Schedule(id="t", type=TYPE, cron=cron)


def test_seconds_come_first_when_asked_for():
    found = instants("*/20 * * * * *", "2026-01-01T00:00", 3, withSeconds=True)

    assert found == ["01-01T00:00:20", "01-01T00:00:40", "01-01T00:01:00"]
    with pytest.raises(ValidationError, match="cron"):
        Schedule(id="t", type=TYPE, cron="*/20 * * * * *")


DST = [
    # spring: 02:00-03:00 does not exist in Paris on 29 March 2026 (01:00 UTC)
    ("30 1 * * *", "2026-03-28T12:00", ["03-29T00:30:00", "03-29T23:30:00"]),
    ("30 2 * * *", "2026-03-28T12:00", ["03-29T01:00:00", "03-30T00:30:00"]),
    ("30 3 * * *", "2026-03-28T12:00", ["03-29T01:30:00", "03-30T01:30:00"]),
    ("0 * * * *", "2026-03-29T00:30", ["03-29T01:00:00", "03-29T02:00:00"]),
    # autumn: 02:00-03:00 exists twice on 25 October 2026 (00:00 and 01:00 UTC)
    ("30 2 * * *", "2026-10-24T12:00", ["10-25T00:30:00", "10-26T01:30:00"]),
    ("30 1 * * *", "2026-10-24T12:00", ["10-24T23:30:00", "10-26T00:30:00"]),
    ("0 * * * *", "2026-10-24T23:30", ["10-25T00:00:00", "10-25T01:00:00"]),
    ("0,30 * * * *", "2026-10-25T00:10", ["10-25T00:30:00", "10-25T01:00:00"]),
]


@pytest.mark.parametrize(("cron", "start", "wanted"), DST)
def test_days_on_which_clocks_change_lose_and_double_nothing(cron, start, wanted):
    assert instants(cron, start, 2, "Europe/Paris") == wanted


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValidationError, match="unknown time zone"):
        Schedule(id="t", type=TYPE, cron="* * * * *", timezone="Mars/Olympus")


def test_dates_are_instants_in_the_zone_of_the_trigger():
    trigger = ScheduleOnDates(
        id="t",
        type="io.kestra.plugin.core.trigger.ScheduleOnDates",
        timezone="Europe/Paris",
        dates=["2026-05-02T10:00:00", "2026-05-01T00:00:00Z", "2026-05-03T00:00:00+02:00"],
    )
    start = datetime(2026, 5, 1, tzinfo=UTC)
    found = [date.astimezone(UTC).isoformat() for date in trigger.following(start, "UTC")]

    assert found == ["2026-05-02T08:00:00+00:00", "2026-05-02T22:00:00+00:00"]


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ValidationError, match="dates"):
        ScheduleOnDates(
            id="t", type="io.kestra.plugin.core.trigger.ScheduleOnDates", dates=["tomorrow"]
        )
