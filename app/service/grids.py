"""The run grid of a flow: its last executions side by side, the state of each task in each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import grids
from app.model.state import State
from app.service import flows
from app.service.runtime import Runtime

MOST_RUNS = 100
#: of several runs of one task in one execution the first of these that occurs is shown
_LOUDEST = (
    State.FAILED, State.KILLED, State.KILLING, State.WARNING, State.RUNNING, State.RETRYING,
    State.PAUSED, State.QUEUED, State.CREATED,
)  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Columns are executions, newest first; rows are tasks in the order of the flow."""

    tasks: list[tuple[str, str]]  #: (id, type)
    runs: list[Row[Any]]
    cells: dict[tuple[str, str], tuple[str, int]]  #: (task, execution) -> (state, how many runs)


def of_flow(
    rt: Runtime, namespace: str, flow_id: str, *, runs: int, before: datetime | None
) -> Grid:
    """The grid of a flow's last executions. Raises FlowNotFound."""
    saved = flows.get(rt, namespace, flow_id)
    index = flows.index(rt, namespace, flow_id, saved.revision)
    with rt.database.reading() as tx:
        rows = grids.last_executions(tx, namespace, flow_id, min(runs, MOST_RUNS), before)
        counted = grids.states(tx, [row.id for row in rows])
    found: dict[tuple[str, str], dict[str, int]] = {}
    for execution_id, task_id, state, count in counted:
        found.setdefault((task_id, execution_id), {})[state] = count
    cells = {key: (_loudest(states), sum(states.values())) for key, states in found.items()}
    known = {task.id: task.type_name for task in index.flow.all_tasks()}
    gone = {task_id: "" for task_id, _ in cells if task_id not in known}
    return Grid(list((known | gone).items()), list(rows), cells)


def _loudest(states: dict[str, int]) -> str:
    return next((state.value for state in _LOUDEST if state.value in states), next(iter(states)))
