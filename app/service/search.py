"""Searches: a question in the words of the API to rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from app.database import executions as execution_rows
from app.database import filters, search
from app.database import flows as flow_rows
from app.database.filters import Asked
from app.database.logs import level_number
from app.database.schema import logs
from app.errors import BadRequest, Invalid
from app.model.filter import ALL, Group
from app.service import iteration_names, totals
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to find among executions; empty parts do not narrow.

    Runs of a playground or a flow test are found only by a filter of their `kind`.
    """

    where: Group = ALL
    exact_namespace: str | None = None
    flow_id: str | None = None

    def conditions(self, asked: Asked) -> list[Any]:
        """As SQL."""
        found: list[Any] = [filters.condition(filters.EXECUTIONS, self.where, asked)]
        if not any(item.field == "kind" for item in self.where.filters()):
            found.append(search.E.kind == "NORMAL")
        if self.exact_namespace:
            found.append(search.E.namespace == self.exact_namespace)
        if self.flow_id:
            found.append(search.E.flow_id == self.flow_id)
        return found


def asked(rt: Runtime) -> Asked:
    """What filters depend on besides themselves: now, and the system namespace."""
    return Asked(rt.clock(), rt.settings.system_namespace)


def list_executions(
    rt: Runtime,
    wanted: Wanted,
    *,
    page: int,
    size: int,
    sort: Sequence[tuple[str, bool]] = (),
    beside: tuple[str, bool] | None = None,
) -> tuple[Sequence[Row[Any]], int]:
    """A page of executions and their number, which may be some seconds old when it is large.

    `beside` is (execution, whether the older ones are wanted): those next to it instead of a page,
    and the number of those that lie on its side.
    Raises BadRequest for a field that cannot sort and for a sort with `beside`, ExecutionNotFound.
    """
    for name, _ in sort:
        if name not in search.SORTABLE:
            raise BadRequest(f"cannot sort by {name!r}")
    if beside and sort:
        raise BadRequest("`olderThan` and `newerThan` go by the start, they take no `sort`")
    query = search.ExecutionQuery(
        conditions=wanted.conditions(asked(rt)), sort=sort, page=page, size=size
    )
    question = (rt.database.url, wanted)
    total = None if beside else totals.find(question)
    with rt.database.reading() as tx:
        if beside:
            place = search.place_of(tx, beside[0], is_older=beside[1])
            if place is None:
                raise ExecutionNotFound(beside[0])
            rows = search.list_executions(tx, replace(query, beside=place))
            return rows, search.count_executions(tx, [*query.conditions, place.condition()])
        rows = search.list_executions(tx, query)
        if total is None:
            total = _seen(rows, page, size)
        if total is None:
            total = search.count_executions(tx, query.conditions)
            totals.keep(question, total)
    return rows, total


def _seen(rows: Sequence[Row[Any]], page: int, size: int) -> int | None:
    """How many there are, where a page is the last one and says it by itself."""
    is_last = len(rows) < size and (page == 1 or bool(rows))
    return (page - 1) * size + len(rows) if is_last else None


def list_ids(rt: Runtime, wanted: Wanted, limit: int = MOST_AT_ONCE) -> list[str]:
    """Ids of all executions that fit. Raises Invalid when there are more than the limit."""
    with rt.database.reading() as tx:
        found = search.list_ids(tx, wanted.conditions(asked(rt)), limit + 1)
    if len(found) > limit:
        raise Invalid(f"more than {limit} executions fit; narrow the filters")
    return found


def whole(rt: Runtime, execution_id: str) -> tuple[Row[Any], Sequence[Row[Any]], Sequence[Any]]:
    """An execution with its task runs and attempts. Raises ExecutionNotFound."""
    with rt.database.reading() as tx:
        row = execution_rows.find(tx, execution_id)
        if row is None:
            raise ExecutionNotFound(execution_id)
        return row, search.task_runs_of(tx, execution_id), search.attempts_of(tx, execution_id)


