"""Conditions (flow language 7.7): questions about an execution or a date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field, field_validator

from app.errors import TrunklineError
from app.expression.values import is_truthy
from app.library import Library
from app.model.label import Labels
from app.model.property import DEPRECATED, Dynamic
from app.model.state import State
from app.model.task import AnyCondition, Condition

holidays = Library("holidays")

_OLD = "io.kestra.core.models.conditions.types."
_NEW = "io.kestra.plugin.core.condition."
_DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


@dataclass(frozen=True)
class Subject:
    """What conditions ask about: an execution (as plain facts), and expressions over a scope."""

    facts: Mapping[str, Any]  #: namespace, flowId, state, labels, attempts, hasOutputs
    render: Callable[[Any], str]
    to_date: Callable[[str], datetime]


def _names(name: str) -> tuple[str, ...]:
    return (_OLD + name + "Condition", _NEW + name + "Condition")


class Asked(Condition):
    """A condition of ours."""

    def holds(self, subject: Subject) -> bool:
        """Whether it is met. Raises TrunklineError when it cannot be evaluated."""
        raise NotImplementedError


def all_hold(
    conditions: tuple[Condition, ...] | None,
    subject: Subject,
    when: object = None,
    warn: Callable[[str], None] = lambda _message: None,
) -> bool:
    """Whether every condition and `when` are met; what raises counts as not met, with a warning."""
    try:
        held = all(isinstance(c, Asked) and c.holds(subject) for c in conditions or ())
        return held and (when is None or is_truthy(subject.render(when)))
    except TrunklineError as error:
        warn(f"A condition could not be evaluated, and counts as not met: {error}")
        return False


class ExecutionStatus(Asked):
    """The other execution's state is among `in` and not among `notIn`."""

    type_name: ClassVar[str] = _NEW + "ExecutionStatus"
    aliases: ClassVar[tuple[str, ...]] = _names("ExecutionStatus")

    in_: tuple[State, ...] | None = None
    """The state is one of these."""
    not_in: tuple[State, ...] | None = None
    """The state is none of these."""
    model_config = {"alias_generator": lambda n: {"in_": "in", "not_in": "notIn"}.get(n, n)}

    def holds(self, subject: Subject) -> bool:
        """By the present state."""
        state = subject.facts["state"]
        return (self.in_ is None or state in self.in_) and state not in (self.not_in or ())


class Comparison(StrEnum):
    """How a namespace is compared."""

    EQUALS = "EQUALS"
    PREFIX = "PREFIX"
    SUFFIX = "SUFFIX"


class ExecutionNamespace(Asked):
    """The other execution's namespace equals, begins or ends with a text."""

    type_name: ClassVar[str] = _NEW + "ExecutionNamespace"
    aliases: ClassVar[tuple[str, ...]] = _names("ExecutionNamespace")

    namespace: Dynamic[str]
    """A namespace, or part of its name."""
    comparison: Comparison | None = None
    """How the names are compared."""
    prefix: bool = Field(False, json_schema_extra=DEPRECATED)
    """Older way of `comparison: PREFIX`."""

    def holds(self, subject: Subject) -> bool:
        """By `comparison`, else by `prefix`."""
        wanted, actual = subject.render(self.namespace), subject.facts["namespace"]
        how = self.comparison or (Comparison.PREFIX if self.prefix else Comparison.EQUALS)
        if how is Comparison.PREFIX:
            return bool(actual.startswith(wanted))
        return bool(actual.endswith(wanted) if how is Comparison.SUFFIX else actual == wanted)


class ExecutionFlow(Asked):
    """The other execution is of one flow."""

    type_name: ClassVar[str] = _NEW + "ExecutionFlow"
    aliases: ClassVar[tuple[str, ...]] = _names("ExecutionFlow")

    namespace: Dynamic[str]
    """The namespace of the flow."""
    flow_id: Dynamic[str]
    """Its id."""

    def holds(self, subject: Subject) -> bool:
        """Exactly that flow."""
        actual = (subject.facts["namespace"], subject.facts["flowId"])
        return actual == (subject.render(self.namespace), subject.render(self.flow_id))


class ExecutionLabels(Asked):
    """The other execution has all of these labels."""

    type_name: ClassVar[str] = _NEW + "ExecutionLabels"
    aliases: ClassVar[tuple[str, ...]] = _names("ExecutionLabels")

    labels: Labels
    """The execution has all of them."""

    def holds(self, subject: Subject) -> bool:
        """Each pair."""
        return all(subject.facts["labels"].get(k) == v for k, v in self.labels.items())


