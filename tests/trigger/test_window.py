"""Time windows of Flow triggers, and the filters of preconditions."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from app.trigger.condition import Subject
from app.trigger.flow import Filter, FlowTrigger, Where
from app.trigger.window import TimeWindow, Window

UTC_ZONE = ZoneInfo("UTC")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(moment, zone=UTC_ZONE, **options):
    found = TimeWindow(**options).span(at(moment), zone)
    return None if found is None else tuple(d.astimezone(UTC).isoformat()[5:16] for d in found)


@pytest.mark.parametrize(
    ("options", "moment", "wanted"),
    [
        ({}, "2026-05-01T13:00", ("05-01T00:00", "05-02T00:00")),
        ({"window": "PT6H"}, "2026-05-01T13:00", ("05-01T12:00", "05-01T18:00")),
        (
            {"window": "P1D", "windowAdvance": "PT4H"},
            "2026-05-01T03:00",
            ("04-30T04:00", "05-01T04:00"),
        ),
        (
            {"type": "SLIDING_WINDOW", "window": "PT1H"},
            "2026-05-01T13:30",
            ("05-01T12:30", "05-01T13:30"),
        ),
        (
            {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"},
            "2026-05-01T08:59",
            ("05-01T00:00", "05-01T09:00"),
        ),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, "2026-05-01T09:01", None),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "06:00", "endTime": "09:00"},
            "2026-05-01T07:00",
            ("05-01T06:00", "05-01T09:00"),
        ),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "06:00", "endTime": "09:00"},
            "2026-05-01T05:00",
            None,
        ),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "22:00", "endTime": "02:00"},
            "2026-05-01T01:00",
            ("04-30T22:00", "05-01T02:00"),
        ),
    ],
)
def test_an_event_lies_in_its_window(options, moment, wanted):
    assert span(moment, **options) == wanted


@pytest.mark.parametrize(
    ("options", "moment", "end"),
    [
        ({"window": "PT6H"}, "2026-05-01T13:00", "05-01T18:00"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00"}, "2026-05-01T08:59", "05-01T09:00"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00"}, "2026-05-01T09:00", "05-02T09:00"),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "22:00", "endTime": "02:00"},
            "2026-05-01T23:00",
            "05-02T02:00",
        ),
        (
            {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00+14:00"},
            "2026-05-01T23:00",
            "05-02T19:00",
        ),
    ],
)
def test_a_window_says_when_it_ends_next(options, moment, end):
    found = TimeWindow(**options).next_end(at(moment), UTC_ZONE).astimezone(UTC)

    assert found.isoformat()[5:16] == end


@pytest.mark.parametrize("more", [{}, {"window": {"lookback": "PT1H"}}])
def test_a_miss_needs_a_window_that_ends(more):
    with pytest.raises(ValidationError, match="`onMiss` needs"):
        FlowTrigger(
            id="t",
            type="x",
            depends_on=[{"flowId": "a"}],
            on_miss={"behavior": "FAIL"},
            **more,
        )


def test_a_day_is_that_of_the_zone():
    found = span("2026-05-01T22:30", ZoneInfo("Europe/Paris"))

    assert found == ("05-01T22:00", "05-02T22:00")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00", "window": "PT1H"}, "window"),
        ({"type": "DAILY_TIME_DEADLINE"}, "deadline"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "nine"}, "deadline"),
        ({"type": "DAILY_TIME_WINDOW", "startTime": "06:00"}, "endTime"),
        ({"type": "SLIDING_WINDOW", "deadline": "09:00:00"}, "deadline"),
        ({"type": "SLIDING_WINDOW", "windowAdvance": "PT1H"}, "windowAdvance"),
        ({"type": "DURATION_WINDOW", "startTime": "06:00"}, "startTime"),
        ({"window": "PT0S"}, "window"),
    ],
)
def test_a_property_that_does_not_fit_the_type_is_refused_by_name(options, named):
    with pytest.raises(ValidationError, match=named):
        TimeWindow(**options)


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ({"deadline": "09:00:00"}, {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}),
        (
            {"from": "06:00", "to": "09:00"},
            {"type": "DAILY_TIME_WINDOW", "startTime": "06:00", "endTime": "09:00"},
        ),
        ({"every": "PT6H", "offset": "PT1H"}, {"window": "PT6H", "windowAdvance": "PT1H"}),
        ({"lookback": "PT2H"}, {"type": "SLIDING_WINDOW", "window": "PT2H"}),
    ],
)
def test_the_newer_words_mean_the_same(options, same):
    assert Window(**options).as_time_window() == TimeWindow(**same)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"deadline": "09:00", "lookback": "PT1H"},
        {"from": "06:00"},
        {"lookback": "PT1H", "timezone": "X"},
    ],
)
def test_a_newer_window_needs_one_kind(options):
    with pytest.raises(ValidationError):
        Window(**options)


SUBJECT = Subject(
    facts={"namespace": "company.team", "flowId": "extract", "state": "SUCCESS", "labels": {}},
    render=lambda value: {"{{ yes }}": "true", "{{ no }}": "false", "{{ nothing }}": ""}[value],
    to_date=lambda text: at(text),
)


@pytest.mark.parametrize(
    ("field", "kind", "value", "wanted"),
    [
        ("FLOW_ID", "EQUAL_TO", "extract", True),
        ("FLOW_ID", "NOT_EQUAL_TO", "extract", False),
        ("NAMESPACE", "STARTS_WITH", "company", True),
        ("NAMESPACE", "ENDS_WITH", "team", True),
        ("NAMESPACE", "CONTAINS", "ny.te", True),
        ("NAMESPACE", "REGEX", r"company\..*", True),
        ("NAMESPACE", "REGEX", "company", False),
        ("STATE", "IN", ["SUCCESS", "WARNING"], True),
        ("STATE", "NOT_IN", ["SUCCESS", "WARNING"], False),
        ("EXPRESSION", "IS_TRUE", "{{ yes }}", True),
        ("EXPRESSION", "IS_FALSE", "{{ no }}", True),
        ("EXPRESSION", "IS_NULL", "{{ nothing }}", True),
        ("EXPRESSION", "IS_NOT_NULL", "{{ nothing }}", False),
    ],
)
def test_a_filter_compares(field, kind, value, wanted):
    name = "values" if isinstance(value, list) else "value"

    assert Filter(field=field, type=kind, **{name: value}).holds(SUBJECT) is wanted


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("EQUAL_TO", {"values": ["a"]}),
        ("EQUAL_TO", {}),
        ("IN", {"value": "a"}),
        ("NOT_IN", {"values": ["a"], "value": "a"}),
        ("REGEX", {"value": "("}),
        ("CONTAINS", {"values": ["a"]}),
    ],
)
def test_a_filter_takes_the_value_of_its_type(kind, given):
    with pytest.raises(ValidationError, match="value"):
        Filter(field="FLOW_ID", type=kind, **given)


def test_filters_combine_by_and_or_by_or():
    filters = [
        {"field": "FLOW_ID", "type": "EQUAL_TO", "value": "extract"},
        {"field": "STATE", "type": "EQUAL_TO", "value": "FAILED"},
    ]

    assert Where(id="w", filters=filters).holds(SUBJECT) is False
    assert Where(id="w", operand="OR", filters=filters).holds(SUBJECT) is True
