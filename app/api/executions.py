"""Routes of executions: start, read, find, delete."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from app.api import filters, wire
from app.api.auditing import act_of
from app.api.auth import current_caller
from app.api.body_filters import wire_name
from app.api.describe import takes
from app.api.permissions import require
from app.api.web import (
    answer,
    attachment,
    check_text,
    csv_rows,
    flag,
    json_maps,
    label_pairs,
    moment,
    needed,
    number,
    page,
    runtime,
    sort,
    wire_moment,
)
from app.errors import BadRequest, Invalid
from app.model.access import Permission
from app.model.duration import format_duration
from app.model.filter import EXECUTIONS
from app.service import (
    downloads,
    execution_lists,
    executions,
    flows,
    histograms,
    operations,
    search,
)
from app.service.following import Follower, Followers
from app.service.inputs import Upload
from app.service.kept import Shown
from app.service.runtime import Runtime
from app.service.search import Wanted

bp = Blueprint("executions", __name__)
WAIT_S = 600.0
LOOK_S = 0.1
KINDS = ("NORMAL", "TEST", "PLAYGROUND")
LONGEST_KEY = 255


def shown(execution_id: str) -> dict[str, Any]:
    """An execution on the wire."""
    row, runs, tries = search.whole(runtime(), execution_id)
    return wire.execution(row, runs, tries, runtime().clock(), Shown(runtime()))


def form_inputs() -> dict[str, Any]:
    """Inputs of a form: texts, and files named by their input (HTTP API 2.6). Raises Invalid."""
    if request.is_json and request.get_data().strip() not in (b"", b"{}", b"null"):
        raise Invalid("inputs come as fields of a form (multipart/form-data), not as JSON")
    given: dict[str, Any] = {}
    for name, values in request.form.lists():
        if name is None:
            raise Invalid("a part of the form has no name")
        for value in values:
            check_text(value)
        given[check_text(name)] = values[0] if len(values) == 1 else json.dumps(values)
    for name, file in request.files.items(multi=True):
        named = file.filename or name or "file"
        key = named if name == "files" else name
        given[key] = Upload(check_text(named), file.stream)  # type: ignore[arg-type]
    return given


def idempotency_key() -> str | None:
    """The header `Idempotency-Key`, as that of the caller: others may have thought of the same.

    Raises Invalid for a longer one than we keep, and for none in it: the second request of a client
    that forgot its value would start nothing.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not key.strip():
        raise Invalid("the header Idempotency-Key is empty")
    if key is not None and len(key) > LONGEST_KEY:
        raise Invalid(f"the header Idempotency-Key is longer than {LONGEST_KEY} characters")
    return None if key is None else f"{current_caller().id} {key}"


@contextmanager
def place_to_wait(owner: str) -> Iterator[Follower]:
    """A place among the requests that wait for an end: each holds a thread, so each owner has a
    few. Raises Busy when there is none left, Unavailable at the end of the process."""
    hub: Followers = current_app.config["FOLLOWERS"]
    follower = hub.open(f"wait:{owner}", ())
    try:
        yield follower
    finally:
        hub.close(follower)


def wait_for_end(rt: Runtime, execution_id: str, follower: Follower) -> None:
    """Returns once the execution has ended, or after ten minutes."""
    hub: Followers = current_app.config["FOLLOWERS"]
    follower.topics = (f"execution:{execution_id}",)
    news = partial(_news, hub, follower)
    executions.wait(rt, execution_id, seconds=WAIT_S, sleep=news)


def _news(hub: Followers, follower: Follower, seconds: float) -> None:
    """Until there is news; looks by itself seldom where the broker announces, else often."""
    hub.wait(follower, seconds if hub.alone else max(seconds, LOOK_S))


