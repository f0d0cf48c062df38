"""Routes of executions: start, read, act."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.web import (
    answer,
    flag,
    id_list,
    json_body,
    label_pairs,
    moment,
    page,
    runtime,
    sort,
    wanted_executions,
)
from app.errors import BadRequest, Conflict, Invalid, TrunklineError
from app.model.ids import is_execution_id
from app.model.label import read_labels
from app.model.state import State
from app.service import executions, operations, reopen, search
from app.service.inputs import Upload
from app.service.resuming import resume_with_inputs
from app.service.runtime import Runtime

bp = Blueprint("executions", __name__)
WAIT_S = 600.0


def shown(execution_id: str) -> dict[str, Any]:
    """An execution on the wire."""
    row, runs, tries = search.whole(runtime(), execution_id)
    return wire.execution(row, runs, tries, runtime().clock())


def form_inputs() -> dict[str, Any]:
    """Inputs of a form: texts, and files named by their input (HTTP API 2.6)."""
    given: dict[str, Any] = {}
    for name, values in request.form.lists():
        given[name] = values[0] if len(values) == 1 else json.dumps(values)
    for name, file in request.files.items(multi=True):
        named = file.filename or name
        key = named if name == "files" else name
        given[key] = Upload(named, file.stream)  # type: ignore[arg-type]
    return given


@bp.post("/executions/<namespace>/<flow_id>")
@bp.post("/executions/trigger/<namespace>/<flow_id>")
def start(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Starts a flow; with `wait` the answer comes at the end."""
    args = request.args
    schedule = args.get("scheduleDate")
    execution_id = executions.start(
        runtime(),
        namespace,
        flow_id,
        form_inputs(),
        revision=args.get("revision", type=int),
        labels=label_pairs(args.getlist("labels")),
        schedule_date=moment(schedule, "scheduleDate") if schedule else None,
        idempotency_key=request.headers.get("Idempotency-Key"),
    )
    if flag("wait"):
        wait_for_end(runtime(), execution_id)
    found = shown(execution_id)
    found["url"] = (
        f"{runtime().settings.url}/ui/main/executions/{namespace}/{flow_id}/{execution_id}"
    )
    return answer(found)


def wait_for_end(rt: Runtime, execution_id: str) -> None:
    """Returns once the execution has ended, or after ten minutes."""
    executions.wait(rt, execution_id, seconds=WAIT_S)


@bp.get("/executions/<execution_id>")
def get(execution_id: str) -> ResponseReturnValue:
    """One execution with its task runs."""
    return answer(shown(execution_id))


@bp.get("/executions/search")
def find() -> ResponseReturnValue:
    """A page of light executions."""
    number, size = page()
    wanted = wanted_executions()
    rows, total = search.list_executions(runtime(), wanted, page=number, size=size, sort=sort())
    now = runtime().clock()
    return answer({"results": [wire.light(row, now) for row in rows], "total": total})


@bp.get("/executions")
def of_flow() -> ResponseReturnValue:
    """A page for one flow."""
    for name in ("namespace", "flowId"):
        if not request.args.get(name):
            raise BadRequest(f"the parameter `{name}` is missing")
    number, size = page()
    wanted = search.Wanted(
        exact_namespace=request.args["namespace"], flow_id=request.args["flowId"]
    )
    rows, total = search.list_executions(runtime(), wanted, page=number, size=size)
    now = runtime().clock()
    return answer({"results": [wire.light(row, now) for row in rows], "total": total})


@bp.delete("/executions/<execution_id>")
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


def _state(name: str, default: str | None = None) -> State:
    text = request.args.get(name, default)
    if text is None:
        raise BadRequest(f"the parameter `{name}` is missing")
    try:
        return State(text)
    except ValueError:
        raise Invalid(f"`{name}`: {text[:40]!r} is no state") from None


def _state_request(execution_id: str) -> None:
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("taskRunId"), str):
        raise Invalid("the body must be {taskRunId, state}")
    try:
        state = State(str(data.get("state")))
    except ValueError:
        raise Invalid(f"{data.get('state')!r} is no state") from None
    reopen.change_state(runtime(), execution_id, data["taskRunId"], state)


def _set_labels(execution_id: str) -> None:
    try:
        labels = read_labels(json_body())
    except ValueError as error:
        raise Invalid(str(error)) from None
    operations.set_labels(runtime(), execution_id, labels)


def _revision() -> int | None:
    return request.args.get("revision", type=int)


_ACTS: dict[str, Callable[[str], Any]] = {
    "pause": lambda e: operations.pause(runtime(), e),
    "resume": lambda e: resume_with_inputs(runtime(), e, form_inputs()),
    "restart": lambda e: reopen.restart(runtime(), e, _revision()),
    "replay": lambda e: reopen.replay(
        runtime(), e, task_run_id=request.args.get("taskRunId"), revision=_revision()
    ),
    "change-status": lambda e: operations.change_status(runtime(), e, _state("status")),
    "state": _state_request,
    "labels": _set_labels,
    "force-run": lambda e: operations.force_run(runtime(), e),
    "unqueue": lambda e: operations.unqueue(runtime(), e, _state("state", "RUNNING")),
}


def _act_route(name: str) -> Callable[[str], ResponseReturnValue]:
    def act(execution_id: str) -> ResponseReturnValue:
        if not is_execution_id(execution_id):
            return start(execution_id, name)  # a flow that is called like an act
        other = _ACTS[name](execution_id)
        return answer(shown(other if isinstance(other, str) else execution_id))

    return act


