"""How an execution is born: its rows, its first step, its place among the flow's other ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import executions, flows, logs, namespaces, steps, timers
from app.database.executions import history_line
from app.database.logs import LogLine, level_number
from app.database.session import Session
from app.engine.flowable.base import Opening
from app.engine.index import ROOT, FlowIndex
from app.errors import Conflict
from app.model.flow import ConcurrencyBehavior
from app.model.ids import new_id
from app.model.label import CORRELATION_ID, merge_labels
from app.model.state import Gate, State
from app.service import kept
from app.service.kept import Column
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Progress
from app.storage.paths import execution_folder

LIMIT_EXCEEDED = "the flow's concurrency limit was exceeded"


@dataclass(frozen=True, kw_only=True)
class Birth:
    """What is known of an execution before it exists; inputs are converted already."""

    namespace: str
    flow_id: str
    revision: int
    is_pinned: bool = False  #: the revision was chosen, and need not be the flow's newest
    inputs: Column = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    trigger: Mapping[str, Any] | None = None  #: {id, type, variables, kept}
    locks_trigger: str | None = None  #: the trigger that waits for this execution's end
    execution_id: str | None = None
    parent_id: str | None = None
    original_id: str | None = None
    caller: tuple[str, str, int] | None = None  #: execution, task run, attempt of a Subflow
    schedule_date: datetime | None = None
    started_for: datetime | None = None  #: a schedule date that has come: shown, not waited for
    error: str | None = None  #: why it is FAILED from its start
    commit: str | None = None  #: the one that its flow's revision comes from when absent
    snapshot: int | None = None  #: of the namespace's files; the present one when absent
    kind: str = "NORMAL"
    is_background: bool = False  #: nobody waits for it: its messages let those of others pass
    fixtures: Mapping[str, Any] | None = None  #: of a test: what stands in for its tasks
    variables: Column = field(default_factory=dict)
    attempt_number: int = 1
    original_created_at: datetime | None = None


class FlowDisabled(Conflict):
    """A disabled flow cannot be started by any means."""

    def __init__(self) -> None:
        super().__init__("Cannot execute a flow which is disabled")


def create(tx: Session, rt: Runtime, index: FlowIndex, birth: Birth) -> tuple[str, Progress]:
    """Inserts an execution and its first step in the caller's transaction.

    Publish the progress after the commit. With a concurrency limit the flow's row is locked first.
    """
    now = rt.clock()
    execution_id = birth.execution_id or new_id()
    verdict = _admit(tx, index, birth, now)
    values = _values(tx, rt, index, birth, execution_id)
    values["gate"], values["state"] = verdict
    values["histories"] = history_line(State.CREATED, now)
    if verdict[1] is not State.CREATED:
        values["histories"] += history_line(verdict[1], now)
    if verdict[0] is Gate.ENDED:
        values["ended_at"], values["duration_us"] = now, 0
        values["error"] = birth.error or LIMIT_EXCEEDED
    row = executions.add(tx, values)
    root = _root(values, now)
    has_steps = verdict[0] is Gate.OPEN and bool(index.steps(ROOT, "main", 0, {}))
    if has_steps:
        root |= {"phase": "main", "total": 1, "next": 1, "open": 1, "worst": 0}
    steps.add_run(tx, root)
    if birth.schedule_date is not None and verdict[0] is Gate.WAITING:
        timers.add(tx, "start", execution_id, 1, birth.schedule_date, execution_id=execution_id)
    progress = Progress()
    if has_steps:
        mover = Mover(tx, rt, row, index)
        mover.begin_root()
        progress = mover.progress
    elif verdict[0] is Gate.OPEN:
        progress = begin(tx, rt, index, execution_id)
    if verdict[0] is Gate.ENDED:
        progress.notes.append(timers.add(tx, "ended", execution_id, 1, now))
        logs.add(tx, [error_line(row, now, values["error"])])
    elif verdict[0] is not Gate.WAITING:  # it is watched from its date on
        progress.notes.extend(watch(tx, index, execution_id, now))
    progress.born = 1
    return execution_id, progress


def watch(tx: Session, index: FlowIndex, execution_id: str, now: datetime) -> list[str]:
    """The timers of the flow's SLAs, counted from now; gives those that are due at once."""
    for number, promise in enumerate(index.flow.sla):
        if promise.duration is not None:
            due = now + promise.duration
            timers.add(tx, "sla", execution_id, number, due, execution_id=execution_id)
    if not index.has_assertions:
        return []
    return [timers.add(tx, "sla", execution_id, -1, now, execution_id=execution_id)]


def error_line(execution: Row[Any], now: datetime, message: str) -> LogLine:
    """The line of an execution's log that says why it ended at its start."""
    return LogLine(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_id=None,
        task_run_id=None,
        attempt=None,
        seq=None,
        at=now,
        level=level_number("ERROR"),
        message=message,
    )


