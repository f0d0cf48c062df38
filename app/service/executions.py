"""Starting executions: inputs checked, rows written, jobs sent after the commit."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import executions, idempotency
from app.database import flows as flow_rows
from app.database.session import Session
from app.engine.index import FlowIndex
from app.errors import Invalid
from app.model.ids import new_id
from app.model.label import CORRELATION_ID, SYSTEM_PREFIX
from app.service import checks, flows, starting
from app.service.access import audit
from app.service.access.audit import Act
from app.service.crypto import Keyring
from app.service.flows import FlowNotFound
from app.service.inputs import Upload
from app.service.runtime import Runtime
from app.service.sealing import unsealed
from app.service.settle import settle
from app.service.starting import Birth, FlowDisabled
from app.service.transitions import ExecutionNotFound


def start(
    rt: Runtime,
    namespace: str,
    flow_id: str,
    given: Mapping[str, Any] | None = None,
    *,
    revision: int | None = None,
    labels: Mapping[str, str] | None = None,
    schedule_date: datetime | None = None,
    trigger: Mapping[str, Any] | None = None,
    kind: str = "NORMAL",
    idempotency_key: str | None = None,
    act: Act | None = None,
) -> str:
    """Creates an execution and gives its id once its rows are committed.

    `act` is the line of the audit log kept with them; the key of a start within 24 hours gives its
    execution, and no line (decision 0142). Raises FlowNotFound, FlowDisabled, Invalid (inputs).
    """
    index, number, snapshot = _startable(rt, namespace, flow_id, revision)
    _check_labels(labels or {})
    execution_id, given = new_id(), given or {}
    key = _key(idempotency_key, given, act)
    accepted = checks.accept(rt, index.flow, given, execution_id)
    birth = Birth(
        namespace=namespace,
        flow_id=flow_id,
        revision=number,
        is_pinned=revision is not None,
        snapshot=snapshot,
        inputs=accepted.inputs,
        error=accepted.error,
        labels=labels or {},
        trigger=trigger,
        execution_id=execution_id,
        schedule_date=schedule_date,
        kind=kind,
    )
    return _create(rt, index, birth, key, act)


def _create(
    rt: Runtime, index: FlowIndex, birth: Birth, key: "_Key | None", act: Act | None
) -> str:
    """The id of the execution that is made, or of the one that the key was used for."""
    with rt.database.transaction() as tx:
        if key is not None and (known := _known(tx, rt, birth, key)):
            return known
        audit.note_in(tx, rt, act)
        execution_id, progress = starting.create(tx, rt, index, birth)
    failpoints.hit("api_after_commit")
    settle(rt, progress)
    return execution_id


def _startable(
    rt: Runtime, namespace: str, flow_id: str, revision: int | None
) -> tuple[FlowIndex, int, int | None]:
    """The flow to start and its revision; with the latest one, the snapshot of its files."""
    if revision is not None:
        saved = flows.get(rt, namespace, flow_id, revision)
        if saved.disabled:
            raise FlowDisabled
        return flows.index(rt, namespace, flow_id, saved.revision), saved.revision, None
    with rt.database.reading() as tx:
        head = flow_rows.standing(tx, namespace, flow_id)
    if head is None:
        raise FlowNotFound(namespace, flow_id)
    if head.disabled:
        raise FlowDisabled
    index = flows.index(rt, namespace, flow_id, head.revision)
    return index, head.revision, head.snapshot


def _check_labels(labels: Mapping[str, str]) -> None:
    for key, value in labels.items():
        if not value:
            raise Invalid(f"the label {key!r} has no value")
        if key.startswith(SYSTEM_PREFIX) and key != CORRELATION_ID:
            raise Invalid(f"System labels can only be set by Kestra itself, offending label: {key}")


@dataclass(frozen=True)
class _Key:
    """An idempotency key: whose it is (decision 0142), and what the files beside it hold."""

    text: str
    actor: str
    contents: Mapping[str, str]


def _key(text: str | None, given: Mapping[str, Any], act: Act | None) -> _Key | None:
    return _Key(text, act.actor if act is not None else "", _contents(given)) if text else None


def _contents(given: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each file that was sent, by its input."""
    found = {}
    for name, value in given.items():
        if isinstance(value, Upload):
            stream: Any = value.stream
            found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            value.stream.seek(0)
    return found


def _known(tx: Session, rt: Runtime, birth: Birth, key: _Key) -> str | None:
    """The execution that the key was used for; else the key is noted for this one."""
    assert birth.execution_id is not None
    scope = f"{birth.namespace}/{birth.flow_id}/{key.actor}"
    digest = _digest(rt, birth, key.contents)
    known = idempotency.find(tx, scope, key.text)
    if known is None:
        if idempotency.add(tx, scope, key.text, digest, birth.execution_id, rt.clock()):
            return None
        known = idempotency.find(tx, scope, key.text)
        assert known is not None  # a row is there for a day
    if known.body_hash != digest:
        raise Invalid("this Idempotency-Key was used with another body")
    return str(known.execution_id)


def _digest(rt: Runtime, birth: Birth, contents: Mapping[str, str]) -> str:
    """Of what the caller sent; the ids in URIs of uploads differ each time and do not count.

    Secrets count by what they are: each encryption of one differs. The key of the installation
    keeps them from being guessed by their digest.
    """
    ring = Keyring.of(rt.settings).at(birth.namespace, birth.flow_id)
    revision = birth.revision if birth.is_pinned else None
    given = [unsealed(ring, birth.inputs), birth.labels, str(birth.schedule_date)]
    given += [dict(contents), revision, birth.kind]
    text = json.dumps(given, sort_keys=True, default=str).replace(birth.execution_id or "", "")
    key = ring.keys[0] if ring.keys else b""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def get(rt: Runtime, execution_id: str) -> Row[Any]:
    """The execution's row. Raises ExecutionNotFound."""
    with rt.database.reading() as tx:
        row = executions.find(tx, execution_id)
    if row is None:
        raise ExecutionNotFound(execution_id)
    return row


def wait(
    rt: Runtime,
    execution_id: str,
    *,
    seconds: float,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Returns once the execution has ended, or after so many seconds. Raises ExecutionNotFound.

    `sleep` may end early when there is news of the execution.
    """
    ends, pause = time.monotonic() + seconds, 0.005
    while True:
        with rt.database.reading() as tx:
            state = executions.state_of(tx, execution_id)
        if state is None:
            raise ExecutionNotFound(execution_id)
        if state.is_terminated or time.monotonic() > ends:
            return
        sleep(pause)
        pause = min(pause * 1.5, 0.2)


def namespaces_of(rt: Runtime, ids: Sequence[str]) -> list[str]:
    """The namespaces that some executions are in; unknown ids have none."""
    with rt.database.reading() as tx:
        return executions.namespaces_of(tx, ids)