_ACT_ROUTES = {name: _act_route(name) for name in _ACTS}
for _name in _ACTS:
    # a static last part, so that these come before POST /executions/{namespace}/{flow}
    for _infix in ("", "actions/"):
        _path = f"/executions/<execution_id>/{_infix}{_name}"
        bp.add_url_rule(_path, f"act_{_name}", _ACT_ROUTES[_name], methods=["POST"])


@bp.delete("/executions/<execution_id>/kill")
@bp.delete("/executions/<execution_id>/actions/kill")
def kill(execution_id: str) -> ResponseReturnValue:
    """Asks an execution to stop."""
    operations.kill(runtime(), execution_id, cascade=flag("isOnKillCascade", True))
    return answer(shown(execution_id))


# -- many at once


#: the state that an execution must be in for what is asked of many
_FIT = {"resume": "PAUSED", "pause": "RUNNING"}


def _bulk(ids: list[str], do: Callable[[str], Any], name: str) -> ResponseReturnValue:
    """All or nothing: one unknown or unfit id refuses the call."""
    wrong = []
    for execution_id in ids:
        try:
            row = executions.get(runtime(), execution_id)
            if _FIT.get(name) not in (None, row.state):
                raise Conflict(f"the execution is {row.state}, not {_FIT[name]}")
        except TrunklineError as error:
            wrong.append({"message": str(error), "path": "execution", "invalidValue": execution_id})
    if wrong:
        return answer(
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "message": f"invalid bulk {name}",
                "detail": f"{len(wrong)} of {len(ids)} executions are not fit",
                "invalids": wrong,
            },
            400,
        )
    done = 0
    for execution_id in ids:
        do(execution_id)
        done += 1
    return answer({"operationId": ids[0] if ids else "none", "totalItems": done, "count": done})


def _new_status(execution_id: str) -> None:
    operations.change_status(runtime(), execution_id, _state("newStatus"))


def _force_delete(execution_id: str) -> None:
    operations.delete(
        runtime(),
        execution_id,
        is_forced=flag("includeNonTerminated"),
        logs=flag("deleteLogs", True),
        metrics=flag("deleteMetrics", True),
        storage=flag("deleteStorage", True),
    )


_MANY = {
    "pause": _ACTS["pause"],
    "resume": lambda e: resume_with_inputs(runtime(), e, {}),
    "restart": lambda e: reopen.restart(runtime(), e),
    "replay": lambda e: reopen.replay(runtime(), e),
    "force-run": _ACTS["force-run"],
    "unqueue": lambda e: operations.unqueue(runtime(), e, _state("state", "RUNNING")),
    "change-status": _new_status,
}


def _many_route(name: str, by: str) -> Callable[[], ResponseReturnValue]:
    def many() -> ResponseReturnValue:
        if by == "ids":
            return _bulk(id_list(), _MANY[name], name)
        found = search.list_ids(runtime(), wanted_executions(only_brackets=True))
        return _bulk(found, _MANY[name], name)

    return many


for _name in _MANY:
    for _by in ("ids", "query"):
        _path = f"/executions/{_name}/by-{_by}"
        bp.add_url_rule(_path, f"{_name}_{_by}", _many_route(_name, _by), methods=["POST"])


@bp.delete("/executions/kill/by-ids")
def kill_by_ids() -> ResponseReturnValue:
    """Kills several executions."""
    return _bulk(id_list(), lambda e: operations.kill(runtime(), e), "kill")


@bp.delete("/executions/kill/by-query")
def kill_by_query() -> ResponseReturnValue:
    """Kills every execution that fits."""
    ids = search.list_ids(runtime(), wanted_executions(only_brackets=True))
    return _bulk(ids, lambda e: operations.kill(runtime(), e), "kill")


@bp.delete("/executions/by-ids")
def delete_by_ids() -> ResponseReturnValue:
    """Removes several executions."""
    return _bulk(id_list(), _force_delete, "delete")


@bp.delete("/executions/by-query")
def delete_by_query() -> ResponseReturnValue:
    """Removes every execution that fits."""
    ids = search.list_ids(runtime(), wanted_executions(only_brackets=True))
    return _bulk(ids, _force_delete, "delete")


# -- following


def _frame(name: str, data: Any) -> str:
    return f"id: {name}\ndata: {json.dumps(data)}\n\n"


@bp.get("/executions/<execution_id>/follow")
def follow(execution_id: str) -> ResponseReturnValue:
    """Server-sent events: the execution at each change, `end` at last."""
    executions.get(runtime(), execution_id)

    def frames() -> Iterator[str]:
        seen, spoke = "", time.monotonic()
        while True:
            found = shown(execution_id)
            key = json.dumps([found["state"]["histories"], [
                r["state"]["histories"] for r in found.get("taskRunList", [])]])  # fmt: skip
            if State(found["state"]["current"]).is_terminated:
                yield _frame("end", found)
                return
            if key != seen:
                seen, spoke = key, time.monotonic()
                yield _frame("progress", found)
            elif time.monotonic() - spoke > 15:
                spoke = time.monotonic()
                yield ": alive\n\n"
            time.sleep(0.25)

    return Response(stream_with_context(frames()), mimetype="text/event-stream")
