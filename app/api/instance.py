"""Routes of the installation: configuration, the caller, tokens, expressions, keys, triggers."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.tokens import created_token, listed_tokens
from app.api.web import answer, json_body, page, runtime, text_body, wire_moment, without_none
from app.errors import Invalid, NotFound
from app.expression.evaluate import filter_names, function_names
from app.model.access import Permission
from app.service import evaluation, kv, kv_text, trigger_state
from app.service.access import oidc
from app.service.access import tokens as api_tokens

bp = Blueprint("instance", __name__)
VERSION = "2.0.0"


@bp.get("/configs")
def configuration() -> ResponseReturnValue:
    """What clients ask first."""
    settings = runtime().settings
    return answer(
        without_none(
            {
                "uuid": "trunkline",
                "version": VERSION,
                "edition": "OSS",
                "isCustomDashboardsEnabled": False,
                "isAnonymousUsageEnabled": False,
                "isUiAnonymousUsageEnabled": False,
                "isBasicAuthInitialized": True,
                "isAiEnabled": False,
                "systemNamespace": settings.system_namespace,
                "hiddenLabelsPrefixes": ["system."],
                "url": settings.url or None,
                "environment": {"name": settings.environment} if settings.environment else None,
            }
        )
    )


@bp.get("/configs/login")
def login_configuration() -> ResponseReturnValue:
    """Open: whether a first user exists."""
    ways = [
        {"id": way.id, "name": way.name, "url": f"{request.script_root}/login/oidc/{way.id}"}
        for way in oidc.list_providers(runtime())
    ]
    return answer({"isBasicAuthInitialized": True} | ({"sso": ways} if ways else {}))


@bp.get("/me")
def me() -> ResponseReturnValue:
    """The caller."""
    caller = current_caller()
    return answer(
        {
            "id": caller.id,
            "username": caller.username,
            "superAdmin": caller.is_admin,
            "grants": [{"role": g.role, "namespace": g.namespace} for g in caller.grants],
            "permissions": [p for p in Permission if caller.may_somewhere(p)],
        }
    )


@bp.get("/me/api-tokens")
@takes(gives="TokenList")
def tokens() -> ResponseReturnValue:
    """The caller's tokens, without secrets."""
    return answer(listed_tokens(current_caller().id))


@bp.post("/me/api-tokens")
@takes(body="json:NewToken", gives="NewTokenAnswer")
def create_token() -> ResponseReturnValue:
    """A new token; its text appears in this answer only."""
    return answer(created_token(current_caller().id))


@bp.delete("/me/api-tokens/<token_id>")
def revoke_token(token_id: str) -> ResponseReturnValue:
    """Ends a token at once."""
    if not api_tokens.revoke_token(runtime(), current_caller().id, token_id):
        raise NotFound("no such token")
    return answer({})


@bp.post("/expressions/eval")
def evaluate() -> ResponseReturnValue:
    """Renders a template over a given scope."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("template"), str):
        raise Invalid("the body must be {template, context}")
    names = data.get("context") or {}
    if not isinstance(names, dict):
        raise Invalid("`context` must be a map")
    return answer({"result": evaluation.of_scope(runtime(), data["template"], names)})


@bp.get("/pebble/filters")
def filters() -> ResponseReturnValue:
    """Names of filters."""
    return answer(list(filter_names()))


@bp.get("/pebble/functions")
def functions() -> ResponseReturnValue:
    """Names of functions with their arguments."""
    found = [{"name": k, "arguments": list(v)} for k, v in function_names().items()]
    return answer(found)


# -- keys and values


def _entry(row: Any) -> dict[str, Any]:
    return without_none(
        {
            "namespace": row.namespace,
            "key": row.key,
            "type": row.type,
            "revision": row.version,
            "version": row.version,
            "description": row.description,
            "creationDate": wire_moment(row.created_at),
            "updateDate": wire_moment(row.updated_at),
            "expirationDate": wire_moment(row.expires_at),
        }
    )


@bp.get("/namespaces/<namespace>/kv")
def keys(namespace: str) -> ResponseReturnValue:
    """The keys of a namespace."""
    return answer([_entry(row) for row in kv.list_keys(runtime(), namespace)])


@bp.get("/kv")
def all_keys() -> ResponseReturnValue:
    """A page over all namespaces."""
    number, size = page()
    rows = kv.list_keys(runtime())
    part = rows[(number - 1) * size : number * size]
    return answer({"results": [_entry(row) for row in part], "total": len(rows)})


@bp.get("/namespaces/<namespace>/kv/<key>")
def get_key(namespace: str, key: str) -> ResponseReturnValue:
    """A value with its type."""
    row = kv.get(runtime(), namespace, key)
    return answer(
        {
            "type": row.type,
            "value": row.value,
            "revision": row.version,
            "updated": wire_moment(row.updated_at),
        }
    )


@bp.put("/namespaces/<namespace>/kv/<key>")
def put_key(namespace: str, key: str) -> ResponseReturnValue:
    """Stores the JSON value of the body."""
    value, kind = kv_text.read(text_body())
    data = {
        "namespace": namespace,
        "key": key,
        "value": value,
        "kind": kind,
        "ttl": request.headers.get("ttl"),
        "description": request.headers.get("description"),
    }
    kv.put(runtime(), data)
    return Response(status=200)


@bp.delete("/namespaces/<namespace>/kv/<key>")
def delete_key(namespace: str, key: str) -> ResponseReturnValue:
    """Whether it was there."""
    return answer(kv.delete(runtime(), namespace, key))


@bp.delete("/namespaces/<namespace>/kv")
def delete_keys(namespace: str) -> ResponseReturnValue:
    """Removes several keys."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("keys"), list):
        raise Invalid("the body must be {keys: [...]}")
    gone = [key for key in data["keys"] if kv.delete(runtime(), namespace, str(key))]
    return answer({"keys": gone})


