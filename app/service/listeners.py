"""Who hears of an execution's end: the trigger that it locks, and Flow triggers."""

from typing import Any

from sqlalchemy import Row

from app.database import outputs, triggers
from app.database.session import Session
from app.engine.index import FlowIndex
from app.errors import TrunklineError
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render, render_deep
from app.expression.values import to_text
from app.model.label import CORRELATION_ID, read_labels
from app.model.state import State
from app.service import flows, inputs, scope, starting, trigger_rows
from app.service.flow_outputs import world_of
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.work import Progress
from app.trigger.condition import Subject, all_hold
from app.trigger.flow import FlowTrigger


def after_end(rt: Runtime, execution: Row[Any], index: FlowIndex, state: State) -> list[int]:
    """The groups of tasks that run after an end in `state`: those whose conditions hold."""
    chosen = [0] * bool(index.after_groups()[0])
    if not index.flow.listeners:
        return chosen
    names = scope.of_execution(rt, execution, index)
    names["execution"]["state"] = state
    subject = _subject(rt, execution, names, state)
    for number, listener in enumerate(index.flow.listeners, 1):
        if index.after_groups()[number] and all_hold(listener.conditions, subject):
            chosen.append(number)
    return chosen


def tell_end(rt: Runtime, execution: Row[Any]) -> list[Progress]:
    """Frees the trigger that the execution locked and fires the Flow triggers that wait for it."""
    with rt.database.transaction() as tx:
        _unlock(tx, rt, execution)
    fresh = f"{execution.id}/{execution.epoch}/{execution.state}"
    return tell_state(rt, execution, State(execution.state), fresh)


def tell_state(rt: Runtime, execution: Row[Any], state: State, fresh: str) -> list[Progress]:
    """Fires the Flow triggers that wait for `state`; each once for the same `fresh`."""
    done: list[Progress] = []
    with rt.database.reading() as tx:
        waiting = triggers.list_of_type(tx, triggers.FLOW_TRIGGER)
    for row in waiting:
        if (row.namespace, row.flow_id) == (execution.namespace, execution.flow_id):
            continue
        try:
            done += _fire(rt, row, execution, state, fresh)
        except TrunklineError:
            continue  # invalid inputs or a failing expression: no execution (7.5)
    return done


def _unlock(tx: Session, rt: Runtime, execution: Row[Any]) -> None:
    if execution.trigger_id is None:
        return
    where = triggers.at(execution.namespace, execution.flow_id, execution.trigger_id)
    where &= triggers.C.execution_id == execution.id
    values: dict[str, Any] = {"execution_id": None, "updated_at": rt.clock()}
    trigger = trigger_rows.find(flows.index_of(rt, execution).flow, execution.trigger_id)
    if trigger is not None and execution.state in trigger.stop_after:
        values |= {"disabled": True, "next_at": None}
    triggers.write(tx, where, **values)


def _fire(
    rt: Runtime, row: Row[Any], execution: Row[Any], state: State, fresh: str
) -> list[Progress]:
    saved = flows.get(rt, row.namespace, row.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    trigger = trigger_rows.find(index.flow, row.trigger_id)
    if not isinstance(trigger, FlowTrigger) or trigger.disabled or saved.disabled:
        return []
    if state not in trigger.states:
        return []
    names = scope.of_execution(rt, execution, flows.index_of(rt, execution))
    names["trigger"] = variables = _variables(execution, state)
    subject = _subject(rt, execution, names, state)
    if trigger.preconditions is not None or not all_hold(trigger.conditions, subject):
        return []
    if trigger.when is not None and subject.render(trigger.when).strip() in ("", "false"):
        return []
    given = render_deep(trigger.inputs or {}, names, world_of(rt, execution))
    labels = read_labels(render_deep(trigger.labels, names, world_of(rt, execution)))
    labels[CORRELATION_ID] = execution.labels.get(CORRELATION_ID, execution.id)
    birth = Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=inputs.accept(rt, index.flow.inputs, given, index.flow, execution.id),
        labels=labels,
        trigger={"id": trigger.id, "type": trigger.type, "variables": variables},
    )
    with rt.database.transaction() as tx:
        if not triggers.fire(tx, row, fresh, execution.created_at, None):
            return []
        _, progress = starting.create(tx, rt, index, birth)
    return [progress]


def _variables(execution: Row[Any], state: State) -> dict[str, Any]:
    return {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "state": state,
        "outputs": execution.outputs or {},
    }


def _subject(rt: Runtime, execution: Row[Any], names: dict[str, Any], state: State) -> Subject:
    world = world_of(rt, execution)
    with rt.database.reading() as tx:
        retried = outputs.retried_states(tx, execution.id)
    facts = {
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "state": state,
        "labels": execution.labels,
        "retried": retried,
    }
    env = Env(names, world, Budget())
    return Subject(
        facts=facts,
        render=lambda value: render(to_text(value), names, world),
        to_date=lambda text: parse_date(text, None, zone(None, env)),
    )
