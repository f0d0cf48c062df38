"""What must hold in any world (engine rules; reliability, guarantees)."""

from collections import Counter
from typing import Any

from sqlalchemy import bindparam, func, select

from app.database.schema import executions, logs
from app.model.state import State
from app.service import recovery, search
from app.service.executions import get
from app.service.flows import index_of

E = executions.c
_IS_KILLED = (E.gate == "KILLING") & E.histories.contains("RUNNING")
_UNDER_WAY = (
    select(E.flow_id, func.count())
    .where(E.gate.in_(["OPEN", "PAUSED"]) | _IS_KILLED)
    .where(E.flow_id.in_(bindparam("flows", expanding=True)))
    .group_by(E.flow_id)
)
_LINES = select(logs.c.task_run_id, logs.c.message).where(logs.c.execution_id == bindparam("id"))


def check_limits(world: Any) -> None:
    """No flow has more executions under way than its limit, unless a user overruled it.

    One that is killed while it waits in the queue does nothing, and is not under way.
    """
    limited = sorted(world.limits.keys() - world.forced)
    if not limited:
        return
    with world.driver.rt.database.reading() as tx:
        found = tx.execute(_UNDER_WAY, {"flows": limited}).all()
    for name, count in found:
        assert count <= world.limits[name], ("over its limit", name, count)


def check_given(before: Any, after: Any, state: State) -> None:
    """A task run that a user has given an end has it, and is not run again."""
    found = (after.state, after.attempt)
    assert found == (state, before.attempt), (before.task_id, before.state, "was given", found)


def check(world: Any) -> None:
    """Every execution has ended, once, and nothing is left anywhere."""
    rt = world.driver.rt
    for execution_id in world.all_ids():
        row, runs, tries = search.whole(rt, execution_id)
        where = (row.flow_id, execution_id)
        assert row.gate == "ENDED", (*where, "did not end", row.state, row.gate, show(runs))
        assert State(row.state).is_terminated, (*where, row.state)
        left = [run.task_id for run in runs if not State(run.state).is_terminated]
        assert left == [], (*where, "left open", row.state, show(runs))
        open_tries = [t for t in tries if t.state == "RUNNING"]
        assert not open_tries, (*where, "an attempt is left", _named(open_tries, runs))
        places = [(run.sequence, run.pos) for run in runs]
        assert len(places) == len(set(places)), (*where, "a step has two task runs")
        keys = [(t.task_run_id, t.n) for t in tries]
        assert len(keys) == len(set(keys)), (*where, "an attempt is recorded twice")
        if execution_id not in world.changed and row.parent_id is None:
            _check_effects(rt, execution_id, runs)
    assert recovery.work_timers(rt) == 0, "a timer is left"
    assert recovery.count_stranded(rt) == 0


def _check_effects(rt: Any, execution_id: str, runs: Any) -> None:
    """A line that is written with the end of its step is there exactly once."""
    with rt.database.reading() as tx:
        found = tx.execute(_LINES, {"id": execution_id}).all()
    lines = Counter(
        row.task_run_id for row in found if row.message.startswith(row.task_run_id or "-")
    )
    index = {run.id: run for run in runs}
    for run_id, count in lines.items():
        run = index.get(run_id)
        if run is not None and run.inside is None:
            assert count == 1, (execution_id, run.task_id, "logged", count)
    for run in runs:
        if run.id in lines or run.inside is not None or run.state != State.SUCCESS:
            continue
        kind = _type_of(rt, execution_id, run.task_id)
        assert not kind.endswith("log.Log"), (execution_id, run.task_id, "did not log")


def _type_of(rt: Any, execution_id: str, task_id: str) -> str:
    index = index_of(rt, get(rt, execution_id))
    return str(index.tasks[task_id].type)


def show(runs: Any) -> list[tuple[str, str, Any]]:
    return [(run.task_id, run.state, run.phase) for run in runs]


def _named(tries: Any, runs: Any) -> list[Any]:
    index = {run.id: run for run in runs}
    found = [(index.get(one.task_run_id), one.n) for one in tries]
    return [(run and (run.task_id, run.state, run.attempt, run.histories), n) for run, n in found]
