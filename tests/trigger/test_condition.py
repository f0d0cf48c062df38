"""Each condition: when it holds, and when it does not."""

from datetime import UTC, datetime

import pytest

from app.errors import TrunklineError
from app.plugin.registry import default_registry
from app.trigger.condition import Subject

ONE = "io.kestra.plugin.core.condition."
FACTS = {
    "namespace": "company.team",
    "flowId": "extract",
    "state": "WARNING",
    "labels": {"env": "prod", "owner": "me"},
    "retried": ["FAILED"],
    "outputs": {"rows": 3},
    "own": ("company", "own"),
}
MONDAY = "2026-05-11T10:00:00Z"  #: the second Monday of its month


def holds(kind, facts=FACTS, **options):
    subject = Subject(
        facts=facts,
        render=lambda value: MONDAY if value == "{{ trigger.date }}" else str(value),
        to_date=lambda text: datetime.fromisoformat(text).astimezone(UTC),
    )
    registry = default_registry()
    found = registry.find(ONE + kind)
    return found.model_validate({"type": ONE + kind, **options}, context=registry).holds(subject)


YES = {"type": ONE + "ExecutionFlow", "namespace": "company.team", "flowId": "extract"}
NO = {"type": ONE + "ExecutionFlow", "namespace": "company.team", "flowId": "load"}


@pytest.mark.parametrize(
    ("kind", "options", "wanted"),
    [
        ("ExecutionStatus", {"in": ["WARNING", "FAILED"]}, True),
        ("ExecutionStatus", {"in": ["SUCCESS"]}, False),
        ("ExecutionStatus", {"notIn": ["WARNING"]}, False),
        ("ExecutionNamespace", {"namespace": "company.team"}, True),
        ("ExecutionNamespace", {"namespace": "company"}, False),
        ("ExecutionNamespace", {"namespace": "company", "prefix": True}, True),
        ("ExecutionNamespace", {"namespace": "comp", "comparison": "PREFIX"}, True),
        ("ExecutionNamespace", {"namespace": "team", "comparison": "SUFFIX"}, True),
        ("ExecutionNamespace", {"namespace": "company", "comparison": "SUFFIX"}, False),
        ("ExecutionFlow", {"namespace": "company.team", "flowId": "extract"}, True),
        ("ExecutionFlow", {"namespace": "company", "flowId": "extract"}, False),
        ("ExecutionLabels", {"labels": {"env": "prod"}}, True),
        ("ExecutionLabels", {"labels": [{"key": "env", "value": "prod"}]}, True),
        ("ExecutionLabels", {"labels": {"env": "prod", "owner": "you"}}, False),
        ("HasRetryAttempt", {"in": ["FAILED"]}, True),
        ("HasRetryAttempt", {"in": ["SUCCESS"]}, False),
        ("Expression", {"expression": "true"}, True),
        ("Expression", {"expression": "false"}, False),
        ("Expression", {"expression": "  "}, False),
        ("Not", {"conditions": [NO, NO]}, True),
        ("Not", {"conditions": [NO, YES]}, False),
        ("Or", {"conditions": [NO, YES]}, True),
        ("Or", {"conditions": [NO]}, False),
        ("DayWeek", {"dayOfWeek": "MONDAY"}, True),
        ("DayWeek", {"dayOfWeek": "TUESDAY"}, False),
        ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "SECOND"}, True),
        ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "FIRST"}, False),
        ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "LAST"}, False),
        ("DayWeekInMonth",
         {"dayOfWeek": "MONDAY", "dayInMonth": "LAST", "date": "2026-05-25T10:00:00Z"}, True),
        ("Weekend", {}, False),
        ("Weekend", {"date": "2026-05-10T10:00:00Z"}, True),
        ("PublicHoliday", {"country": "FR"}, False),
        ("PublicHoliday", {"country": "FR", "date": "2026-07-14T10:00:00Z"}, True),
        ("TimeBetween", {"after": "09:00:00Z", "before": "11:00:00Z"}, True),
        ("TimeBetween", {"after": "10:00:00Z"}, False),
        ("TimeBetween", {"after": "11:00:00+02:00", "before": "12:30:00+02:00"}, True),
        ("DateTimeBetween", {"after": "2026-05-11T09:00:00Z"}, True),
        ("DateTimeBetween", {"before": "2026-05-11T10:00:00Z"}, False),
    ],
)  # fmt: skip
def test_a_condition_holds_or_does_not(kind, options, wanted):
    assert holds(kind, **options) is wanted


def test_dates_between_nothing_are_an_error():
    with pytest.raises(TrunklineError):
        holds("DateTimeBetween")


def test_outputs_that_are_not_there_meet_nothing():
    assert not holds("ExecutionOutputs", {**FACTS, "outputs": None}, expression="true")
    assert holds("ExecutionOutputs", expression="true")
