"""Routes that look into an execution: expressions, files, its flow; and inputs before a start."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.executions import form_inputs
from app.api.web import answer, runtime, text_body, without_none
from app.errors import Invalid, TrunklineError
from app.service import evaluation, executions, flows, inputs
from app.storage.paths import execution_folder, path_of, uri_of

bp = Blueprint("execution_reads", __name__)


@bp.post("/executions/<execution_id>/eval")
@bp.post("/executions/<execution_id>/actions/eval")
@bp.post("/executions/<execution_id>/eval/<task_run_id>")
@bp.post("/executions/<execution_id>/actions/eval/<task_run_id>")
def evaluate(execution_id: str, task_run_id: str | None = None) -> ResponseReturnValue:
    """Renders an expression with the variables of an execution; always 200."""
    executions.get(runtime(), execution_id)
    try:
        result = evaluation.of_execution(runtime(), execution_id, text_body(), task_run_id)
    except TrunklineError as error:
        return answer({"error": str(error), "stackTrace": ""})
    return answer({"result": result})


@bp.post("/executions/<namespace>/<flow_id>/validate")
def validate(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Checks inputs without starting anything."""
    saved = flows.get(runtime(), namespace, flow_id, request.args.get("revision", type=int))
    flow = flows.index(runtime(), namespace, flow_id, saved.revision).flow
    found = inputs.resolve(runtime(), flow.inputs, form_inputs(), flow, "validation")
    listed = [
        without_none(
            {
                "input": item.input.model_dump(mode="json", by_alias=True, exclude_none=True),
                "value": item.value,
                "enabled": item.enabled,
                "isDefault": item.is_default,
                "errors": [{"message": text} for text in item.errors],
            }
        )
        for item in found
    ]
    return answer({"id": flow_id, "namespace": namespace, "inputs": listed})


@bp.get("/executions/<execution_id>/file")
def file(execution_id: str) -> ResponseReturnValue:
    """The bytes of a stored file of this execution."""
    uri = _own_file(execution_id)
    stream = runtime().storage.open(uri)
    name = uri.rpartition("/")[2].replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream, mimetype="application/octet-stream", headers=headers)


@bp.get("/executions/<execution_id>/file/metas")
def file_size(execution_id: str) -> ResponseReturnValue:
    """The size of a stored file of this execution, in bytes."""
    return answer({"size": runtime().storage.size(_own_file(execution_id))})


def _own_file(execution_id: str) -> str:
    """The URI of the `path` parameter. Raises Invalid for a file of anything else."""
    row = executions.get(runtime(), execution_id)
    path = path_of(request.args.get("path", ""))
    folder = execution_folder(row.namespace, row.flow_id, row.id)
    if not path.startswith(folder + "/"):
        raise Invalid("the file does not belong to this execution")
    return uri_of(path)


@bp.get("/executions/<execution_id>/flow")
def flow_of(execution_id: str) -> ResponseReturnValue:
    """The flow as it ran, without its source."""
    row = executions.get(runtime(), execution_id)
    saved = flows.get(runtime(), row.namespace, row.flow_id, row.revision, deleted_too=True)
    return answer(wire.flow(saved, source=False))