def begin(tx: Session, rt: Runtime, index: FlowIndex, execution_id: str) -> Progress:
    """Opens the root of an execution whose gate is open: its first step becomes claimable."""
    execution = executions.find(tx, execution_id)
    assert execution is not None
    mover = Mover(tx, rt, execution, index)
    has_steps = bool(index.steps(ROOT, "main", 0, {}))
    mover.open_scope(execution.root, ROOT, Opening(total=1 if has_steps else 0))
    return mover.progress


def next_attempt(execution: Row[Any]) -> Birth:
    """The execution that takes over from one that failed, as a retry of it: for its caller too."""
    caller = (execution.caller_id, execution.caller_run, execution.caller_attempt)
    labels = {k: v for k, v in execution.labels.items() if k != CORRELATION_ID}
    return Birth(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        is_pinned=True,
        inputs=execution.inputs,
        labels=labels,
        trigger=execution.trigger,
        locks_trigger=execution.trigger_id,
        original_id=execution.original_id,
        caller=caller if execution.caller_run is not None else None,
        commit=execution.commit,
        snapshot=execution.snapshot,
        kind=execution.kind,
        is_background=execution.is_background,
        variables=execution.variables,
        attempt_number=execution.attempt_number + 1,
        original_created_at=execution.original_created_at or execution.created_at,
    )


def lock_limit(tx: Session, index: FlowIndex) -> None:
    """Takes the row of a flow whose limit will be asked, before any row of its triggers is taken.

    Who saves the flow takes them in this order.
    """
    if index.flow.concurrency is not None:
        flows.lock(tx, index.flow.namespace, index.flow.id)


def may_meet_limit(index: FlowIndex, birth: Birth) -> bool:
    """Whether the flow's row is to be locked and asked: before an execution's row is, if any."""
    return index.flow.concurrency is not None or birth.is_pinned


def _admit(tx: Session, index: FlowIndex, birth: Birth, now: datetime) -> tuple[Gate, State]:
    """The gate and the state that a new execution begins with.

    The limit of the flow's newest revision counts, whatever revision it runs.
    """
    if birth.error is not None:
        return Gate.ENDED, State.FAILED
    if birth.schedule_date is not None and birth.schedule_date > now:
        return Gate.WAITING, State.CREATED
    if not may_meet_limit(index, birth):
        return Gate.OPEN, State.CREATED
    head = flows.lock(tx, birth.namespace, birth.flow_id)
    limit = head.concurrency if head is not None else None
    if not limit or flows.count_live(tx, birth.namespace, birth.flow_id) < limit["limit"]:
        return Gate.OPEN, State.CREATED
    if birth.attempt_number > 1:  # the execution that it takes over from still holds its slot
        return Gate.QUEUED, State.QUEUED
    return {
        ConcurrencyBehavior.QUEUE: (Gate.QUEUED, State.QUEUED),
        ConcurrencyBehavior.CANCEL: (Gate.ENDED, State.CANCELLED),
        ConcurrencyBehavior.FAIL: (Gate.ENDED, State.FAILED),
    }[ConcurrencyBehavior(limit["behavior"])]


def _values(
    tx: Session, rt: Runtime, index: FlowIndex, birth: Birth, execution_id: str
) -> dict[str, Any]:
    now = rt.clock()
    labels = merge_labels(index.flow.labels or {}, birth.labels)
    labels.setdefault(CORRELATION_ID, execution_id)
    caller = birth.caller or (None, None, None)
    folder = execution_folder(birth.namespace, birth.flow_id, execution_id)
    return {
        "id": execution_id,
        "namespace": birth.namespace,
        "flow_id": birth.flow_id,
        "revision": birth.revision,
        "epoch": 1,
        "root": new_id(),
        "inputs": kept.keep(rt, folder, birth.inputs),
        "labels": labels,
        "variables": kept.keep(rt, folder, birth.variables),
        "trigger": kept.keep_trigger(rt, folder, birth.trigger),
        "trigger_id": birth.locks_trigger,
        "parent_id": birth.parent_id,
        "original_id": birth.original_id or execution_id,
        "caller_id": caller[0],
        "caller_run": caller[1],
        "caller_attempt": caller[2],
        "schedule_date": birth.schedule_date or birth.started_for,
        "commit": birth.commit or index.commit,
        "snapshot": (
            namespaces.snapshot(tx, birth.namespace) if birth.snapshot is None else birth.snapshot
        ),
        "kind": birth.kind,
        "is_background": birth.is_background,
        "fixtures": dict(birth.fixtures) if birth.fixtures else None,
        "attempt_number": birth.attempt_number,
        "original_created_at": birth.original_created_at or now,
        "created_at": now,
    }


def _root(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": values["root"],
        "execution_id": values["id"],
        "sequence": None,
        "pos": 0,
        "task_id": ROOT,
        "path": [],
        "state": State.RUNNING,
        "attempt": 0,
        "tries": 0,
        "lost": 0,
        "queue": "engine",
        "created_at": now,
        "histories": "",
    }
