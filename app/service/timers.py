"""What happens when a timer is due: one handler for each kind, each in its own transaction.

Timers are also the engine's durable notes from one execution to another (`ended`, `kill_child`,
`slot`, `fill`). A handler deletes its timer in the transaction that does its work.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import attempts, due, executions, logs, steps, timers
from app.database.session import Session
from app.model.state import Gate, State
from app.service import (
    admission,
    batches,
    flow_outputs,
    gathering,
    leaving,
    listeners,
    loops,
    pausing,
    poison,
    queueing,
    scope,
    sla,
    starting,
    subflows,
    telling,
    transitions,
    trigger_rows,
)
from app.service.finishing import finish
from app.service.flows import index_of
from app.service.log_lines import error_line
from app.service.progress import Mover, claimable
from app.service.runtime import Runtime
from app.service.steps import End, final_state, retry_later
from app.service.work import Overtaken, Progress
from app.telemetry.metrics import TIMER_LATE

outputs_of = flow_outputs.outputs_of


def work_off(rt: Runtime, timer_id: str) -> list[Progress]:
    """Handles a due timer; what its transactions made due. Nothing when it is gone."""
    with rt.database.reading() as tx:
        timer = timers.find(tx, timer_id)
    if timer is None or timer.due > rt.clock():
        return []
    TIMER_LATE.labels(timer.kind).observe((rt.clock() - timer.due).total_seconds())
    try:
        return _HANDLERS[timer.kind](rt, timer)
    except Overtaken:
        return []


def _within(
    rt: Runtime,
    timer: Row[Any],
    act: Callable[[Mover, Row[Any]], None],
    *,
    alone: bool = False,
    counts: bool = False,
) -> list[Progress]:
    """Runs `act` in a transaction that deletes the timer, in the timer's execution.

    An `act` that counts the executions of the flow holds the flow's row first.
    """
    with rt.database.transaction() as tx:
        if counts:
            admission.lock_flow(tx, timer.execution_id)
        lock = executions.hold if alone else executions.share
        execution = lock(tx, timer.execution_id)
        if not timers.take(tx, timer.id):
            raise Overtaken
        if execution is None:
            return []
        mover = Mover(tx, rt, execution, index_of(rt, execution))
        act(mover, timer)
        return [mover.progress]


def _finish(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    done = finish(rt, timer.execution_id, outputs_of)
    with rt.database.transaction() as tx:
        timers.take(tx, timer.id)
    return [done] if done is not None else []


def _leave(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """An Exit's execution ends, or is looked at again while workers still hold work of it."""
    done = finish(rt, timer.execution_id, outputs_of)
    with rt.database.transaction() as tx:
        execution = executions.find(tx, timer.execution_id)
        if execution is not None and execution.gate == Gate.KILLING:
            timers.move(tx, timer.id, rt.clock() + leaving.LOOK_AGAIN)
        else:
            timers.take(tx, timer.id)
    return [done] if done is not None else []