@bp.post("/executions/<namespace>/<flow_id>")
@bp.post("/executions/trigger/<namespace>/<flow_id>")
@takes(
    "labels wait revision scheduleDate breakpoints kind",
    body="form",
    gives="Execution",
    also=(409,),
    headers=("Idempotency-Key",),
)
def start(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Starts a flow; with `wait` the answer comes at the end."""
    args = request.args
    kind = args.get("kind") or "NORMAL"
    if kind not in KINDS:
        raise Invalid(f"`kind` must be one of {', '.join(KINDS)}, not {kind[:20]!r}")
    if args.get("breakpoints"):
        raise Invalid("`breakpoints` are not supported: an execution runs to its end")
    if request.is_json:  # a flow that is not there is told before what is wrong with inputs
        flows.get(runtime(), namespace, flow_id)
    if flag("wait"):  # refused before anything is started
        with place_to_wait(current_caller().id) as follower:
            execution_id = _started(namespace, flow_id, kind)
            wait_for_end(runtime(), execution_id, follower)
    else:
        execution_id = _started(namespace, flow_id, kind)
    found = shown(execution_id)
    place = f"executions/{namespace}/{flow_id}/{execution_id}"
    found["url"] = f"{runtime().settings.url}/ui/main/{place}"
    return answer(found)


def _started(namespace: str, flow_id: str, kind: str) -> str:
    args, schedule = request.args, request.args.get("scheduleDate")
    return executions.start(
        runtime(),
        namespace,
        flow_id,
        form_inputs(),
        revision=number("revision"),
        labels=label_pairs(args.getlist("labels")),
        schedule_date=moment(schedule, "scheduleDate") if schedule else None,
        idempotency_key=idempotency_key(),
        kind=kind,
        act=act_of(200),
    )


@bp.get("/executions/<execution_id>")
@takes(gives="Execution")
def get(execution_id: str) -> ResponseReturnValue:
    """One execution with its task runs."""
    return answer(shown(execution_id))


@bp.get("/executions/search")
@takes(
    "page size sort olderThan newerThan",
    filters=EXECUTIONS,
    gives="Page<LightExecution>",
    also=(400, 404),
)
def find() -> ResponseReturnValue:
    """A page of light executions, or those next to one: as far back as there are any."""
    older, newer = request.args.get("olderThan"), request.args.get("newerThan")
    if older and newer:
        raise BadRequest("give `olderThan` or `newerThan`, not both")
    one = older or newer
    for namespace in executions.namespaces_of(runtime(), [one]) if one else ():
        require(current_caller(), Permission.EXECUTION_READ, namespace)
    beside = (one, bool(older)) if one else None
    return answer(_page(Wanted(where=filters.read(EXECUTIONS)), beside))


@bp.get("/executions/histogram")
@takes("bars", filters=EXECUTIONS, gives="Histogram", also=(400,))
def histogram() -> ResponseReturnValue:
    """Counts of executions by state in bars of time; the last day where no range is asked for."""
    wanted = Wanted(where=filters.read(EXECUTIONS))
    return answer(wire.histogram(histograms.of_executions(runtime(), wanted, number("bars") or 60)))


@bp.get("/executions")
@takes("namespace* flowId* page size", gives="Page<LightExecution>", also=(400,))
def of_flow() -> ResponseReturnValue:
    """A page for one flow, the newest first."""
    wanted = Wanted(exact_namespace=needed("namespace"), flow_id=needed("flowId"))
    return answer(_page(wanted))


def _page(wanted: Wanted, beside: tuple[str, bool] | None = None) -> dict[str, Any]:
    at, size = page()
    rows, total = search.list_executions(
        runtime(), wanted, page=at, size=size, sort=sort(), beside=beside
    )
    now, kept = runtime().clock(), Shown(runtime())
    return {"results": [wire.light(row, now, kept) for row in rows], "total": total}


@bp.post("/executions/latest")
@takes(body="json:IdWithNamespace[]", gives="LastExecution[]")
def latest() -> ResponseReturnValue:
    """The last execution of each flow."""
    places = [(item["namespace"], item["id"]) for item in json_maps("namespace", "id")]
    rows = execution_lists.latest(runtime(), places)
    return answer([wire.last_execution(row, runtime().clock()) for row in rows])


@bp.get("/executions/distinct-field-values")
@takes("field* size", filters=EXECUTIONS, gives="string[]", also=(400,))
def field_values() -> ResponseReturnValue:
    """Values for a filter bar."""
    size = page()[1] if "size" in request.args else 100
    wanted = Wanted(where=filters.read(EXECUTIONS))
    name = wire_name(needed("field"))
    if name not in execution_lists.FIELDS:
        raise BadRequest(f"`field` must be one of {', '.join(execution_lists.FIELDS)}")
    return answer(execution_lists.values(runtime(), name, wanted, size))


_CSV = ("id", "namespace", "flowId", "flowRevision", "state", "startDate", "endDate", "duration",
        "labels", "parentId", "triggerId")  # fmt: skip


@bp.get("/executions/export/by-query/csv")
@takes(filters=EXECUTIONS, gives="text/csv", also=(400,))
def export_csv() -> ResponseReturnValue:
    """The executions that fit as CSV, the newest first; made while it is sent."""
    now = runtime().clock()
    parts = downloads.execution_lines(runtime(), Wanted(where=filters.read(EXECUTIONS)))
    texts = (csv_rows([_cells(row, now) for row in rows]) for rows in parts)
    return attachment(chain([csv_rows([_CSV])], texts), "executions.csv", "text/csv")


def _cells(row: Any, now: datetime) -> list[Any]:
    first, last = wire.ends(row.histories, now)
    ended = wire_moment(last) if row.ended_at is not None else None
    labels = ",".join(f"{key}:{value}" for key, value in row.labels.items())
    return [row.id, row.namespace, row.flow_id, row.revision, row.state,
            wire_moment(first), ended, format_duration(last - first), labels,
            row.parent_id, row.trigger_id]  # fmt: skip


@bp.delete("/executions/<execution_id>")
@takes("deleteLogs deleteMetrics deleteStorage", status=204, also=(409,))
def delete(execution_id: str) -> ResponseReturnValue:
    """Removes an ended execution."""
    operations.delete(
        runtime(),
        execution_id,
        logs=flag("deleteLogs", True),
        metrics=flag("deleteMetrics", True),
        storage=flag("deleteStorage", True),
    )
    return Response(status=204)
