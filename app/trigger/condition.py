"""Conditions (flow language 7.7): questions about an execution."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from app.errors import TrunklineError, Unavailable
from app.expression.values import is_truthy
from app.model.label import Labels
from app.model.property import DEPRECATED, Dynamic
from app.model.state import State
from app.model.task import AnyCondition, Condition

_OLD = "io.kestra.core.models.conditions.types."
NEW = "io.kestra.plugin.core.condition."


@dataclass(frozen=True)
class Subject:
    """What conditions ask about: an execution (as plain facts), and expressions over a scope."""

    facts: Mapping[str, Any]  #: namespace, flowId, state, labels, attempts, hasOutputs
    render: Callable[[Any], str]
    to_date: Callable[[str], datetime]


def names_of(name: str) -> tuple[str, ...]:
    """The earlier names of a condition."""
    return (_OLD + name + "Condition", NEW + name + "Condition")


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
    """Whether every condition and `when` are met; what raises counts as not met, with a warning.

    Raises Unavailable: nothing is wrong with a condition whose secret cannot be had now.
    """
    try:
        held = all(isinstance(c, Asked) and c.holds(subject) for c in conditions or ())
        return held and (when is None or is_truthy(subject.render(when)))
    except Unavailable:
        raise
    except TrunklineError as error:
        warn(f"A condition could not be evaluated, and counts as not met: {error}")
        return False


class ExecutionStatus(Asked):
    """The other execution's state is among `in` and not among `notIn`."""

    type_name: ClassVar[str] = NEW + "ExecutionStatus"
    aliases: ClassVar[tuple[str, ...]] = names_of("ExecutionStatus")

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

    type_name: ClassVar[str] = NEW + "ExecutionNamespace"
    aliases: ClassVar[tuple[str, ...]] = names_of("ExecutionNamespace")

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

    type_name: ClassVar[str] = NEW + "ExecutionFlow"
    aliases: ClassVar[tuple[str, ...]] = names_of("ExecutionFlow")

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

    type_name: ClassVar[str] = NEW + "ExecutionLabels"
    aliases: ClassVar[tuple[str, ...]] = names_of("ExecutionLabels")

    labels: Labels
    """The execution has all of them."""

    def holds(self, subject: Subject) -> bool:
        """Each pair."""
        return all(subject.facts["labels"].get(k) == v for k, v in self.labels.items())


class HasRetryAttempt(Asked):
    """A task run of the other execution was tried more than once."""

    type_name: ClassVar[str] = NEW + "HasRetryAttempt"
    aliases: ClassVar[tuple[str, ...]] = names_of("HasRetryAttempt")

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

    type_name: ClassVar[str] = NEW + "Expression"
    aliases: ClassVar[tuple[str, ...]] = (
        *names_of("Expression"),
        _OLD + "VariableCondition",
        NEW + "VariableCondition",
    )

    expression: Dynamic[str]
    """Its text is neither empty nor `false`."""

    def holds(self, subject: Subject) -> bool:
        """By its text."""
        return subject.render(self.expression).strip() not in ("", "false")


class ExecutionOutputs(Expression):
    """An expression over the other execution's outputs."""

    type_name: ClassVar[str] = NEW + "ExecutionOutputs"
    aliases: ClassVar[tuple[str, ...]] = names_of("ExecutionOutputs")

    def holds(self, subject: Subject) -> bool:
        """Never without outputs, else by its text."""
        return bool(subject.facts.get("outputs")) and super().holds(subject)


class FlowCondition(Asked):
    """The flow of the trigger itself (of no use; older flows have it)."""

    type_name: ClassVar[str] = NEW + "FlowCondition"
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

    type_name: ClassVar[str] = NEW + "FlowNamespaceCondition"
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

    type_name: ClassVar[str] = NEW + "Not"
    aliases: ClassVar[tuple[str, ...]] = names_of("Not")

    conditions: tuple[AnyCondition, ...] = Field(min_length=1)
    """None of them holds."""

    def holds(self, subject: Subject) -> bool:
        """The opposite of each."""
        return not any(isinstance(c, Asked) and c.holds(subject) for c in self.conditions)


class Or(Asked):
    """One of the conditions is met."""

    type_name: ClassVar[str] = NEW + "Or"
    aliases: ClassVar[tuple[str, ...]] = names_of("Or")

    conditions: tuple[AnyCondition, ...] = Field(min_length=1)
    """One of them holds."""

    def holds(self, subject: Subject) -> bool:
        """Any of them."""
        return any(isinstance(c, Asked) and c.holds(subject) for c in self.conditions)
