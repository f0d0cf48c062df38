"""Searches: a question in the words of the API to rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import executions as execution_rows
from app.database import flows as flow_rows
from app.database import search
from app.database.logs import level_number
from app.database.schema import logs
from app.errors import BadRequest
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to find among executions; empty parts do not narrow."""

    namespace: str | None = None
    exact_namespace: str | None = None
    flow_id: str | None = None
    states: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    trigger_execution_id: str | None = None
    child: str | None = None
    commit: str | None = None

    def conditions(self) -> list[Any]:
        """As SQL."""
        found: list[Any] = [search.has_label(k, v) for k, v in self.labels.items()]
        if self.namespace:
            found.append(search.below(search.E.namespace, self.namespace))
        if self.exact_namespace:
            found.append(search.E.namespace == self.exact_namespace)
        if self.flow_id:
            found.append(search.E.flow_id == self.flow_id)
        if self.states:
            found.append(search.E.state.in_(list(self.states)))
        if self.text:
            found.append(search.matches_text(self.text))
        if self.after:
            found.append(search.E.created_at >= self.after)
        if self.before:
            found.append(search.E.created_at <= self.before)
        if self.trigger_execution_id:
            found.append(search.E.caller_id == self.trigger_execution_id)
        if self.child:
            is_child = search.E.caller_id.is_not(None)
            found.append(is_child if self.child == "CHILD" else ~is_child)
        if self.commit:
            found.append(search.E.commit == self.commit)
        return found


def list_executions(
    rt: Runtime, wanted: Wanted, *, page: int, size: int, sort: Sequence[tuple[str, bool]] = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of executions and their number. Raises BadRequest for a field that cannot sort."""
    for name, _ in sort:
        if name not in search.SORTABLE:
            raise BadRequest(f"cannot sort by {name!r}")
    query = search.ExecutionQuery(conditions=wanted.conditions(), sort=sort, page=page, size=size)
    with rt.database.reading() as tx:
        return search.list_executions(tx, query)


def list_ids(rt: Runtime, wanted: Wanted, limit: int = 10_000) -> list[str]:
    """Ids of all executions that fit."""
    with rt.database.reading() as tx:
        return search.list_ids(tx, wanted.conditions(), limit)


def whole(rt: Runtime, execution_id: str) -> tuple[Row[Any], Sequence[Row[Any]], Sequence[Any]]:
    """An execution with its task runs and attempts. Raises ExecutionNotFound."""
    with rt.database.reading() as tx:
        row = execution_rows.find(tx, execution_id)
        if row is None:
            raise ExecutionNotFound(execution_id)
        return row, search.task_runs_of(tx, execution_id), search.attempts_of(tx, execution_id)


def log_conditions(given: Mapping[str, Any]) -> list[Any]:
    """Conditions on lines: execution, task, taskRun, attempt, level (this or above), text …"""
    columns = {
        "execution_id": logs.c.execution_id,
        "task_id": logs.c.task_id,
        "task_run_id": logs.c.task_run_id,
        "attempt": logs.c.attempt,
        "flow_id": logs.c.flow_id,
        "trigger_id": logs.c.trigger_id,
    }
    found: list[Any] = [
        column == given[name] for name, column in columns.items() if given.get(name) is not None
    ]
    if given.get("level"):
        found.append(logs.c.level >= level_number(str(given["level"])))
    if given.get("namespace"):
        found.append(search.below(logs.c.namespace, str(given["namespace"])))
    if given.get("text"):
        found.append(logs.c.message.icontains(str(given["text"]), autoescape=True))
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
            tx, log_conditions(given), limit=limit, offset=offset, newest_first=newest_first
        )


def count_logs(rt: Runtime, given: Mapping[str, Any]) -> int:
    """How many lines fit."""
    with rt.database.reading() as tx:
        return search.count_logs(tx, log_conditions(given))


def drop_logs(rt: Runtime, given: Mapping[str, Any]) -> int:
    """Removes the lines that fit."""
    with rt.database.transaction() as tx:
        return search.drop_logs(tx, log_conditions(given))


def list_flows(
    rt: Runtime, *, namespace: str | None = None, exact: str | None = None, text: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Row[Any]]:  # fmt: skip
    """The latest revisions that fit, by namespace and id."""
    with rt.database.reading() as tx:
        rows = flow_rows.list_latest(tx, namespace=exact, prefix=namespace)
    return [row for row in rows if _fits(row, text, labels or {})]


def _fits(row: Row[Any], text: str | None, labels: Mapping[str, str]) -> bool:
    if text and text.lower() not in f"{row.id} {row.namespace}".lower():
        return False
    own = row.document.get("labels") or {}
    if isinstance(own, list):
        own = {item["key"]: item["value"] for item in own}
    return all(str(own.get(key)) == value for key, value in labels.items())


def list_namespaces(rt: Runtime) -> list[str]:
    """Namespaces that hold flows."""
    with rt.database.reading() as tx:
        return list(flow_rows.list_namespaces(tx))
