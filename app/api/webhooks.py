"""The open route that starts a flow by its webhook key."""

import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api.executions import place_to_wait, shown, wait_for_end
from app.api.web import answer, runtime
from app.errors import Busy, DatabaseAway, TooLarge, TrunklineError
from app.service import webhook_start
from app.service.access.credentials import is_of_this_server
from app.telemetry.metrics import HOOKS
from app.trigger.webhook import Webhook

bp = Blueprint("webhooks", __name__)

#: what browsers send to this server by themselves
_SESSION = {"cookie", "x-csrf-token"}
METHODS = ["GET", "POST", "PUT"]


@bp.route("/executions/webhook/<namespace>/<flow_id>/<key>", methods=METHODS)
@bp.route("/executions/webhook/<namespace>/<flow_id>/<key>/<path:path>", methods=METHODS)
def call(namespace: str, flow_id: str, key: str, path: str = "") -> ResponseReturnValue:
    """Body, headers and query become `trigger.*`; 204 when the conditions refuse."""
    limit = runtime().settings.max_webhook_bytes
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes (max_webhook_bytes)")
    headers = _kept_headers()
    parameters = {name: request.args.getlist(name) for name in request.args}
    try:
        started = webhook_start.start(
            runtime(),
            namespace,
            flow_id,
            key,
            path=path,
            body=body,
            headers=headers,
            parameters=parameters,
        )
    except (TrunklineError, DatabaseAway) as error:
        HOOKS.labels(type(error).__name__).inc()
        raise
    HOOKS.labels("refused" if started is None else "accepted").inc()
    if started is None:
        return Response(status=204)
    execution_id, trigger = started
    if not trigger.wait:
        return answer(shown(execution_id))
    try:
        with place_to_wait(f"{namespace}/{flow_id}") as follower:
            wait_for_end(runtime(), execution_id, follower)
    except Busy:  # it is accepted: another delivery would start it once more
        return answer(shown(execution_id))
    return _told(execution_id, trigger)


def _told(execution_id: str, trigger: Webhook) -> ResponseReturnValue:
    """The answer that a trigger has chosen, after the end."""
    told = webhook_start.answer_of(runtime(), execution_id, trigger)
    if told.outputs is None:
        return answer(shown(execution_id), told.code)
    if told.is_text:
        values = list(told.outputs.values())
        text = values[0] if len(values) == 1 and isinstance(values[0], str) else None
        body_text = text if text is not None else json.dumps(told.outputs)
        return Response(body_text, status=told.code, mimetype="text/plain")
    return answer(told.outputs, told.code)


def _kept_headers() -> dict[str, list[str]]:
    """The headers without credentials of this server: an execution shows them to its readers."""
    found = {name: request.headers.getlist(name) for name in dict(request.headers)}
    given = request.headers.get("Authorization", "")
    is_ours = bool(given) and is_of_this_server(runtime(), given)
    hidden = {*_SESSION, *(["authorization"] if is_ours else [])}
    return {name: values for name, values in found.items() if name.lower() not in hidden}
