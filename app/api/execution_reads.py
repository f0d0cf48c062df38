"""Routes that look into an execution: expressions, files, its flow, its task runs, its outputs."""

from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.describe import takes
from app.api.executions import form_inputs
from app.api.web import (
    answer,
    attachment,
    moment,
    needed,
    number,
    page,
    runtime,
    text_body,
    wire_moment,
    without_none,
)
from app.errors import Invalid, TrunklineError
from app.model.state import State
from app.service import (
    checks,
    evaluation,
    execution_files,
    execution_lists,
    executions,
    flows,
    inputs,
    kept,
    resuming,
    search,
    waits,
)
from app.service.inputs import Resolved

bp = Blueprint("execution_reads", __name__)
BYTES = "application/octet-stream"


@bp.post("/executions/<execution_id>/eval")
@bp.post("/executions/<execution_id>/actions/eval")
@bp.post("/executions/<execution_id>/eval/<task_run_id>")
@bp.post("/executions/<execution_id>/actions/eval/<task_run_id>")
@takes(body="text", gives="EvalResult")
def evaluate(execution_id: str, task_run_id: str | None = None) -> ResponseReturnValue:
    """Renders an expression with the variables of an execution; a wrong one is told, not raised."""
    executions.get(runtime(), execution_id)
    text = text_body()
    try:
        result = evaluation.of_execution(runtime(), execution_id, text, task_run_id)
    except TrunklineError as error:
        return answer({"error": str(error), "stackTrace": ""})
    return answer({"result": result})


def _checked(found: list[Resolved]) -> list[dict[str, Any]]:
    return [
        without_none(
            {
                "input": item.input.model_dump(mode="json", by_alias=True, exclude_none=True),
                "value": item.shown,
                "enabled": item.enabled,
                "isDefault": item.is_default,
                "errors": [{"message": text} for text in item.errors],
            }
        )
        for item in found
    ]