class HasRetryAttempt(Asked):
    """A task run of the other execution was tried more than once."""

    type_name: ClassVar[str] = _NEW + "HasRetryAttempt"
    aliases: ClassVar[tuple[str, ...]] = _names("HasRetryAttempt")

    in_: tuple[State, ...] | None = None
    """The state of the task run that was tried again is one of these."""
    not_in: tuple[State, ...] | None = None
    """It is none of these."""
    model_config = {"alias_generator": lambda n: {"in_": "in", "not_in": "notIn"}.get(n, n)}

    def holds(self, subject: Subject) -> bool:
        """By the states of retried attempts."""
        return any(
            (self.in_ is None or state in self.in_) and state not in (self.not_in or ())
            for state in subject.facts.get("retried", ())
        )


class Expression(Asked):
    """An expression that renders to anything but blank and `false`."""

    type_name: ClassVar[str] = _NEW + "Expression"
    aliases: ClassVar[tuple[str, ...]] = (
        *_names("Expression"),
        _OLD + "VariableCondition",
        _NEW + "VariableCondition",
    )

    expression: Dynamic[str]
    """Its text is neither empty nor `false`."""

    def holds(self, subject: Subject) -> bool:
        """By its text."""
        return subject.render(self.expression).strip() not in ("", "false")


class ExecutionOutputs(Expression):
    """An expression over the other execution's outputs."""

    type_name: ClassVar[str] = _NEW + "ExecutionOutputs"
    aliases: ClassVar[tuple[str, ...]] = _names("ExecutionOutputs")

    def holds(self, subject: Subject) -> bool:
        """Never without outputs, else by its text."""
        return bool(subject.facts.get("outputs")) and super().holds(subject)


class FlowCondition(Asked):
    """The flow of the trigger itself (of no use; older flows have it)."""

    type_name: ClassVar[str] = _NEW + "FlowCondition"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "FlowCondition",)
    is_deprecated: ClassVar[bool] = True

    namespace: Dynamic[str]
    """The namespace of the flow."""
    flow_id: Dynamic[str]
    """Its id."""

    def holds(self, subject: Subject) -> bool:
        """Exactly that flow."""
        wanted = (subject.render(self.namespace), subject.render(self.flow_id))
        return subject.facts.get("own") == wanted


class FlowNamespaceCondition(Asked):
    """The namespace of the trigger's own flow (of no use; older flows have it)."""

    type_name: ClassVar[str] = _NEW + "FlowNamespaceCondition"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "FlowNamespaceCondition",)
    is_deprecated: ClassVar[bool] = True

    namespace: Dynamic[str]
    """A namespace, or the beginning of its name."""
    prefix: bool = False
    """Whether namespaces below it count as well."""

    def holds(self, subject: Subject) -> bool:
        """Equal, or with `prefix` its beginning."""
        actual, wanted = (subject.facts.get("own") or ("",))[0], subject.render(self.namespace)
        return bool(actual.startswith(wanted) if self.prefix else actual == wanted)


class Not(Asked):
    """None of the conditions is met."""

    type_name: ClassVar[str] = _NEW + "Not"
    aliases: ClassVar[tuple[str, ...]] = _names("Not")

    conditions: tuple[AnyCondition, ...]
    """None of them holds."""

    def holds(self, subject: Subject) -> bool:
        """The opposite of each."""
        return not any(isinstance(c, Asked) and c.holds(subject) for c in self.conditions)


class Or(Asked):
    """One of the conditions is met."""

    type_name: ClassVar[str] = _NEW + "Or"
    aliases: ClassVar[tuple[str, ...]] = _names("Or")

    conditions: tuple[AnyCondition, ...]
    """One of them holds."""

    def holds(self, subject: Subject) -> bool:
        """Any of them."""
        return any(isinstance(c, Asked) and c.holds(subject) for c in self.conditions)


class Dated(Asked):
    """Asks about a date, by default the trigger's."""

    date: Dynamic[str] = "{{ trigger.date }}"
    """The date that is asked about."""

    def moment(self, subject: Subject) -> datetime:
        """The date, rendered."""
        return subject.to_date(subject.render(self.date))


