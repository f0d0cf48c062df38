"""Who hears of an execution's states: the trigger that it locks, and Flow triggers."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.database import outputs, search, triggers
from app.database.session import Session
from app.engine.index import FlowIndex
from app.errors import DatabaseAway, TrunklineError, Unavailable
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render, render_deep
from app.expression.values import to_text
from app.model.label import CORRELATION_ID, SYSTEM_PREFIX, read_labels
from app.model.state import State
from app.service import checks, flows, kept, log_lines, meeting, scope, starting, trigger_rows
from app.service.crypto import Keyring
from app.service.flow_outputs import world_of
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.sealing import sealed, unsealed
from app.service.starting import Birth
from app.service.work import Progress
from app.trigger.condition import Subject, all_hold
from app.trigger.flow import FlowTrigger, Group

log = logging.getLogger(__name__)


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
    if execution.trigger_id is not None:
        rt.publisher.announce("due", {})
    fresh = f"{execution.id}/{execution.epoch}/{execution.state}"
    return tell_state(rt, execution, State(execution.state), fresh)


def tell_state(rt: Runtime, execution: Row[Any], state: State, fresh: str) -> list[Progress]:
    """Fires the Flow triggers that wait for `state`; each once for the same `fresh`.

    Raises the first error that was no flow's mistake, once all triggers have been told.
    """
    done: list[Progress] = []
    failed: Exception | None = None
    with rt.database.reading() as tx:
        waiting = triggers.list_of_type(tx, triggers.FLOW_TRIGGER)
    for row in waiting:
        if (row.namespace, row.flow_id) == (execution.namespace, execution.flow_id):
            continue
        try:
            done += _fire(rt, row, _Event(execution, state, fresh))
        except DatabaseAway:
            raise
        except Unavailable as error:  # a secret or a file that cannot be had now: told again
            log_lines.warn_trigger(rt, row, f"No execution was started yet: {error}")
            failed = failed or error
        except TrunklineError as error:  # invalid inputs or a failing expression (7.5)
            log_lines.warn_trigger(rt, row, f"No execution was started: {error}")
        except (
            Exception
        ) as error:  # a spoiled row, a bug: the other triggers hear of it all the same
            log.exception(
                "the trigger %s of %s.%s failed", row.trigger_id, row.namespace, row.flow_id
            )
            failed = failed or error
    if failed is not None:
        raise failed
    return done


def _unlock(tx: Session, rt: Runtime, execution: Row[Any]) -> None:
    if execution.trigger_id is None:
        return
    place = triggers.at(execution.namespace, execution.flow_id, execution.trigger_id)
    where = place & (triggers.C.execution_id == execution.id)
    trigger = trigger_rows.find(flows.index_of(rt, execution).flow, execution.trigger_id)
    values: dict[str, Any] = {}
    if trigger is not None and execution.state in trigger.stop_after:
        values = {"disabled": True, "next_at": None}
    triggers.free(tx, where, rt.clock(), **values)
    if execution.is_background:
        triggers.wake_backfills(tx, place)


@dataclass(frozen=True)
class _Event:
    """An execution that reached a state; `key` is the same however often it is told."""

    execution: Row[Any]
    state: State
    key: str
    masks: Masks = field(default_factory=Masks)  #: hear of the secrets that it hands on

    @property
    def at(self) -> datetime:
        """When it happened, by the execution's own clock."""
        found: datetime = self.execution.ended_at or self.execution.created_at
        return found


