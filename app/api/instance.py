"""Routes of the installation: configuration, the caller, tokens, expressions, keys, triggers."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.tokens import created_token, listed_tokens
from app.api.web import answer, json_body, json_map, runtime, without_none
from app.errors import Forbidden, Invalid, NotFound
from app.expression.evaluate import filter_names, function_names
from app.model.access import Caller, Permission
from app.service import evaluation
from app.service.access import tokens as api_tokens
from app.settings import Settings

bp = Blueprint("instance", __name__)
VERSION = "2.0.0"


def _environment(settings: Settings) -> dict[str, str] | None:
    """The name of this server and its colour; None where it has no name."""
    if not settings.environment:
        return None
    color = settings.environment_color
    return {"name": settings.environment} | ({"color": color} if color else {})


@bp.get("/configs")
@takes(gives="Configuration")
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
                "maxUploadBytes": settings.max_upload_bytes,
                "flowerUrl": settings.flower_url or None,
                "environment": _environment(settings),
            }
        )
    )


@bp.get("/configs/login")
@takes(gives="LoginConfiguration")
def login_configuration() -> ResponseReturnValue:
    """Open: whether a first user exists."""
    ways = [
        {"id": way.id, "name": way.name, "url": f"{request.script_root}/login/oidc/{way.id}"}
        for way in runtime().settings.oidc
    ]
    return answer({"isBasicAuthInitialized": True} | ({"sso": ways} if ways else {}))


@bp.get("/me")
@takes(gives="Me")
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
            "everywhere": [p for p in Permission if caller.may(p)],
        }
    )


@bp.get("/me/api-tokens")
@takes("page size sort", gives="TokenList", also=(400,))
def tokens() -> ResponseReturnValue:
    """The caller's tokens, without secrets."""
    return listed_tokens(current_caller().id)


@bp.post("/me/api-tokens")
@takes(body="json:NewToken", gives="NewTokenAnswer")
def create_token() -> ResponseReturnValue:
    """A new token; its text appears in this answer only. Not for a token with scopes or an end."""
    return answer(created_token(_unbounded().id))


@bp.delete("/me/api-tokens/<token_id>")
@takes(gives="object")
def revoke_token(token_id: str) -> ResponseReturnValue:
    """Ends a token at once. Not for a token with scopes or an end."""
    if not api_tokens.revoke_token(runtime(), _unbounded().id, token_id):
        raise NotFound("no such token")
    return answer({})


def _unbounded() -> Caller:
    """The caller, unless they came by a token that would get round its own limits."""
    caller = current_caller()
    if caller.is_bounded:
        raise Forbidden("a token with scopes or an end makes and revokes no tokens of its owner")
    return caller


@bp.post("/expressions/eval")
@takes(body="json:Template", gives="Rendered")
def evaluate() -> ResponseReturnValue:
    """Renders a template over a given scope."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("template"), str):
        raise Invalid("the body must be {template, context}")
    names = data.get("context") or {}
    if not isinstance(names, dict):
        raise Invalid("`context` must be a map")
    return answer({"result": evaluation.of_scope(runtime(), data["template"], names)})


@bp.post("/expressions/render")
@takes(body="json:RenderRequest", gives="object")
def render() -> ResponseReturnValue:
    """Renders expressions against an execution or a flow's source; each has its own outcome."""
    data = json_map()
    given = data.get("expressions")
    named = dict(enumerate(given)) if isinstance(given, list) else given
    if not isinstance(named, dict) or not all(isinstance(v, str) for v in named.values()):
        raise Invalid("`expressions` must be a list or a map of texts")
    for name in ("executionId", "taskRunId", "flow"):
        if not isinstance(data.get(name, ""), str):
            raise Invalid(f"`{name}` must be a text")
    outcome = evaluation.of_many(named, _place(data))
    shown = [without_none({"result": o.text, "error": o.error}) for o in outcome.values()]
    if isinstance(given, list):
        return answer({"results": shown})
    return answer({"results": dict(zip(outcome, shown, strict=True))})


def _place(data: dict[str, Any]) -> evaluation.Place:
    """What the expressions see. Raises Invalid, Forbidden."""
    execution_id, source = data.get("executionId"), data.get("flow")
    given = data.get("inputs") or {}
    if (execution_id is None) == (source is None):
        raise Invalid("one of `executionId` and `flow` must be given")
    if not isinstance(given, dict):
        raise Invalid("`inputs` must be a map")
    rt = runtime()
    if execution_id is not None:
        place = evaluation.in_execution(rt, execution_id, data.get("taskRunId"))
    else:
        place = evaluation.in_source(rt, str(source), given)
    if not current_caller().may(Permission.EXECUTION_EVAL, place.world.namespace):
        raise Forbidden(f"this needs the permission {Permission.EXECUTION_EVAL}")
    return place


@bp.get("/pebble/filters")
@takes(gives="string[]")
def filters() -> ResponseReturnValue:
    """Names of filters."""
    return answer(list(filter_names()))


@bp.get("/pebble/functions")
@takes(gives="FunctionName[]")
def functions() -> ResponseReturnValue:
    """Names of functions with their arguments."""
    found = [{"name": k, "arguments": list(v)} for k, v in function_names().items()]
    return answer(found)
