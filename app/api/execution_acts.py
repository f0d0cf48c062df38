"""Routes that act on one execution; every act answers on its 2.0 path and on its older one."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.auditing import add_detail
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.executions import form_inputs, shown, start
from app.api.permissions import require
from app.api.web import answer, check_text, flag, json_body, json_map, number, runtime
from app.errors import BadRequest, Conflict, Invalid
from app.model.access import Permission
from app.model.ids import is_execution_id
from app.model.label import read_labels
from app.model.state import State
from app.service import executions, operations, reopen, resuming
from app.service.flows import FlowNotFound
from app.service.settle import settling_later
from app.service.transitions import ExecutionNotFound

bp = Blueprint("execution_acts", __name__)
LONGEST_REASON = 500  #: characters


def state_of_query(name: str, default: str | None = None) -> State:
    """A state of the query. Raises BadRequest without one, Invalid for a text that is none."""
    text = request.args.get(name, default)
    if text is None:
        raise BadRequest(f"the parameter `{name}` is missing")
    return _state(text, name)


def _state(text: str, name: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise Invalid(f"`{name}`: {text[:40]!r} is no state") from None


def labels_of(data: Any) -> dict[str, str]:
    """Labels of a body; one without a key or a value is refused. Raises Invalid."""
    try:
        labels = read_labels(data)
    except ValueError as error:
        raise Invalid(f"labels: {error}") from None
    if any(not key or not value for key, value in labels.items()):
        raise Invalid("labels: neither `key` nor `value` may be empty")
    return labels


def _note_reason() -> None:
    """Keeps the `reason` of the query in this request's line of the audit log. Raises Invalid."""
    reason = check_text(request.args.get("reason", "").strip())
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"`reason` is longer than {LONGEST_REASON} characters")
    if reason:
        add_detail(reason=reason)


def _change_status(execution_id: str) -> None:
    _note_reason()
    operations.change_status(runtime(), execution_id, state_of_query("status"))


def _change_state(execution_id: str) -> None:
    _note_reason()
    data = json_map("taskRunId", "state")
    reopen.change_state(runtime(), execution_id, data["taskRunId"], _state(data["state"], "state"))


def _set_labels(execution_id: str) -> None:
    data = json_body()
    if not isinstance(data, list):
        raise Invalid("the body must be a list of {key, value}")
    labels = labels_of(data)
    operations.set_labels(runtime(), execution_id, labels, replace=flag("replace"))


def _replay(execution_id: str) -> str:
    return reopen.replay(
        runtime(),
        execution_id,
        task_run_id=request.args.get("taskRunId"),
        revision=number("revision"),
        latest=flag("latestRevision"),
    )


def _replay_with_inputs(execution_id: str) -> str:
    return resuming.replay_with_inputs(
        runtime(),
        execution_id,
        form_inputs(),
        task_run_id=request.args.get("taskRunId"),
        revision=number("revision"),
    )


def _from_breakpoint(execution_id: str) -> None:
    row = executions.get(runtime(), execution_id)
    raise Conflict(f"the execution is {row.state}, it does not stand at a breakpoint")


_ACTS: dict[str, tuple[Callable[[str], Any], str, str | None]] = {
    "pause": (lambda e: operations.pause(runtime(), e), "", None),
    "resume": (
        lambda e: resuming.resume_with_inputs(
            runtime(), e, form_inputs(), current_caller().username
        ),
        "",
        "form",
    ),
    "resume-from-breakpoint": (_from_breakpoint, "breakpoints", None),
    "restart": (lambda e: reopen.restart(runtime(), e, number("revision")), "revision", None),
    "replay": (_replay, "taskRunId revision latestRevision breakpoints", None),
    "replay-with-inputs": (_replay_with_inputs, "taskRunId revision breakpoints", "form"),
    "change-status": (_change_status, "status* reason", None),
    "state": (_change_state, "reason", "json:StateRequest"),
    "labels": (_set_labels, "replace", "json:Label[]"),
    "force-run": (lambda e: operations.force_run(runtime(), e), "", None),
    "unqueue": (
        lambda e: operations.unqueue(runtime(), e, state_of_query("state", "RUNNING")),
        "state",
        None,
    ),
}


#: acts whose answer shows RESTARTED, although a worker may take the execution up at once
_REOPENING = frozenset({"restart", "replay", "replay-with-inputs"})


def _route(name: str) -> Callable[[str], ResponseReturnValue]:
    do, query, body = _ACTS[name]

    @takes(query, body=body, gives="Execution", also=(400, 409))
    def act(execution_id: str) -> ResponseReturnValue:
        if not is_execution_id(execution_id):
            return _start_namesake(execution_id, name)
        with settling_later(runtime()) if name in _REOPENING else nullcontext():
            other = do(execution_id)
            return answer(shown(other if isinstance(other, str) else execution_id))

    act.__doc__ = f"Does `{name}` to an execution; answers it as the act left it."
    return act


def _start_namesake(namespace: str, name: str) -> ResponseReturnValue:
    """Starts a flow that is called like an act. Without one, the caller named an execution.

    Raises Forbidden where they may start none: the guard looked for an execution, and found none.
    """
    require(current_caller(), Permission.EXECUTION_RUN, namespace)
    try:
        return start(namespace, name)
    except FlowNotFound:
        if "." in namespace:
            raise
        raise ExecutionNotFound(namespace) from None


for _name in _ACTS:
    # a static last part, so that these come before POST /executions/{namespace}/{flow}
    _made = _route(_name)
    for _infix in ("", "actions/"):
        _path = f"/executions/<execution_id>/{_infix}{_name}"
        bp.add_url_rule(_path, f"act_{_name}", _made, methods=["POST"])


@bp.delete("/executions/<execution_id>/kill")
@bp.delete("/executions/<execution_id>/actions/kill")
@takes("isOnKillCascade", gives="Execution", also=(409,))
def kill(execution_id: str) -> ResponseReturnValue:
    """Asks an execution to stop."""
    operations.kill(runtime(), execution_id, cascade=flag("isOnKillCascade", True))
    return answer(shown(execution_id))
