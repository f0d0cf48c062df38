"""Flow: what happens to other executions starts one (flow language 7.5)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from app.errors import TrunklineError, Unavailable
from app.expression.values import is_truthy
from app.model.label import Labels
from app.model.pattern import fits
from app.model.property import Duration, WireModel
from app.model.state import TERMINATED, State
from app.model.task import AbstractTrigger, AnyCondition, Condition
from app.trigger.condition import Asked, Subject
from app.trigger.window import TimeWindow, Window


@dataclass(frozen=True)
class Group:
    """Conditions that may be met one after the other, by several executions, within a window."""

    id: str
    requirements: Mapping[str, Callable[[Subject], bool]]
    window: TimeWindow
    needed: int  #: how many of them must be met
    reset: bool = True  #: they start anew after the trigger has fired
    once: bool = False  #: it fires at most once in a window
    is_watched: bool = False  #: somebody asks at a window's end whether it fired
    timezone: str | None = None

    def met_by(self, subject: Subject) -> list[str]:
        """The conditions that an execution meets; one that raises is not met, but Unavailable."""
        found = []
        for name, holds in self.requirements.items():
            try:
                if holds(subject):
                    found.append(name)
            except Unavailable:
                raise
            except (TrunklineError, re.error):
                continue
        return found


#: an end within a window may be heard of so much later
GRACE = timedelta(seconds=15)


class FilterField(StrEnum):
    """What a filter looks at."""

    FLOW_ID = "FLOW_ID"
    NAMESPACE = "NAMESPACE"
    STATE = "STATE"
    EXPRESSION = "EXPRESSION"


class FilterType(StrEnum):
    """How it compares."""

    EQUAL_TO = "EQUAL_TO"
    NOT_EQUAL_TO = "NOT_EQUAL_TO"
    IN = "IN"
    NOT_IN = "NOT_IN"
    IS_TRUE = "IS_TRUE"
    IS_FALSE = "IS_FALSE"
    IS_NULL = "IS_NULL"
    IS_NOT_NULL = "IS_NOT_NULL"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    REGEX = "REGEX"
    CONTAINS = "CONTAINS"


_COMPARE: Mapping[FilterType, Callable[[str, str], bool]] = {
    FilterType.EQUAL_TO: lambda actual, wanted: actual == wanted,
    FilterType.NOT_EQUAL_TO: lambda actual, wanted: actual != wanted,
    FilterType.STARTS_WITH: lambda actual, wanted: actual.startswith(wanted),
    FilterType.ENDS_WITH: lambda actual, wanted: actual.endswith(wanted),
    FilterType.REGEX: lambda actual, wanted: fits(wanted, actual, whole=True),
    FilterType.CONTAINS: lambda actual, wanted: wanted in actual,
}
_FACTS = {
    FilterField.FLOW_ID: "flowId",
    FilterField.NAMESPACE: "namespace",
    FilterField.STATE: "state",
}


class Filter(WireModel):
    """One comparison; IN and NOT_IN take `values`, all others `value`."""

    field: FilterField
    """What is compared."""
    type: FilterType
    value: str | None = None
    """What it is compared with; for EXPRESSION the expression."""
    values: tuple[str, ...] | None = None
    """What IN and NOT_IN compare with."""

    @model_validator(mode="after")
    def _fitting_value(self) -> "Filter":
        takes_list = self.type in (FilterType.IN, FilterType.NOT_IN)
        if takes_list and (self.value is not None or not self.values):
            raise ValueError(f"`values` must be given, and no `value`, for {self.type}")
        if not takes_list and self.values is not None:
            raise ValueError(f"`value` must be given, and no `values`, for {self.type}")
        if (
            not takes_list
            and self.value is None
            and (self.type in _COMPARE or self.field is FilterField.EXPRESSION)
        ):
            raise ValueError(f"`value` must be given for {self.type}")
        if self.type is FilterType.REGEX and self.value is not None:
            try:
                re.compile(self.value)
            except re.error:
                raise ValueError(f"`value`: invalid pattern [{self.value}]") from None
        return self

    def holds(self, subject: Subject) -> bool:
        """Whether an execution passes. An expression is rendered, and its text compared."""
        if self.field is FilterField.EXPRESSION:
            actual = subject.render(self.value or (self.values or ("",))[0])
        else:
            actual = str(subject.facts[_FACTS[self.field]])
        if self.type in (FilterType.IN, FilterType.NOT_IN):
            return (actual in (self.values or ())) is (self.type is FilterType.IN)
        if self.type in (FilterType.IS_TRUE, FilterType.IS_FALSE):
            return is_truthy(actual) is (self.type is FilterType.IS_TRUE)
        if self.type in (FilterType.IS_NULL, FilterType.IS_NOT_NULL):
            return (actual == "") is (self.type is FilterType.IS_NULL)
        return _COMPARE[self.type](actual, self.value or "")


class Operand(StrEnum):
    """How filters combine."""

    AND = "AND"
    OR = "OR"


class Where(WireModel):
    """A named set of filters."""

    id: str = Field(min_length=1)
    """Its name."""
    operand: Operand = Operand.AND
    """Whether all filters must hold, or one."""
    filters: tuple[Filter, ...] = Field(min_length=1)
    """The comparisons."""

    def holds(self, subject: Subject) -> bool:
        """All of its filters, or one of them."""
        found = (entry.holds(subject) for entry in self.filters)
        return all(found) if self.operand is Operand.AND else any(found)


class Upstream(WireModel):
    """A flow whose executions are waited for."""

    namespace: str | None = None
    """The namespace of the flow; any if none."""
    flow_id: str | None = None
    """Its id; any if none."""
    states: tuple[State, ...] | None = None
    """States that count; those of the trigger if none."""
    labels: Labels | None = None
    """The execution has all of them."""
    when: str | None = None
    """An expression over the execution that must hold."""

    def holds(self, subject: Subject) -> bool:
        """Whether an execution is one of them, in one of the states, with the labels."""
        facts = subject.facts
        return (
            (self.namespace is None or facts["namespace"] == self.namespace)
            and (self.flow_id is None or facts["flowId"] == self.flow_id)
            and (self.states is None or facts["state"] in self.states)
            and all(facts["labels"].get(k) == v for k, v in (self.labels or {}).items())
            and (self.when is None or is_truthy(subject.render(self.when)))
        )


def _named(entries: tuple[Upstream, ...]) -> dict[str, Callable[[Subject], bool]]:
    return {f"{n} {e.namespace}.{e.flow_id}": e.holds for n, e in enumerate(entries)}


class Preconditions(WireModel):
    """Flows and filters that all have to be met within a window (1.x)."""

    id: str = Field(min_length=1)
    """Under this name is kept what was met."""
    description: str | None = None
    """Markdown."""
    time_window: TimeWindow = TimeWindow()
    """Within which span all of it has to be met."""
    reset_on_success: bool = True
    """Whether all of it has to be met again after the trigger fired."""
    flows: tuple[Upstream, ...] = ()
    """Flows whose executions are waited for."""
    where: tuple[Where, ...] = ()
    """Filters, each set met by an execution of its own."""

    @field_validator("flows")
    @classmethod
    def _with_namespace(cls, flows: tuple[Upstream, ...]) -> tuple[Upstream, ...]:
        if any(flow.namespace is None for flow in flows):
            raise ValueError("`namespace` of a flow must not be null")
        return flows

    def group(self) -> Group:
        """Its flows and filters by name."""
        requirements = _named(self.flows) | {"where " + w.id: w.holds for w in self.where}
        return Group(self.id, requirements, self.time_window, len(requirements),
                     self.reset_on_success)  # fmt: skip


class MultipleCondition(Asked):
    """Conditions that all have to be met within a window (older way of `preconditions`)."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.condition.MultipleCondition"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.MultipleCondition",
    )
    is_deprecated: ClassVar[bool] = True

    id: str = Field(min_length=1)
    """Under this name is kept what was met."""
    time_window: TimeWindow | None = None
    """Within which span all of it has to be met."""
    window: Duration | None = None
    """Older way of `timeWindow`: its length."""
    window_advance: Duration | None = None
    """Older way of `timeWindow`: what its begin is shifted by."""
    reset_on_success: bool = True
    """Whether all of it has to be met again after the trigger fired."""
    conditions: dict[str, AnyCondition] = Field(min_length=1)
    """The conditions by name, each met by an execution of its own."""

    def holds(self, subject: Subject) -> bool:
        """Never by itself: only a Flow trigger remembers what was met. Raises TrunklineError."""
        raise TrunklineError("conditions of type MultipleCondition are not supported here")

    def group(self) -> Group:
        """Its conditions by name."""
        window = self.time_window or TimeWindow(
            window=self.window, window_advance=self.window_advance
        )
        requirements = {name: _asking(c) for name, c in self.conditions.items()}
        return Group(self.id, requirements, window, len(requirements), self.reset_on_success)


