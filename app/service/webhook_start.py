"""A flow started by its webhook key."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from app.engine.index import FlowIndex
from app.errors import NotFound, TrunklineError
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render, render_deep
from app.expression.values import to_text
from app.model.ids import new_id
from app.model.label import read_labels
from app.service import flows, inputs, starting
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.starting import Birth, FlowDisabled
from app.service.world import OpenWorld
from app.trigger.condition import Subject, all_hold
from app.trigger.webhook import Webhook


def start(
    rt: Runtime,
    namespace: str,
    flow_id: str,
    key: str,
    *,
    body: bytes,
    headers: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> tuple[str, Webhook] | None:
    """The execution and its trigger; None when the conditions refuse.

    Raises the same NotFound for an unknown flow and a wrong key, FlowDisabled for a disabled one.
    """
    refused = NotFound("no such webhook")
    try:
        saved = flows.get(rt, namespace, flow_id)
    except TrunklineError:
        raise refused from None
    index = flows.index(rt, namespace, flow_id, saved.revision)
    world = OpenWorld(rt, namespace, flow_id)
    flow_names = {"flow": {"id": flow_id, "namespace": namespace}}
    trigger = _find(index.flow.triggers, key, world, flow_names)
    if trigger is None:
        raise refused
    if saved.disabled or trigger.disabled:
        raise FlowDisabled
    variables = {"body": _body(body), "headers": headers, "parameters": parameters}
    names: dict[str, Any] = {
        "trigger": variables,
        "flow": {"id": flow_id, "namespace": namespace, "revision": saved.revision},
    }
    if not all_hold(trigger.conditions, _subject(names, world)):
        return None
    birth = _birth(rt, saved, index, trigger, names, world)
    with rt.database.transaction() as tx:
        execution_id, progress = starting.create(tx, rt, index, birth)
    settle(rt, progress)
    return execution_id, trigger


def _birth(
    rt: Runtime,
    saved: flows.SavedFlow,
    index: FlowIndex,
    trigger: Webhook,
    names: dict[str, Any],
    world: OpenWorld,
) -> Birth:
    execution_id = new_id()
    given = render_deep(trigger.inputs or {}, names, world)
    return Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=inputs.accept(rt, index.flow.inputs, given, index.flow, execution_id),
        labels=read_labels(render_deep(trigger.labels, names, world)),
        trigger={"id": trigger.id, "type": trigger.type, "variables": names["trigger"]},
        execution_id=execution_id,
        commit=(saved.git or {}).get("commit"),
    )


def _subject(names: dict[str, Any], world: OpenWorld) -> Subject:
    env = Env(names, world, Budget())
    return Subject(
        facts={},
        render=lambda value: render(to_text(value), names, world),
        to_date=lambda text: parse_date(text, None, zone(None, env)),
    )


def _find(triggers: Any, key: str, world: OpenWorld, names: Mapping[str, Any]) -> Webhook | None:
    found = None
    for trigger in triggers:
        if isinstance(trigger, Webhook):
            try:
                wanted = render(trigger.key, names, world)
            except TrunklineError:
                continue
            if hmac.compare_digest(wanted.encode(), key.encode()):
                found = trigger
    return found


def _body(body: bytes) -> Any:
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list) else text
