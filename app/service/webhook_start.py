"""A flow started by its webhook key."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.database import hook_marks
from app.database.batch import Overtaken
from app.engine.index import FlowIndex
from app.errors import NotFound, TrunklineError, Unavailable
from app.expression.evaluate import render
from app.expression.values import to_text
from app.model.state import State
from app.service import (
    before,
    executions,
    flows,
    kept,
    scope,
    starting,
    trigger_birth,
    webhook_proof,
)
from app.service.flow_outputs import world_of
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.starting import Birth, FlowDisabled
from app.service.world import OpenWorld
from app.trigger.condition import all_hold
from app.trigger.webhook import Webhook


def start(
    rt: Runtime,
    namespace: str,
    flow_id: str,
    key: str,
    *,
    path: str = "",
    body: bytes,
    headers: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> tuple[str, Webhook] | None:
    """The execution and its trigger; None when the conditions refuse.

    A signed delivery that comes again is answered with the execution that it started, for seven
    days. Raises the same NotFound for an unknown flow, a wrong key and a wrong path behind it,
    FlowDisabled for a disabled flow, Unavailable when a secret cannot be had now.
    """
    refused = NotFound("no such webhook")
    try:
        saved = flows.get(rt, namespace, flow_id)
    except TrunklineError:
        raise refused from None
    index = flows.index(rt, namespace, flow_id, saved.revision)
    world = OpenWorld(rt, namespace, flow_id)
    trigger = _find(index.flow.triggers, key, world, before.scope_of(rt, index.flow))
    if trigger is None or (trigger.path or "").strip("/") != path.strip("/"):
        raise refused
    if saved.disabled or trigger.disabled:
        raise FlowDisabled
    variables = {"body": _body(body), "headers": headers, "parameters": parameters}
    names = before.scope_of(rt, index.flow, trigger=variables)
    proof = webhook_proof.check(rt, trigger, body, headers, (names, world))
    place = f"{namespace}/{flow_id}/{trigger.id}"
    with rt.database.reading() as tx:
        known = hook_marks.find(tx, place, proof.marks) if proof.marks else None
    if known is not None:
        return known, trigger
    if not all_hold(trigger.conditions, trigger_birth.subject(names, world), trigger.when):
        return None
    given, commit = trigger.inputs or {}, (saved.git or {}).get("commit")
    birth = trigger_birth.birth(rt, saved, index, trigger, given, names, world, commit)
    marks = proof.marks if proof.is_kept else ()
    return _created(rt, index, birth, place, marks), trigger


def _created(rt: Runtime, index: FlowIndex, birth: Birth, place: str, marks: Sequence[str]) -> str:
    """The new execution; the one of the same delivery when that came twice at once."""
    try:
        with rt.database.transaction() as tx:
            execution_id, progress = starting.create(tx, rt, index, birth)
            if not hook_marks.add(tx, place, marks, execution_id, rt.clock()):
                raise Overtaken
    except Overtaken:
        with rt.database.reading() as tx:
            first = hook_marks.find(tx, place, marks)
        assert first is not None
        return first
    settle(rt, progress)
    return execution_id


@dataclass(frozen=True)
class Answer:
    """What a caller that waited hears."""

    code: int
    outputs: Any  #: None: the execution itself is shown
    is_text: bool


def answer_of(rt: Runtime, execution_id: str, trigger: Webhook) -> Answer:
    """The answer after the end: the code that the trigger names, else 500 for a failure."""
    row = executions.get(rt, execution_id)
    names = scope.of_execution(rt, row, flows.index_of(rt, row))
    code = 500 if State(row.state).is_failed else 200
    if trigger.response_code is not None:
        code = int(render(to_text(trigger.response_code), names, world_of(rt, row)))
    outputs = kept.read(rt, row.outputs) if trigger.return_outputs else None
    return Answer(code, outputs, trigger.response_content_type == "text/plain")


def _find(triggers: Any, key: str, world: OpenWorld, names: Mapping[str, Any]) -> Webhook | None:
    found = None
    for trigger in triggers:
        if isinstance(trigger, Webhook):
            try:
                wanted = render(trigger.key, names, world)
            except Unavailable:
                raise  # the key cannot be had now: it may be this one
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
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text
