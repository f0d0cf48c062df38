"""The blocks of a scope beside its main one, for a run in one of them that is given an end."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import attempts, sequences, steps
from app.database.session import Session
from app.engine.flowable.loop import Loop
from app.engine.index import FlowIndex
from app.model.state import Severity, State, severity

AFTER_MAIN = ("errors", "finally", "after")  #: in the order in which they run


def after(block: str) -> tuple[str, ...]:
    """The blocks that run after one; all of AFTER_MAIN for the main one."""
    return AFTER_MAIN[AFTER_MAIN.index(block) + 1 :] if block in AFTER_MAIN else AFTER_MAIN


def counters(
    tx: Session,
    index: FlowIndex,
    scope: Row[Any],
    block: str,
    begun: Sequence[Row[Any]],
    still_open: int,
) -> dict[str, Any]:
    """The columns of a scope that goes on in `block`, of which `begun` are the sequences."""
    total = len((scope.outputs or {})["after"]) if block == "after" else 1
    ended = [row.worst for row in begun if not State(row.state).is_failed]
    values = {"phase": block, "total": total, "next": len(begun), "open": still_open}
    values |= {"worst": max(ended, default=0), "ended_at": None}
    return values | {"result": _result_before(tx, index, scope, block)}


def _result_before(tx: Session, index: FlowIndex, scope: Row[Any], block: str) -> int:
    """How the scope stood when the block began."""
    if block == "errors" or sequences.children(tx, scope.id, ("errors",)):
        return Severity.FAILED
    if block == "after" or scope.phase == block:
        return int(scope.result or 0)
    found = [row.worst for row in sequences.children(tx, scope.id, ("main",))]
    task = index.tasks.get(scope.task_id)
    if isinstance(task, Loop) and not task.transmit_failed:
        found = [min(worst, Severity.SUCCESS) for worst in found]
    if (end := attempts.last_end(tx, scope.id)) is not None:
        found.append(severity(end))  # of a WorkingDirectory's job, or of a Pause
    return int(max(found, default=0))


def end_of_directory(
    tx: Session, index: FlowIndex, directory: Row[Any], state: State
) -> State | None:
    """How a WorkingDirectory ends of which a child was given the end `state`.

    None: what follows the child needs the files of those before it, so all run again.
    """
    if state.is_failed:
        return state
    runs = steps.inside(tx, directory.id)
    is_whole = len(runs) == len(index.steps(directory.task_id, "main", 0, {}))
    ends = [State(run.state) for run in runs]
    if not is_whole or any(not end.is_terminated or end.is_failed for end in ends):
        return None
    return max((severity(end) for end in ends), default=Severity.SUCCESS).state