@bp.post("/executions/<namespace>/<flow_id>/validate")
@takes("labels revision", body="form", gives="ValidatedInputs")
def validate(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Checks inputs without starting anything."""
    saved = flows.get(runtime(), namespace, flow_id, number("revision"))
    flow = flows.index(runtime(), namespace, flow_id, saved.revision).flow
    found = inputs.resolve(runtime(), flow.inputs, form_inputs(), flow, "validation")
    values = {item.input.id: item.value for item in found if item.enabled}
    broken = (
        []
        if any(item.errors for item in found)
        else checks.ask(runtime(), flow, values, "validation")
    )
    shown = [
        {"message": one.message, "style": one.check.style, "behavior": one.check.behavior}
        for one in broken
    ]
    wire = {"id": flow_id, "namespace": namespace, "inputs": _checked(found), "checks": shown}
    return answer(wire)


@bp.post("/executions/<execution_id>/resume/validate")
@bp.post("/executions/<execution_id>/actions/resume/validate")
@takes(body="form", gives="ValidatedInputs", also=(409,))
def validate_resume(execution_id: str) -> ResponseReturnValue:
    """Checks the inputs of a resume without resuming."""
    found = resuming.check_resume(runtime(), execution_id, form_inputs())
    row = executions.get(runtime(), execution_id)
    return answer({"id": row.flow_id, "namespace": row.namespace, "inputs": _checked(found)})


def _led_to(owner: str, execution_id: str) -> ResponseReturnValue:
    """The same question of the execution that owns a file: who asks may not see that one."""
    place = request.path.replace(f"/{execution_id}/", f"/{owner}/")
    return redirect(
        f"{request.script_root}{place}?{request.query_string.decode('ascii', 'replace')}"
    )


@bp.get("/executions/<execution_id>/file")
@takes("path* format", gives=BYTES, also=(302, 400))
def file(execution_id: str) -> ResponseReturnValue:
    """The bytes of a stored file of this execution; another execution's URI leads there."""
    uri, owner = execution_files.checked(runtime(), execution_id, needed("path"))
    if owner != execution_id:
        return _led_to(owner, execution_id)
    name = uri.rpartition("/")[2]
    kind = request.args.get("format")
    if kind is not None:
        if kind.upper() != "JSONL":
            raise Invalid("`format` can only be JSONL")
        return attachment(
            execution_files.as_json_lines(runtime(), uri), name + ".jsonl", "application/jsonl"
        )
    return attachment(runtime().storage.open(uri), name, BYTES)


@bp.get("/executions/<execution_id>/file/metas")
@takes("path*", gives="FileMetas", also=(302, 400))
def file_size(execution_id: str) -> ResponseReturnValue:
    """The size of a stored file of this execution, in bytes."""
    uri, owner = execution_files.checked(runtime(), execution_id, needed("path"))
    if owner != execution_id:
        return _led_to(owner, execution_id)
    return answer({"size": runtime().storage.size(uri)})


@bp.get("/executions/<execution_id>/file/preview")
@takes("path* maxRows encoding", gives="FilePreview", also=(302, 400))
def preview(execution_id: str) -> ResponseReturnValue:
    """The first rows of a stored file, by its kind."""
    uri, owner = execution_files.checked(runtime(), execution_id, needed("path"))
    if owner != execution_id:
        return _led_to(owner, execution_id)
    rows = number("maxRows")
    most = min(execution_files.ROWS if rows is None else rows, execution_files.MOST_ROWS)
    encoding = request.args.get("encoding") or "utf-8"
    return answer(execution_files.preview(runtime(), uri, most, encoding))


@bp.get("/executions/<execution_id>/flow")
@takes(gives="Flow")
def flow_of(execution_id: str) -> ResponseReturnValue:
    """The flow as it ran, without its source."""
    row = executions.get(runtime(), execution_id)
    saved = flows.get(runtime(), row.namespace, row.flow_id, row.revision, deleted_too=True)
    return answer(wire.flow(saved, source=False))


@bp.get("/executions/flows/<namespace>/<flow_id>")
@takes("revision", gives="Flow")
def flow_to_run(namespace: str, flow_id: str) -> ResponseReturnValue:
    """A flow that one may run, without its source."""
    saved = flows.get(runtime(), namespace, flow_id, number("revision"))
    return answer(wire.flow(saved, source=False))


@bp.get("/executions/namespaces")
@takes(gives="string[]")
def namespaces() -> ResponseReturnValue:
    """Namespaces that hold flows one may run."""
    return answer(search.list_namespaces(runtime()))


@bp.get("/executions/namespaces/<namespace>/flows")
@takes(gives="Flow[]")
def flows_to_run(namespace: str) -> ResponseReturnValue:
    """The flows of a namespace that one may run."""
    rows = search.list_flows(runtime(), exact=namespace)
    return answer([wire.flow(flows.SavedFlow.of(row), source=False) for row in rows])


@bp.get("/executions/namespaces/<namespace>/flows/<flow_id>/average-duration")
@takes(gives="object")
def average_duration(namespace: str, flow_id: str) -> ResponseReturnValue:
    """How long the last 100 successful executions took, on average."""
    flows.get(runtime(), namespace, flow_id)
    seconds, count = execution_lists.average_duration(runtime(), namespace, flow_id)
    return answer(without_none({"averageDuration": seconds, "count": count}))


@bp.get("/executions/<execution_id>/taskruns")
@takes("page size parent taskId state", gives="Page<TaskRun>")
def task_runs(execution_id: str) -> ResponseReturnValue:
    """A page of task runs: all, those below one, those of one task."""
    at, size = page()
    state = request.args.get("state")
    if state and state not in State.__members__:
        raise Invalid(f"`state`: {state[:40]!r} is no state")
    row = executions.get(runtime(), execution_id)
    runs, total = execution_lists.task_runs(
        runtime(),
        execution_id,
        parent=request.args.get("parent"),
        task_id=request.args.get("taskId"),
        state=state,
        page=at,
        size=size,
    )
    now, shown = runtime().clock(), kept.Shown(runtime())
    results = [wire.task_run(row, run, tries, now, shown) for run, tries in runs]
    return answer({"results": results, "total": total})


@bp.get("/executions/<execution_id>/changes")
@takes("since*", gives="ExecutionChanges", also=(400,))
def changes(execution_id: str) -> ResponseReturnValue:
    """The execution, and those of its task runs that changed since a moment (or may have).

    `since` is the latest moment in what the caller has. Where its task runs are then not as many in
    each state as `counts` says, something else changed: it has to read the whole execution.
    """
    found = execution_lists.changes(runtime(), execution_id, moment(needed("since"), "since"))
    now, shown = runtime().clock(), kept.Shown(runtime())
    told = wire.execution(found.execution, found.runs, found.attempts, now, shown)
    runs = told.pop("taskRunList", [])
    has_begun = found.execution.state != State.CREATED
    counts = dict(found.counts) if has_begun else {}
    return answer({"execution": told, "taskRuns": runs, "counts": counts})


@bp.get("/executions/<execution_id>/waiting")
@takes(gives="Waiting")
def waiting(execution_id: str) -> ResponseReturnValue:
    """What an execution waits for; nothing while something runs and after its end."""
    found = waits.of_execution(runtime(), execution_id)
    if found is None:
        return answer({})
    told = {
        "cause": found.cause,
        "since": wire_moment(found.since),
        "until": wire_moment(found.until),
        "taskId": found.task_id,
        "queue": found.queue,
        "served": found.is_served,
        "queuePaused": found.is_paused,
        "limit": found.limit,
        "running": found.running,
    }
    return answer(without_none(told))


# -- outputs (HTTP API 3.3)


@bp.get("/outputs/executions/<execution_id>")
@takes(gives="object")
def outputs(execution_id: str) -> ResponseReturnValue:
    """The outputs of an execution."""
    return answer(kept.read(runtime(), executions.get(runtime(), execution_id).outputs))


@bp.get("/outputs/tasks/<execution_id>")
@takes(gives="TaskOutputs[]")
def outputs_of_tasks(execution_id: str) -> ResponseReturnValue:
    """The task runs that have outputs."""
    _, runs, _ = search.whole(runtime(), execution_id)
    return answer(
        [
            without_none(
                {
                    "taskId": run.task_id,
                    "taskRunId": run.id,
                    "value": wire.iteration_value(run),
                    "iteration": run.iteration,
                    "inline": run.outputs is not None,
                }
            )
            for run in runs
            if run.outputs is not None or run.outputs_uri is not None
        ]
    )


@bp.get("/outputs/tasks/<execution_id>/<task_run_id>")
@takes(gives="object")
def outputs_of_task(execution_id: str, task_run_id: str) -> ResponseReturnValue:
    """The outputs of one task run."""
    return answer(execution_lists.outputs(runtime(), execution_id, task_run_id))


@bp.get("/outputs/<execution_id>")
@takes(gives="object")
def outputs_as_before(execution_id: str) -> ResponseReturnValue:
    """As `/outputs/executions/{id}`, on the path of a preview of 2.0."""
    return outputs(execution_id)