# -- triggers


@bp.get("/triggers/search")
def triggers() -> ResponseReturnValue:
    """A page of triggers with their states."""
    number, size = page()
    rows = trigger_state.list_states(runtime(), request.args.get("namespace"))
    part = rows[(number - 1) * size : number * size]
    results = []
    for row in part:
        shown = trigger(row)
        definition = {"id": row.trigger_id, "type": row.type}
        results.append(
            {
                "trigger": definition,
                "state": shown,
                "abstractTrigger": definition,
                "triggerContext": shown,
            }
        )
    return answer({"results": results, "total": len(rows)})


def trigger(row: Any) -> dict[str, Any]:
    """The state of a trigger on the wire, in the names of every generation."""
    return without_none(
        {
            "tenantId": "main",
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "triggerId": row.trigger_id,
            "updatedAt": wire_moment(row.updated_at),
            "updatedDate": wire_moment(row.updated_at),
            "evaluatedAt": wire_moment(row.evaluated_at),
            "date": wire_moment(row.last_at),
            "nextEvaluationDate": wire_moment(row.next_at or row.waiting_at),
            "nextExecutionDate": wire_moment(row.next_at or row.waiting_at),
            "lastTriggeredDate": wire_moment(row.last_triggered_at),
            "executionId": row.execution_id,
            "disabled": row.disabled,
            "locked": row.execution_id is not None,
            "backfill": row.backfill,
        }
    )


@bp.get("/triggers/<namespace>/<flow_id>")
def triggers_of(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The trigger states of a flow."""
    rows = trigger_state.list_of_flow(runtime(), namespace, flow_id)
    return answer({"results": [trigger(row) for row in rows], "total": len(rows)})


@bp.put("/triggers/set-disabled")
def set_disabled() -> ResponseReturnValue:
    """Switches a trigger off or on."""
    data = json_body()
    if not isinstance(data, dict):
        raise Invalid("the body must be {namespace, flowId, triggerId, disabled}")
    row = trigger_state.set_disabled(runtime(), *_place(data), disabled=bool(data.get("disabled")))
    return answer(trigger(row))


def _place(data: dict[str, Any]) -> tuple[str, str, str]:
    try:
        return str(data["namespace"]), str(data["flowId"]), str(data["triggerId"])
    except KeyError as error:
        raise Invalid(f"{error.args[0]!r} is missing") from None


@bp.post("/triggers/<namespace>/<flow_id>/<trigger_id>/unlock")
def unlock(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """Clears the execution that locks a trigger."""
    return answer(trigger(trigger_state.unlock(runtime(), namespace, flow_id, trigger_id)))


@bp.put("/triggers/backfill/create")
def create_backfill() -> ResponseReturnValue:
    """Runs the instants of a time in the past."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("backfill"), dict):
        raise Invalid("the body must be {namespace, flowId, triggerId, backfill}")
    return answer(trigger(trigger_state.backfill(runtime(), *_place(data), data["backfill"])))


@bp.post("/triggers/backfill/delete")
def delete_backfill() -> ResponseReturnValue:
    """Ends a backfill; the schedule goes on where it was."""
    data = json_body()
    if not isinstance(data, dict):
        raise Invalid("the body must be {namespace, flowId, triggerId}")
    return answer(trigger(trigger_state.end_backfill(runtime(), *_place(data))))