def _kill(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """The grace of a kill is over: whatever a worker still holds counts as killed.

    A worker that has stopped to renew may be frozen or cut off, and not know of the kill: what it
    runs lives until its launcher's deadline, and nothing may take its place before its lease ends.
    """
    settings = rt.settings
    renewed = timedelta(seconds=settings.lease_s - settings.heartbeat_s - 1)

    def act(mover: Mover, _timer: Row[Any]) -> None:
        if mover.gate is not Gate.KILLING:
            return
        tx, execution = mover.tx, mover.execution
        left = due.lease_left(tx, execution.id, rt.database.lease(timedelta(0))[0])
        place: tuple[str, str, int] = ("finish", execution.id + "kill", execution.epoch)
        if timedelta(0) < left <= renewed:
            place = ("kill", execution.id, execution.epoch)
        else:
            left = timedelta(0)
            steps.kill_rest(tx, execution.id, mover.now)
            mover.progress.finish.append(execution.id)
        timers.add(tx, *place, mover.now + left, execution_id=execution.id)

    return _within(rt, timer, act, alone=True)


def _guarded(tx: Session, timer: Row[Any], state: State) -> Row[Any]:
    row = steps.placed(tx, timer.target)
    if row is None or row.gone or row.attempt != timer.guard or row.state != state:
        raise _Stale
    return row


class _Stale(Exception):
    """The timer's run has moved on: delete the timer, do nothing."""


def _or_stale(act: Callable[[Mover, Row[Any]], None]) -> Callable[[Mover, Row[Any]], None]:
    def guarded(mover: Mover, timer: Row[Any]) -> None:
        if mover.gate in (Gate.KILLING, Gate.ENDED):
            return
        try:
            act(mover, timer)
        except _Stale:
            return

    return guarded


def _retry(mover: Mover, timer: Row[Any]) -> None:
    row = _guarded(mover.tx, timer, State.RETRYING)
    where = {"id": row.id, "state": State.RETRYING}
    claimable(mover, mover.place(row), row.pos, row.attempt, where)


def _renew(mover: Mover, timer: Row[Any]) -> None:
    """A new execution takes over from the one whose task failed, which ends as RETRIED."""
    row = _guarded(mover.tx, timer, State.RETRYING)
    where = {"id": row.id, "state": State.RETRYING}
    steps.write(mover.tx, where, **steps.ending(State.RETRIED, mover.now))
    birth = starting.next_attempt(mover.execution)
    new_id, begun = starting.create(mover.tx, mover.rt, mover.index, birth)
    trigger_rows.hand_on_lock(mover.tx, mover.execution, new_id)
    mover.progress.take_on(begun)
    transitions.kill_in(mover, State.RETRIED)


def _wake(mover: Mover, timer: Row[Any]) -> None:
    """A task that waited ends, as does one that waits longer than its timeout: this may retry."""
    row, data = _guarded(mover.tx, timer, State.RUNNING), timer.data or {}
    step, state = scope.idle_step(mover.execution, mover.index, row), State.SUCCESS
    if message := data.get("message"):
        state, line = State(data["state"]), f"Timeout after {message}"
        logs.add(mover.tx, [error_line(mover.execution, row, mover.now, line)])
        attempts.end(mover.tx, row.id, row.attempt, state, mover.now, "TIMEOUT")
        if retry_later(mover, step, End(state=state)):
            return
    else:
        attempts.end(mover.tx, row.id, row.attempt, state, mover.now)
    state = final_state(step, state)
    where = steps.fenced(row.id, row.attempt, None)
    if not steps.write(mover.tx, where, **steps.ending(state, mover.now, tries=row.tries + 1)):
        raise _Stale
    mover.end_step(mover.place(row), row.pos, state)


_PAUSE_ENDS = {"RESUME": State.SUCCESS, "WARN": State.WARNING, "FAIL": State.FAILED}


def _resume(mover: Mover, timer: Row[Any]) -> None:
    row = _guarded(mover.tx, timer, State.PAUSED)
    behavior = str((timer.data or {}).get("behavior") or "RESUME")
    if behavior == "CANCEL":
        transitions.kill_in(mover, State.CANCELLED)
        return
    transitions.resume_run(mover, row, _PAUSE_ENDS.get(behavior, State.SUCCESS))


def _timeout(mover: Mover, timer: Row[Any]) -> None:
    row = _guarded(mover.tx, timer, State.PAUSED)
    transitions.resume_run(mover, row, State.FAILED)


def _fill(mover: Mover, timer: Row[Any]) -> None:
    scope = steps.run(mover.tx, timer.target)
    if scope is not None and scope.next == timer.guard and scope.state == State.RUNNING:
        mover.fill(timer.target)


def _kill_child(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, timer.target)
        if not timers.take(tx, timer.id):
            raise Overtaken
        if execution is None:
            return []
        mover = Mover(tx, rt, execution, index_of(rt, execution))
        if mover.gate not in (Gate.ENDED, Gate.AFTER, Gate.KILLING):
            transitions.kill_in(mover, State.KILLED)
        elif State.RETRIED in (execution.state, execution.end_state):
            _kill_next_attempt(mover, timer)
        return [mover.progress]


def _kill_next_attempt(mover: Mover, timer: Row[Any]) -> None:
    """A child was replaced as its caller was killed, which knew nothing of the new one."""
    tx, old = mover.tx, mover.execution
    for child in executions.called_by(tx, old.caller_id, old.caller_run):
        is_next = child.original_id == old.original_id and child.gate != Gate.ENDED
        place = ("kill_child", child.id, timer.guard)
        if is_next and child.id != old.id and not timers.exists(tx, *place):
            mover.progress.notes.append(timers.add(tx, *place, mover.now))


def _slot(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    namespace, flow_id, _ = timer.target.split("\n")
    done = queueing.admit(rt, namespace, flow_id)
    with rt.database.transaction() as tx:
        timers.take(tx, timer.id)
    return done


def _state(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """An execution has reached a state that is no end."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.target)
    done: list[Progress] = []
    if execution is not None:
        fresh = f"{execution.id}/{timer.guard}/{timer.data['state']}"
        done = listeners.tell_state(rt, execution, State(timer.data["state"]), fresh)
    with rt.database.transaction() as tx:
        timers.take(tx, timer.id)
    return done


def _unlink(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """A stored file that a newer one has replaced goes."""
    rt.storage.delete(timer.target)
    with rt.database.transaction() as tx:
        timers.take(tx, timer.id)
    return []


def _in_execution(
    act: Callable[[Mover, Row[Any]], None], *, alone: bool = False, counts: bool = False
) -> Callable[[Runtime, Row[Any]], list[Progress]]:
    return lambda rt, timer: _within(rt, timer, _or_stale(act), alone=alone, counts=counts)


_HANDLERS: dict[str, Callable[[Runtime, Row[Any]], list[Progress]]] = {
    "finish": _finish,
    "kill": _kill,
    "leave": _leave,
    "retry": _in_execution(_retry),
    "renew": _in_execution(_renew, alone=True, counts=True),
    "wake": _in_execution(_wake),
    "resume": _in_execution(_resume, alone=True),
    "timeout": _in_execution(_timeout, alone=True),
    "fill": _in_execution(_fill),
    "spawn": batches.spawn,
    "ask": loops.ask,
    "round": loops.go_on,
    "gather": gathering.gather,
    "pause": pausing.after_on_pause,
    "start": admission.start_on_date,
    "kill_child": _kill_child,
    "aside": poison.end_aside,
    "slot": _slot,
    "ended": telling.ended,
    "deleted": telling.deleted,
    "state": _state,
    "unlink": _unlink,
    "sla": sla.handle,
    "restart_child": subflows.restart_child,
}
