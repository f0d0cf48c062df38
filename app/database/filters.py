"""Filters to SQL: bound parameters only, fields from a closed table, wildcards escaped."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text as SqlText
from sqlalchemy import and_, cast, false, func, not_, or_, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from app.database.logs import level_number
from app.database.schema import execution_labels, executions, flows, logs
from app.database.schema_instance import kv, triggers
from app.database.schema_tests import test_suites
from app.database.search import TRIGGER
from app.database.types import in_list
from app.model.duration import parse_duration
from app.model.filter import Filter, Group, Operator
from app.model.moment import read_moment

Condition = ColumnElement[bool]
Places = tuple[str, ...] | None  #: namespaces, each with those below it; None: all
E = executions.c


@dataclass(frozen=True)
class Asked:
    """What a filter's meaning depends on besides itself."""

    now: datetime
    system_namespace: str = "system"


Maker = Callable[[Filter, Asked], Condition]


def condition(table: Mapping[str, Maker], group: Group, asked: Asked) -> Condition:
    """A group as SQL; an empty one holds for every row."""
    parts = [
        condition(table, item, asked) if isinstance(item, Group) else table[item.field](item, asked)
        for item in group.members
    ]
    if not parts:
        return true()
    return any_of(parts) if group.is_any else and_(*parts)


_AT_ONCE = 100


def any_of(parts: Iterable[Condition]) -> Condition:
    """Whether one of the conditions holds; none does where there are none.

    SQLite nests each after the one before, and refuses the thousandth (its limit
    SQLITE_MAX_EXPR_DEPTH). So many are asked for in groups, not one of which holds for no row;
    brackets alone would not do, SQLAlchemy takes those of one operator away.
    """
    rest = list(parts)
    if len(rest) <= _AT_ONCE:
        return or_(false(), *rest)
    groups = (or_(*rest[n : n + _AT_ONCE]) for n in range(0, len(rest), _AT_ONCE))
    return not_(and_(*(not_(group) for group in groups)))


def below(column: ColumnElement[Any], namespace: str) -> Condition:
    """A namespace and its children."""
    return or_(column == namespace, column.startswith(namespace + ".", autoescape=True))


def within(column: ColumnElement[Any], places: Places) -> Condition:
    """A namespace is one of the places, or lies below one."""
    if places is None:
        return true()
    return any_of(below(column, place) for place in places)


def text(column: ColumnElement[Any]) -> Maker:
    """A column that holds a text."""

    def make(item: Filter, _asked: Asked) -> Condition:
        value = item.value
        found: dict[Operator, Callable[[], Condition]] = {
            Operator.EQUALS: lambda: column == value,
            Operator.NOT_EQUALS: lambda: column.is_distinct_from(value),
            Operator.IN: lambda: column.in_(item.items()),
            Operator.NOT_IN: lambda: or_(column.is_(None), column.not_in(item.items())),
            Operator.CONTAINS: lambda: column.contains(value, autoescape=True),
            Operator.STARTS_WITH: lambda: column.startswith(value, autoescape=True),
            Operator.ENDS_WITH: lambda: column.endswith(value, autoescape=True),
            Operator.REGEX: lambda: column.regexp_match(value),
            Operator.PREFIX: lambda: below(column, value),
        }
        return found[item.operator]()

    return make


def compare(column: ColumnElement[Any], operator: Operator, value: Any) -> Condition:
    """One of the six comparisons."""
    found: dict[Operator, Condition] = {
        Operator.EQUALS: column == value,
        Operator.NOT_EQUALS: column.is_distinct_from(value),
        Operator.GREATER_THAN: column > value,
        Operator.LESS_THAN: column < value,
        Operator.GREATER_THAN_OR_EQUAL_TO: column >= value,
        Operator.LESS_THAN_OR_EQUAL_TO: column <= value,
    }
    return found[operator]


def moment(column: ColumnElement[Any]) -> Maker:
    """A column that holds a moment."""
    return lambda item, _: compare(column, item.operator, read_moment(item.value))


def number(column: ColumnElement[Any]) -> Maker:
    """A column that holds a whole number."""

    def make(item: Filter, _asked: Asked) -> Condition:
        numbers = [int(part) for part in item.items()]
        if item.operator is Operator.IN:
            return column.in_(numbers)
        if item.operator is Operator.NOT_IN:
            return column.not_in(numbers)
        return compare(column, item.operator, numbers[0] if numbers else None)

    return make