class DayWeek(Dated):
    """The date is a certain day of the week."""

    type_name: ClassVar[str] = _NEW + "DayWeek"
    aliases: ClassVar[tuple[str, ...]] = _names("DayWeek")

    day_of_week: Dynamic[str]
    """`MONDAY` to `SUNDAY`."""

    def holds(self, subject: Subject) -> bool:
        """By name, in any case."""
        wanted = subject.render(self.day_of_week).upper()
        return _DAYS[self.moment(subject).weekday()] == wanted


class Weekend(Dated):
    """The date is a Saturday or a Sunday."""

    type_name: ClassVar[str] = _NEW + "Weekend"
    aliases: ClassVar[tuple[str, ...]] = _names("Weekend")

    def holds(self, subject: Subject) -> bool:
        """By the day."""
        return self.moment(subject).weekday() >= 5


class DayWeekInMonth(Dated):
    """The date is, for instance, the second Monday of its month."""

    type_name: ClassVar[str] = _NEW + "DayWeekInMonth"
    aliases: ClassVar[tuple[str, ...]] = _names("DayWeekInMonth")

    day_of_week: Dynamic[str]
    """`MONDAY` to `SUNDAY`."""
    day_in_month: Dynamic[str]
    """`FIRST`, `SECOND`, `THIRD`, `FOURTH` or `LAST`."""

    def holds(self, subject: Subject) -> bool:
        """FIRST to FOURTH, or LAST."""
        moment = self.moment(subject)
        if _DAYS[moment.weekday()] != subject.render(self.day_of_week).upper():
            return False
        wanted = subject.render(self.day_in_month).upper()
        if wanted == "LAST":
            return (moment + timedelta(days=7)).month != moment.month
        return ["FIRST", "SECOND", "THIRD", "FOURTH", ""][(moment.day - 1) // 7] == wanted


class PublicHoliday(Dated):
    """The date is a public holiday of a country."""

    type_name: ClassVar[str] = _NEW + "PublicHoliday"
    aliases: ClassVar[tuple[str, ...]] = _names("PublicHoliday")

    country: Dynamic[str] | None = None
    """Two letters, as `FR`; `US` if none."""
    sub_division: Dynamic[str] | None = None
    """A part of the country, by its ISO code."""

    def holds(self, subject: Subject) -> bool:
        """By the calendar of the country (US by default)."""
        country = subject.render(self.country) if self.country else "US"
        part = subject.render(self.sub_division) if self.sub_division else None
        try:
            calendar = holidays.country_holidays(country, subdiv=part)
        except (NotImplementedError, KeyError) as error:
            raise TrunklineError(f"unknown country or part of one: {error}") from None
        day: date = self.moment(subject).date()
        return day in calendar


class TimeBetween(Dated):
    """The time of day lies between two times."""

    type_name: ClassVar[str] = _NEW + "TimeBetween"
    aliases: ClassVar[tuple[str, ...]] = _names("TimeBetween")

    after: str | None = None
    """The time of day is later: `09:00:00+02:00`."""
    before: str | None = None
    """The time of day is earlier."""

    @field_validator("after", "before")
    @classmethod
    def _is_time(cls, text: str | None) -> str | None:
        if text is not None:
            time.fromisoformat(text)
        return text

    def holds(self, subject: Subject) -> bool:
        """Strictly between, in the zone that each bound names."""
        moment = self.moment(subject)
        after, before = (time.fromisoformat(t) if t else None for t in (self.after, self.before))
        shown = [moment.astimezone(t.tzinfo).time() if t and t.tzinfo else moment.time()
                 for t in (after, before)]  # fmt: skip
        return (after is None or shown[0] > after.replace(tzinfo=None)) and (
            before is None or shown[1] < before.replace(tzinfo=None)
        )


class DateTimeBetween(Dated):
    """The date lies between two moments."""

    type_name: ClassVar[str] = _NEW + "DateTimeBetween"
    aliases: ClassVar[tuple[str, ...]] = _names("DateTimeBetween")

    after: str | None = None
    """The date is later: `2024-01-01T00:00:00Z`."""
    before: str | None = None
    """The date is earlier."""

    def holds(self, subject: Subject) -> bool:
        """Strictly between. Raises TrunklineError when neither bound is given."""
        if self.after is None and self.before is None:
            raise TrunklineError("`after` or `before` must be given")
        moment = self.moment(subject)
        return (self.after is None or moment > subject.to_date(self.after)) and (
            self.before is None or moment < subject.to_date(self.before)
        )