def log_conditions(rt: Runtime, given: Mapping[str, Any]) -> list[Any]:
    """Conditions on lines: a filter (`where`), execution, task, level (this or above), text …"""
    columns = {
        "execution_id": logs.c.execution_id,
        "task_id": logs.c.task_id,
        "task_run_id": logs.c.task_run_id,
        "attempt": logs.c.attempt,
        "flow_id": logs.c.flow_id,
        "trigger_id": logs.c.trigger_id,
        "exact_namespace": logs.c.namespace,
    }
    found: list[Any] = [
        column == given[name] for name, column in columns.items() if given.get(name) is not None
    ]
    if given.get("level"):
        found.append(logs.c.level >= level_number(str(given["level"])))
    if given.get("namespace"):
        found.append(filters.below(logs.c.namespace, str(given["namespace"])))
    if given.get("text"):
        found.append(logs.c.message.icontains(str(given["text"]), autoescape=True))
    if given.get("where") is not None:
        found.append(filters.condition(filters.LOGS, given["where"], asked(rt)))
    if given.get("after_n") is not None:
        found.append(logs.c.n > given["after_n"])
    return found


def list_logs(
    rt: Runtime, given: Mapping[str, Any], *, limit: int = 10_000, offset: int = 0,
    newest_first: bool = False,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Lines that fit."""
    with rt.database.reading() as tx:
        return search.list_logs(
            tx, log_conditions(rt, given), limit=limit, offset=offset, newest_first=newest_first
        )


def page_of_logs(
    rt: Runtime, given: Mapping[str, Any], *, page: int, size: int, newest_first: bool
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the lines that fit and their number."""
    offset = (page - 1) * size
    rows = list_logs(rt, given, limit=size, offset=offset, newest_first=newest_first)
    seen = _seen(rows, page, size)
    return rows, count_logs(rt, given) if seen is None else seen


def list_new_logs(
    rt: Runtime, given: Mapping[str, Any], after_n: int, most: int
) -> Sequence[Row[Any]]:
    """Lines that fit and were stored after the one numbered `after_n`, in that order."""
    with rt.database.reading() as tx:
        return search.list_new_logs(tx, log_conditions(rt, {**given, "after_n": after_n}), most)


def values_of(rt: Runtime, lines: Sequence[Row[Any]]) -> dict[str, list[str]]:
    """By task run, the values of the iterations that lines come from, outermost first.

    As people see them: one that shows a secret by its number.
    """
    runs = list(dict.fromkeys(line.task_run_id for line in lines if line.task_run_id))
    if not runs:
        return {}
    with rt.database.reading() as tx:
        found = search.paths_of(tx, runs)
    return {run: [iteration_names.shown(value) for value in path] for run, path in found.items()}


def progress_mark(rt: Runtime, execution_id: str) -> tuple[str, bool, int]:
    """A text that changes with the execution, whether it has ended, how many task runs it has.

    Raises ExecutionNotFound.
    """
    with rt.database.reading() as tx:
        found = search.progress_mark(tx, execution_id)
    if found is None:
        raise ExecutionNotFound(execution_id)
    return found


def count_logs(rt: Runtime, given: Mapping[str, Any]) -> int:
    """How many lines fit."""
    with rt.database.reading() as tx:
        return search.count_logs(tx, log_conditions(rt, given))


def drop_logs(rt: Runtime, given: Mapping[str, Any]) -> int:
    """Removes the lines that fit."""
    with rt.database.transaction() as tx:
        return search.drop_logs(tx, log_conditions(rt, given))


def list_flows(rt: Runtime, where: Group = ALL, *, exact: str | None = None) -> list[Row[Any]]:
    """The latest revisions that fit, by namespace and id."""
    condition = filters.condition(filters.FLOWS, where, asked(rt))
    with rt.database.reading() as tx:
        return list(flow_rows.list_latest(tx, namespace=exact, where=condition))


def page_of_flows(
    rt: Runtime, where: Group, *, page: int, size: int, sort: Sequence[tuple[str, bool]] = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the latest revisions and their number. Raises BadRequest for a wrong sort."""
    for name, _ in sort:
        if name not in flow_rows.SORTABLE:
            raise BadRequest(f"cannot sort by {name[:40]!r}")
    condition = filters.condition(filters.FLOWS, where, asked(rt))
    with rt.database.reading() as tx:
        return flow_rows.page_latest(tx, condition, sort=sort, offset=(page - 1) * size, limit=size)


def list_namespaces(rt: Runtime) -> list[str]:
    """Namespaces that hold flows."""
    with rt.database.reading() as tx:
        return list(flow_rows.list_namespaces(tx))