def time_range(column: ColumnElement[Any]) -> Maker:
    """A duration back from now."""
    return lambda item, asked: column >= asked.now - parse_duration(item.value)


def negated(item: Filter, found: Condition) -> Condition:
    """The condition, or its opposite for NOT_EQUALS and NOT_IN."""
    return not_(found) if item.operator in (Operator.NOT_EQUALS, Operator.NOT_IN) else found


def truth(found: Condition) -> Maker:
    """A yes or no of the row."""

    def make(item: Filter, _asked: Asked) -> Condition:
        wanted = item.value.strip().lower() == "true"
        return negated(item, found if wanted else not_(found))

    return make


def scope(column: ColumnElement[Any]) -> Maker:
    """USER: outside of the system namespace; SYSTEM: in it."""

    def make(item: Filter, asked: Asked) -> Condition:
        wanted = set(item.items())
        if wanted == {"USER", "SYSTEM"} or not wanted:
            return negated(item, true())
        is_system = below(column, asked.system_namespace)
        return negated(item, is_system if wanted == {"SYSTEM"} else not_(is_system))

    return make


def holds(column: ColumnElement[Any], value: str) -> Condition:
    """The column holds a text, whatever the case of its letters.

    SQLite knows the case of A to Z only: another letter is looked for in both.
    """
    spelled = [value] if value.isascii() else [value.lower(), value.upper()]
    return or_(*(column.icontains(text, autoescape=True) for text in spelled))


def search(*columns: ColumnElement[Any]) -> Maker:
    """A text in one of the columns, whatever the case of its letters."""

    def make(item: Filter, _asked: Asked) -> Condition:
        parts = [holds(column, item.value) for column in columns]
        return negated(item, or_(*parts))

    return make


def _execution_text(item: Filter, _asked: Asked) -> Condition:
    """A text in the id, the flow's id or namespace, or a label's value, whatever its case.

    What many executions share is looked through once, not with each of them.
    """
    value, labels = item.value, execution_labels.c
    parts = [
        *_of_flow_text(executions, value),
        in_list(E.id, select(labels.execution_id).where(holds(labels.value, value))),
    ]
    if value.isascii() and value.isalnum():  # as every id
        parts.insert(0, E.id.contains(value.lower()))
    return negated(item, or_(*parts))


def _log_text(item: Filter, _asked: Asked) -> Condition:
    """A text in the message, the flow's id or namespace, whatever its case."""
    in_message = holds(logs.c.message, item.value)
    return negated(item, or_(in_message, *_of_flow_text(logs, item.value)))


def _of_flow_text(table: FromClause, value: str) -> list[Condition]:
    """The text is in the id or the namespace of a row's flow.

    `flows` has a row for every flow that ever ran, and is short.
    """
    return [
        in_list(table.c[column], select(known).where(holds(known, value)).distinct())
        for column, known in (("flow_id", flows.c.id), ("namespace", flows.c.namespace))
    ]


def _flow_text(column: ColumnElement[Any], known: ColumnElement[Any]) -> Maker:
    """As `text`; where each row would have to be looked at, its flows are instead."""
    plain, of_flows = text(column), text(known)

    def make(item: Filter, asked: Asked) -> Condition:
        if item.operator not in (Operator.CONTAINS, Operator.ENDS_WITH, Operator.REGEX):
            return plain(item, asked)
        return in_list(column, select(known).where(of_flows(item, asked)).distinct())

    return make


def label_pairs(item: Filter) -> list[tuple[str, str]]:
    """What a filter of labels names: by its key, or as a list of `key:value`."""
    if item.key is not None:
        values = item.items() if item.operator in (Operator.IN, Operator.NOT_IN) else [item.value]
        return [(item.key, value) for value in values]
    pairs = [part.partition(":") for part in item.items()]
    return [(key, value) for key, _, value in pairs]


def _labels(item: Filter, _asked: Asked) -> Condition:
    labels, pairs = execution_labels.c, label_pairs(item)
    if item.operator is Operator.CONTAINS:
        fits = [labels.value.contains(value, autoescape=True) for _, value in pairs]
    else:
        fits = [labels.value == value for _, value in pairs]
    each = [
        in_list(E.id, select(labels.execution_id).where(labels.key == key, fit))
        for (key, _), fit in zip(pairs, fits, strict=True)
    ]
    if item.operator in (Operator.IN, Operator.NOT_IN):
        return negated(item, or_(false(), *each))
    return negated(item, and_(true(), *each))


