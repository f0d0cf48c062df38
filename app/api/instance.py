"""Routes of the installation: configuration, the caller, tokens, expressions, keys, triggers."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.tokens import created_token, listed_tokens
from app.api.web import answer, json_body, runtime, without_none
from app.errors import Invalid, NotFound
from app.expression.evaluate import filter_names, function_names
from app.model.access import Permission
from app.service import evaluation
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