def _fire(rt: Runtime, row: Row[Any], event: _Event) -> list[Progress]:
    if event.execution.kind == "TEST":
        return []
    saved = flows.get(rt, row.namespace, row.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    trigger = trigger_rows.find(index.flow, row.trigger_id)
    if not isinstance(trigger, FlowTrigger) or trigger.disabled or saved.disabled:
        return []
    if event.state not in trigger.states:
        return []
    names = scope.of_execution(rt, event.execution, flows.index_of(rt, event.execution))
    names["outputs"].on_secret = event.masks.add
    names["trigger"] = variables_of(rt, event.execution, event.state, event.masks)
    subject = _subject(rt, event.execution, names, event.state, (row.namespace, row.flow_id))
    warn = partial(log_lines.warn_trigger, rt, row)
    if not all_hold(trigger.plain_conditions(), subject, trigger.when, warn):
        return []
    groups = [(group, group.met_by(subject)) for group in trigger.groups()]
    if groups and not any(found for _, found in groups):
        return []
    return _fire_fitting(rt, row, event, (saved, index, trigger), (groups, names))


def _fire_fitting(
    rt: Runtime,
    row: Row[Any],
    event: _Event,
    flow: tuple[flows.SavedFlow, FlowIndex, FlowTrigger],
    found: tuple[list[tuple[Group, list[str]]], dict[str, Any]],
) -> list[Progress]:
    """The event counts for the trigger: an execution, or a note of what was met."""
    saved, index, trigger = flow
    groups, names = found
    birth = None if groups else _birth(rt, event, saved, index, trigger, names)
    with rt.database.transaction() as tx:
        starting.lock_limit(tx, index)
        if triggers.hold(tx, row) is None:
            return []
        if not triggers.fire(tx, row, event.key, event.execution.created_at, None):
            return []
        met: Mapping[str, Any] | None = {}
        if groups:
            moment = rt.clock() if event.execution.ended_at is None else event.at
            default = ZoneInfo(rt.settings.timezone)
            met = meeting.meet(tx, row, groups, event.execution, moment, default)
        if met is None:
            return []
        if birth is None:
            given = {**names["trigger"], "outputs": _outputs(rt, event, met, names["trigger"])}
            birth = _birth(rt, event, saved, index, trigger, {**names, "trigger": given})
        _, progress = starting.create(tx, rt, index, birth)
    return [progress]


def _outputs(
    rt: Runtime, event: _Event, met: Mapping[str, Any], last: Mapping[str, Any]
) -> dict[str, Any]:
    """Outputs of all that was met: by name (the last one wins), and by flow where no name is."""
    merged: dict[str, Any] = {}
    by_flow: dict[str, Any] = {}
    for entry in met.values():
        ring = Keyring.of(rt.settings).at(entry["namespace"], entry["flow"])
        given = kept.Shown(rt).map(entry["outputs"]) or {}
        given = unsealed(ring, given, event.masks.add)
        merged |= given
        by_flow[entry["flow"]] = given
    return {**by_flow, **merged, **last["outputs"]}


def _birth(
    rt: Runtime,
    event: _Event,
    saved: flows.SavedFlow,
    index: FlowIndex,
    trigger: FlowTrigger,
    names: Mapping[str, Any],
) -> Birth:
    execution = event.execution
    world = world_of(rt, execution, event.masks)
    given = render_deep(trigger.inputs or {}, names, world)
    accepted = checks.accept(rt, index.flow, given, execution.id, world.masks)
    labels = world.masks.labels(read_labels(render_deep(trigger.labels, names, world)))
    labels[CORRELATION_ID] = execution.labels.get(CORRELATION_ID, execution.id)
    ring = Keyring.of(rt.settings).at(saved.namespace, saved.id)
    variables = sealed(ring, event.masks, names["trigger"])
    return Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=accepted.inputs,
        error=accepted.error,
        labels=labels,
        trigger={"id": trigger.id, "type": trigger.type, "variables": variables},
        commit=(saved.git or {}).get("commit"),
        is_background=execution.is_background,
    )


def variables_of(rt: Runtime, execution: Row[Any], state: State, masks: Masks) -> dict[str, Any]:
    """`trigger` of an execution that another one's state started; `masks` hears of secrets."""
    given = kept.read(rt, execution.outputs)
    with rt.database.reading() as tx:
        runs = search.task_runs_of(tx, execution.id)
    failed = next((run.task_id for run in runs if run.state == State.FAILED), None)
    found = {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "state": state,
        "executionLabels": scope.nested(
            {k: v for k, v in execution.labels.items() if not k.startswith(SYSTEM_PREFIX)}
        ),
        "startDate": to_text(execution.created_at),
        "endDate": to_text(execution.ended_at) if execution.ended_at is not None else None,
        "firstFailedTaskId": failed,
        "lastTaskId": runs[-1].task_id if runs else None,
        "outputs": unsealed(scope.ring_of(rt, execution), given, masks.add),
    }
    return {name: value for name, value in found.items() if value is not None}


def _subject(
    rt: Runtime,
    execution: Row[Any],
    names: dict[str, Any],
    state: State,
    own: tuple[str, str] | None = None,
) -> Subject:
    world = world_of(rt, execution)
    with rt.database.reading() as tx:
        retried = outputs.retried_states(tx, execution.id)
    facts = {
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "state": state,
        "labels": execution.labels,
        "retried": retried,
        "outputs": kept.read(rt, execution.outputs),
        "own": own,
    }
    env = Env(names, world, Budget())
    return Subject(
        facts=facts,
        render=lambda value: render(to_text(value), names, world),
        to_date=lambda text: parse_date(text, None, zone(None, env)),
    )
