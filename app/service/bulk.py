"""Acts on many executions: which of them cannot take the act, and the act on each."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row

from app.database import search
from app.errors import Conflict, NotFound
from app.model.state import Gate, State
from app.service import executions, flows, reopen
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound

_ENDED = (Gate.ENDED, Gate.AFTER)


def _reason(row: Row[Any], act: str, *, forced: bool) -> str | None:
    """Why an execution cannot take an act, None when it can."""
    ended = row.gate in _ENDED
    fits = {
        "pause": row.state == State.RUNNING,
        "resume": row.gate == Gate.PAUSED,
        "restart": ended or row.gate == Gate.PAUSED,
        "force-run": not ended and row.gate != Gate.KILLING,
        "kill": not ended and row.gate != Gate.KILLING,
        "unqueue": row.gate == Gate.QUEUED,
        "change-status": row.gate == Gate.ENDED,
        "labels": row.gate == Gate.ENDED,
        "delete": row.gate == Gate.ENDED or forced,
    }
    return None if fits.get(act, True) else f"the execution is {row.state}, `{act}` does not fit"


def unfit(
    rt: Runtime, ids: Sequence[str], act: str, *, forced: bool = False
) -> list[tuple[str, str]]:
    """Each id that is unknown or whose execution cannot take the act, with the reason."""
    with rt.database.reading() as tx:
        rows = search.states_of(tx, ids)
    found = []
    for execution_id in ids:
        row = rows.get(execution_id)
        if row is None:
            found.append((execution_id, "execution not found"))
        elif (reason := _reason(row, act, forced=forced)) is not None:
            found.append((execution_id, reason))
    return found


def each(ids: Sequence[str], do: Callable[[str], Any]) -> int:
    """Does it to each; how many took it. One that changed since it was looked at is left out."""
    done = 0
    for execution_id in ids:
        try:
            do(execution_id)
        except (Conflict, ExecutionNotFound):
            continue
        done += 1
    return done


def replay(rt: Runtime, execution_id: str, *, latest: bool) -> str:
    """A replay, with the flow's latest revision if asked for."""
    revision = None
    if latest:
        row = executions.get(rt, execution_id)
        try:
            revision = flows.get(rt, row.namespace, row.flow_id).revision
        except NotFound:
            revision = None  # the flow is gone: the revision that ran is what there is
    return reopen.replay(rt, execution_id, revision=revision)
