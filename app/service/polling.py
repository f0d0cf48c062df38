"""Polling triggers: beat hands each that is due to a worker, whose answer is recorded once.

An evaluation is named by its moment (`evaluated_at`), the fence of its record: a message that is
doubled or late records nothing. One whose worker died is handed out again after `LOST`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import triggers
from app.database.types import to_micros
from app.engine.index import FlowIndex
from app.engine.route import route_of
from app.errors import TrunklineError
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render, render_deep
from app.expression.values import is_truthy, to_text
from app.model.flow import Flow
from app.model.ids import new_id
from app.model.label import read_labels
from app.plugin.polling import PollingTrigger
from app.service import before, checks, flows, log_lines, routing, starting, trigger_rows
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.work import Progress
from app.service.world import OpenWorld
from app.trigger.condition import Asked, Subject

LOST = timedelta(minutes=5)


@dataclass(frozen=True)
class Evaluation:
    """One evaluation that a worker has taken."""

    row: Row[Any]
    saved: flows.SavedFlow
    index: FlowIndex
    trigger: PollingTrigger
    execution_id: str  #: of the execution that it may start; its files lie there


def hand_out(
    rt: Runtime, row: Row[Any], flow: Flow, trigger: PollingTrigger, seen: Any
) -> Progress | None:
    """A trigger that is due goes to a worker; without an answer it is due again later.

    Where the workers that it asks for are not there, its log says so and it is due at its interval.
    """
    now, place = rt.clock(), (row.namespace, row.flow_id, row.trigger_id)
    values = {"evaluated_at": now, "next_at": now + LOST, "updated_at": now}
    with rt.database.transaction() as tx:
        if not triggers.write(tx, seen, **values):
            return None
    queue, route = str(trigger.queue), route_of(trigger, flow)
    try:
        if route is not None:
            queue = routing.queue_now(rt, route.queues(queue), route)
    except routing.NoWorker as error:
        found = take(rt, *place, to_micros(now))
        return refuse(rt, found, str(error)) if found is not None else None
    rt.publisher.ask_trigger(queue, *place, to_micros(now))
    return None


def take(
    rt: Runtime, namespace: str, flow_id: str, trigger_id: str, token: int
) -> Evaluation | None:
    """The evaluation that a message names; None when it is no longer wanted."""
    with rt.database.reading() as tx:
        row = triggers.find(tx, namespace, flow_id, trigger_id)
    if row is None or row.disabled or not _is_open(row, token):
        return None
    saved = flows.get(rt, namespace, flow_id)
    index = flows.index(rt, namespace, flow_id, saved.revision)
    trigger = trigger_rows.find(index.flow, trigger_id)
    if not isinstance(trigger, PollingTrigger) or trigger.disabled or saved.disabled:
        return None
    return Evaluation(row, saved, index, trigger, new_id())


def _is_open(row: Row[Any], token: int) -> bool:
    if row.evaluated_at is None or to_micros(row.evaluated_at) != token:
        return False
    return row.next_at is not None and row.next_at == row.evaluated_at + LOST


def names_of(rt: Runtime, found: Evaluation, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What expressions of the trigger see."""
    trigger = {"id": found.trigger.id, "type": found.trigger.type, **variables}
    return before.scope_of(rt, found.index.flow, trigger=trigger, outputs={})


def holds(rt: Runtime, found: Evaluation) -> bool:
    """Whether the conditions are met, `trigger.date` being now. Raises TrunklineError."""
    trigger = found.trigger
    names = names_of(rt, found, {"date": to_text(found.row.evaluated_at)})
    world = OpenWorld(rt, found.saved.namespace, found.saved.id)
    env = Env(names, world, Budget())
    subject = Subject(
        facts={"own": (found.saved.namespace, found.saved.id)},
        render=lambda value: render(to_text(value), names, world),
        to_date=lambda text: parse_date(text, None, zone(None, env)),
    )
    asked = (c.holds(subject) for c in trigger.conditions or () if isinstance(c, Asked))
    return all(asked) and (trigger.when is None or is_truthy(subject.render(trigger.when)))


def record(
    rt: Runtime,
    found: Evaluation,
    variables: Mapping[str, Any] | None,
    memory: Mapping[str, Any] | None = None,
) -> Progress | None:
    """The evaluation has ended: the next one gets its time; an execution starts, or none.

    `memory` is what the trigger finds again at its next evaluation.
    """
    birth = None
    if variables is not None:
        try:
            birth = _birth(rt, found, variables)
        except (TrunklineError, ValueError) as error:
            return refuse(rt, found, str(error))
    return _record(rt, found, birth, memory=dict(memory) if memory else None)


def refuse(rt: Runtime, found: Evaluation, reason: str) -> Progress | None:
    """The evaluation failed: a warning, and with `failOnTriggerError` a FAILED execution."""
    log_lines.warn_trigger(rt, found.row, f"The trigger was not evaluated: {reason}")
    wanted = found.trigger.fail_on_trigger_error
    return _record(rt, found, Birth(**_common(found, {}), error=reason) if wanted else None)


def give_back(rt: Runtime, found: Evaluation) -> None:
    """This worker stops and does not evaluate it: another one is asked at once."""
    with rt.database.transaction() as tx:
        triggers.write(tx, _open_at(found.row), next_at=rt.clock())
    rt.publisher.announce("due", {})


def _open_at(row: Row[Any]) -> Any:
    """The trigger, if nobody has recorded this evaluation and it has not been handed out again."""
    where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
    where &= triggers.C.evaluated_at == row.evaluated_at
    return where & (triggers.C.next_at == row.evaluated_at + LOST)


def _record(rt: Runtime, found: Evaluation, birth: Birth | None, **more: Any) -> Progress | None:
    row, now = found.row, rt.clock()
    where = _open_at(row)
    values: dict[str, Any] = {"next_at": now + found.trigger.interval, "updated_at": now, **more}
    if birth is not None:
        values |= {"last_at": row.evaluated_at, "last_triggered_at": now}
        if not found.trigger.allow_concurrent and birth.error is None:
            values["execution_id"] = birth.execution_id
    with rt.database.transaction() as tx:
        if birth is not None:
            starting.lock_limit(tx, found.index)
        if not triggers.write(tx, where, **values) or birth is None:
            return None
        _, progress = starting.create(tx, rt, found.index, birth)
    return progress


def _common(found: Evaluation, variables: Mapping[str, Any]) -> dict[str, Any]:
    trigger = found.trigger
    return {
        "namespace": found.saved.namespace,
        "flow_id": found.saved.id,
        "revision": found.saved.revision,
        "execution_id": found.execution_id,
        "commit": (found.saved.git or {}).get("commit"),
        "trigger": {"id": trigger.id, "type": trigger.type, "variables": dict(variables)},
    }


def _birth(rt: Runtime, found: Evaluation, variables: Mapping[str, Any]) -> Birth:
    trigger = found.trigger
    names = names_of(rt, found, variables)
    world = OpenWorld(rt, found.saved.namespace, found.saved.id, found.execution_id)
    given = render_deep(trigger.inputs or {}, names, world)
    accepted = checks.accept(rt, found.index.flow, given, found.execution_id, world.masks)
    return Birth(
        **_common(found, variables),
        inputs=accepted.inputs,
        error=accepted.error,
        labels=world.masks.labels(read_labels(render_deep(trigger.labels, names, world))),
        locks_trigger=trigger.id,
    )
