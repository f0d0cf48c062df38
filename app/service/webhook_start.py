"""A flow started by its webhook key."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Forbidden, NotFound, TrunklineError
from app.expression.evaluate import render
from app.expression.values import to_text
from app.model.state import State
from app.service import executions, flows, kept, scope, starting, trigger_birth
from app.service.flow_outputs import world_of
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.starting import FlowDisabled
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

    Raises the same NotFound for an unknown flow, a wrong key and a wrong path behind it,
    FlowDisabled for a disabled flow.
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
    if trigger is None or (trigger.path or "").strip("/") != path.strip("/"):
        raise refused
    if saved.disabled or trigger.disabled:
        raise FlowDisabled
    variables = {"body": _body(body), "headers": headers, "parameters": parameters}
    names = trigger_birth.names_of(saved, variables)
    _check_signature(trigger, body, headers, (names, world))
    if not all_hold(trigger.conditions, trigger_birth.subject(names, world), trigger.when):
        return None
    given, commit = trigger.inputs or {}, (saved.git or {}).get("commit")
    birth = trigger_birth.birth(rt, saved, index, trigger, given, names, world, commit)
    with rt.database.transaction() as tx:
        execution_id, progress = starting.create(tx, rt, index, birth)
    settle(rt, progress)
    return execution_id, trigger


def _check_signature(
    trigger: Webhook,
    body: bytes,
    headers: Mapping[str, Any],
    scope: tuple[dict[str, Any], OpenWorld],
) -> None:
    """Raises Forbidden for a body that is not signed as the trigger asks for."""
    if trigger.signature is None:
        return
    wanted = trigger.signature.header.lower()
    given = next((v for k, v in headers.items() if k.lower() == wanted), None) or [""]
    secret = render(trigger.signature.secret, *scope)
    if not trigger.signature.fits(secret, body, given[0]):
        raise Forbidden(f"the header {trigger.signature.header} does not prove the body")


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