def _asking(condition: Condition) -> Callable[[Subject], bool]:
    return lambda subject: isinstance(condition, Asked) and condition.holds(subject)


class Mode(StrEnum):
    """How many of `dependsOn` must be met."""

    ALL = "ALL"
    ANY = "ANY"
    AT_LEAST = "AT_LEAST"


class MissBehavior(StrEnum):
    """What a missed window does."""

    FAIL = "FAIL"  #: an execution that is FAILED from its start


class OnMiss(WireModel):
    """What happens when a window ends and the trigger has not fired in it (2.x)."""

    behavior: MissBehavior = MissBehavior.FAIL
    """`FAIL`: an execution that is FAILED from its start."""
    labels: Labels | None = None
    """Labels of that execution."""


class FlowTrigger(AbstractTrigger):
    """Start an execution when executions of other flows reach one of `states`."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Flow"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Flow",)

    states: tuple[State, ...] = (*sorted(TERMINATED), State.PAUSED)
    """The states of executions that are looked at."""
    preconditions: Preconditions | None = None
    """What several executions have to meet within a span of time."""
    depends_on: tuple[Upstream, ...] = ()
    """Newer way of `preconditions`."""
    window: Window | None = None
    """Within which span `dependsOn` has to be met."""
    mode: Mode = Mode.ALL
    """How many entries of `dependsOn` must be met."""
    min_satisfied: int | None = Field(None, gt=0)
    """For AT_LEAST: how many."""

    on_miss: OnMiss | None = None
    """What happens when `window` ends and the trigger has not fired in it."""

    @model_validator(mode="after")
    def _one_way(self) -> "FlowTrigger":
        if self.mode is Mode.AT_LEAST and self.min_satisfied is None:
            raise ValueError("`minSatisfied` must be given for the mode AT_LEAST")
        if self.min_satisfied is not None and self.min_satisfied > len(self.depends_on):
            raise ValueError("`minSatisfied` is more than `dependsOn` has entries")
        if self.window is not None and not self.depends_on:
            raise ValueError("`window` needs `dependsOn`")
        if self.on_miss is not None and (self.window is None or self.window.lookback is not None):
            raise ValueError("`onMiss` needs a `window` that ends: not one of `lookback`")
        return self

    def plain_conditions(self) -> tuple[Condition, ...]:
        """The conditions that each execution meets or not by itself."""
        return tuple(c for c in self.conditions or () if not isinstance(c, MultipleCondition))

    def groups(self) -> list[Group]:
        """The conditions that several executions meet together."""
        found = [c.group() for c in self.conditions or () if isinstance(c, MultipleCondition)]
        if self.preconditions is not None:
            found.append(self.preconditions.group())
        if self.depends_on:
            found.append(self.newer_group())
        return found

    def next_look(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """When to ask whether a window was missed that ends after a moment; None: never.

        `zone` is that of windows without one.
        """
        if self.on_miss is None:
            return None
        group = self.newer_group()
        return group.window.next_end(after, ZoneInfo(group.timezone or zone.key)) + GRACE

    def newer_group(self) -> Group:
        """What `dependsOn` asks for."""
        needed = {Mode.ANY: 1, Mode.AT_LEAST: self.min_satisfied or 1}
        window = self.window
        return Group(
            id="dependsOn",
            requirements=_named(self.depends_on),
            window=window.as_time_window() if window is not None else TimeWindow(),
            needed=needed.get(self.mode, len(self.depends_on)),
            once=window is not None and window.fire_once,
            is_watched=self.on_miss is not None,
            timezone=window.timezone if window is not None else None,
        )