def _flow_labels(item: Filter, _asked: Asked) -> Condition:
    """Labels of flows are one small JSON map in the row."""
    each = [_flow_label(key, value, item.operator) for key, value in label_pairs(item)]
    if item.operator in (Operator.IN, Operator.NOT_IN):
        return negated(item, or_(false(), *each))
    return negated(item, and_(true(), *each))


def _flow_label(key: str, value: str, operator: Operator) -> Condition:
    column = flows.c.labels[key].as_string()
    if operator is Operator.CONTAINS:
        return func.coalesce(column, "").contains(value, autoescape=True)
    return func.coalesce(column, "\x01") == value


def _child(item: Filter, _asked: Asked) -> Condition:
    is_child = E.caller_id.is_not(None)
    return negated(item, is_child if item.value == "CHILD" else not_(is_child))


def _level(item: Filter, _asked: Asked) -> Condition:
    wanted = level_number(item.value)
    if item.operator is Operator.NOT_EQUALS:
        return logs.c.level != wanted
    return logs.c.level >= wanted


def _trigger_state(item: Filter, _asked: Asked) -> Condition:
    is_off = triggers.c.disabled.is_(True)
    return negated(item, is_off if item.value.upper() == "DISABLED" else not_(is_off))


EXECUTIONS: Mapping[str, Maker] = {
    "q": _execution_text,
    "scope": scope(E.namespace),
    "namespace": _flow_text(E.namespace, flows.c.namespace),
    "flowId": _flow_text(E.flow_id, flows.c.id),
    "startDate": moment(E.created_at),
    "endDate": moment(E.created_at),
    "timeRange": time_range(E.created_at),
    "state": text(E.state),
    "labels": _labels,
    "triggerExecutionId": text(E.caller_id),
    "childFilter": _child,
    "kind": text(E.kind),
    "flowRevision": number(E.revision),
    "parentId": text(E.parent_id),
    "triggerId": text(TRIGGER),
    "id": text(E.id),
    "commit": text(E.commit),
}
LOGS: Mapping[str, Maker] = {
    "q": _log_text,
    "scope": scope(logs.c.namespace),
    "namespace": text(logs.c.namespace),
    "flowId": text(logs.c.flow_id),
    "startDate": moment(logs.c.at),
    "endDate": moment(logs.c.at),
    "timeRange": time_range(logs.c.at),
    "triggerId": text(logs.c.trigger_id),
    "executionId": text(logs.c.execution_id),
    "taskId": text(logs.c.task_id),
    "taskRunId": text(logs.c.task_run_id),
    "attemptNumber": number(logs.c.attempt),
    "level": _level,
}
FLOWS: Mapping[str, Maker] = {
    "q": search(flows.c.search_text),
    "scope": scope(flows.c.namespace),
    "namespace": text(flows.c.namespace),
    "flowId": text(flows.c.id),
    "labels": _flow_labels,
}
TRIGGERS: Mapping[str, Maker] = {
    "q": search(triggers.c.namespace, triggers.c.flow_id, triggers.c.trigger_id),
    "scope": scope(triggers.c.namespace),
    "namespace": text(triggers.c.namespace),
    "flowId": text(triggers.c.flow_id),
    "triggerId": text(triggers.c.trigger_id),
    "triggerState": _trigger_state,
    "workerId": text(cast(None, SqlText)),
    "locked": truth(triggers.c.execution_id.is_not(None)),
    "backfill": truth(triggers.c.backfill.is_not(None)),
    "startDate": moment(triggers.c.updated_at),
    "endDate": moment(triggers.c.updated_at),
    "lastTriggeredDate": moment(triggers.c.last_triggered_at),
    "nextExecutionDate": moment(triggers.c.next_at),
}
SUITES: Mapping[str, Maker] = {
    "q": search(test_suites.c.namespace, test_suites.c.id, test_suites.c.flow_id),
    "namespace": text(test_suites.c.namespace),
    "flowId": text(test_suites.c.flow_id),
}
KEYS: Mapping[str, Maker] = {
    "q": search(kv.c.namespace, kv.c.key, kv.c.description),
    "namespace": text(kv.c.namespace),
    "key": text(kv.c.key),
    "updated": moment(kv.c.updated_at),
}
