"""What can be asked of flows: texts in sources, counts, what is deprecated, what a task sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import flows as rows
from app.engine.flowable.base import FlowableTask
from app.errors import Invalid, TrunklineError
from app.model.filter import Filter, Group, Operator
from app.model.flow import Flow
from app.model.task import AbstractTrigger, Task
from app.plugin.task import RunnableTask
from app.service import flows, search
from app.service.flows import FlowNotFound, SavedFlow
from app.service.runtime import Runtime
from app.service.source_replace import Wanted

MOST_LINES = 10  #: shown of one flow


@dataclass(frozen=True)
class Match:
    """A flow whose source holds a text, and the lines (number, text) that do."""

    flow: SavedFlow
    lines: Sequence[tuple[int, str]]
    count: int  #: of lines that do, those beyond the shown ones too
    around: Sequence[tuple[int, str]]  #: the shown lines with their neighbours, in order


def within(namespace: str | None) -> Group:
    """The filter that leaves a namespace and those below it; everything without one."""
    if not namespace:
        return Group()
    return Group((Filter(field="namespace", operator=Operator.PREFIX, value=namespace),))


def in_source(
    rt: Runtime, text: str, where: Group, *, is_regex: bool = False, context: int = 0
) -> list[Match]:
    """The flows whose source holds a text, whatever the case of its letters.

    `context` is how many lines before and after come with each. Raises Invalid for an expression
    that cannot be read or takes too long.
    """
    holds = Wanted(text, "", is_regex=is_regex).search().found_in
    found = []
    for row in search.list_flows(rt, where):
        lines = row.source.splitlines()
        at = [i for i, line in enumerate(lines) if holds(line)]
        if at:
            shown = at[:MOST_LINES]
            near = {n for i in shown for n in range(i - context, i + context + 1)}
            found.append(
                Match(
                    SavedFlow.of(row),
                    [(i + 1, lines[i]) for i in shown],
                    len(at),
                    [(n + 1, lines[n]) for n in sorted(near) if 0 <= n < len(lines)],
                )
            )
    return found


def forget(rt: Runtime, namespace: str, flow_id: str, numbers: Sequence[int]) -> int:
    """Forgets revisions; how many. Raises FlowNotFound, Invalid for the latest."""
    with rt.database.transaction() as tx:
        head = rows.lock(tx, namespace, flow_id)
        if head is None:
            raise flows.FlowNotFound(namespace, flow_id)
        if head.revision in numbers:
            raise Invalid(f"`revisions`: {head.revision} is the latest and stays")
        return rows.drop_revisions(tx, namespace, flow_id, numbers)


def deprecated(rt: Runtime, namespace: str | None) -> list[tuple[SavedFlow, list[str]]]:
    """Flows with the ids of their tasks and triggers whose type is an older name or deprecated."""
    found = []
    for saved, flow in _compiled(rt, namespace):
        parts: list[Task | AbstractTrigger] = [*flow.all_tasks(), *flow.triggers]
        old = [
            part.id
            for part in parts
            if rt.registry.replacement(part.type) or type(part).is_deprecated
        ]
        if old:
            found.append((saved, old))
    return found


def _compiled(rt: Runtime, namespace: str | None) -> list[tuple[SavedFlow, Flow]]:
    found = []
    for row in search.list_flows(rt, within(namespace)):
        saved = SavedFlow.of(row)
        try:
            index = flows.index(rt, saved.namespace, saved.id, saved.revision)
        except TrunklineError:
            continue  # a revision that this version can no longer read
        found.append((saved, index.flow))
    return found


def hashes(rt: Runtime, places: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, int]]:
    """(namespace, id, hash, revision) of those that exist."""
    found = []
    with rt.database.reading() as tx:
        for namespace, flow_id in places:
            row = rows.revision(tx, namespace, flow_id)
            if row is not None and not row.flow_deleted:
                found.append((namespace, flow_id, row.hash, row.revision))
    return found


def history(
    rt: Runtime, namespace: str, flow_id: str, page: int, size: int
) -> tuple[Sequence[Row[Any]], int]:
    """A page of revisions, the latest first, and how many there are. Raises FlowNotFound."""
    with rt.database.reading() as tx:
        found, total = rows.history(tx, namespace, flow_id, limit=size, offset=(page - 1) * size)
    if total == 0:
        raise FlowNotFound(namespace, flow_id)
    return found, total


def running(
    rt: Runtime, namespace: str | None = None, flow_id: str | None = None
) -> list[tuple[SavedFlow, int]]:
    """Flows that declare a limit, with how many executions hold a slot; only those named."""
    found = []
    for row in search.list_flows(rt, exact=namespace):
        if row.document.get("concurrency") and flow_id in (None, row.id):
            found.append((SavedFlow.of(row), count_running(rt, row.namespace, row.id)))
    return found


def count_running(rt: Runtime, namespace: str, flow_id: str) -> int:
    """How many executions of a flow hold a slot."""
    with rt.database.reading() as tx:
        return rows.count_live(tx, namespace, flow_id)


def context_of(rt: Runtime, text: str, task_id: str | None) -> dict[str, Any]:
    """The names that an expression in a task of this flow can use. Raises InvalidFlow.

    `outputs` holds, for each task that comes before it, the outputs that its type declares.
    """
    flow = flows.parse(rt, text).flow
    outputs = {task.id: _outputs_of(task) for task in _before(flow, task_id)}
    return {
        "inputs": [{"id": i.id, "type": i.type} for i in flow.inputs],
        "vars": sorted(flow.variables or {}),
        "labels": sorted(flow.labels or {}),
        "outputs": outputs,
        "trigger": [trigger.id for trigger in flow.triggers],
        "flow": ["id", "namespace", "revision", "tenantId"],
        "execution": ["id", "startDate", "state", "originalId", "outputs"],
        "taskrun": ["id", "value", "iteration", "startDate", "attemptsCount", "parentId"],
        "task": ["id", "type"],
    }


def _before(flow: Flow, task_id: str | None) -> list[Task]:
    """The tasks that are written before one; all of them when it is not there."""
    found: list[Task] = []
    for task in flow.all_tasks():
        if task.id == task_id:
            return found
        found.append(task)
    return found


def _outputs_of(task: Task) -> list[str]:
    output = type(task).output if isinstance(task, RunnableTask) else None
    if output is not None:
        return [field.alias or name for name, field in output.model_fields.items()]
    return ["value"] if isinstance(task, FlowableTask) else []
