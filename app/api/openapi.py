"""The OpenAPI 3.1 document, made from the routes and what stands beside them (`describe.py`).

It is served at `/swagger/kestra.yml` and as JSON at `/api/v1/openapi.json`; `/api` shows it.
"""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import yaml
from flask import Blueprint, Flask, Response, current_app
from flask.typing import ResponseReturnValue
from pydantic.json_schema import models_json_schema

from app.api import (
    openapi_filters,
    shapes,
    shapes_access,
    shapes_gitops,
    shapes_glances,
    shapes_instance,
)
from app.api.auth import OPEN
from app.api.describe import RouteInfo, info_of
from app.api.permissions import rule_of
from app.api.web import answer
from app.service.presence import product_version

bp = Blueprint("openapi", __name__)
SHAPES = (
    shapes_access,
    shapes_gitops,
    shapes_glances,
    shapes_instance,
)  #: theirs are known once imported
BASE = "/api/v1/main"
_ARGUMENT = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
_ERRORS = {
    400: "A parameter or filter cannot be used.",
    401: "Credentials are missing or wrong.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "Its state forbids it.",
    410: "It has expired.",
    413: "The body is too large.",
    422: "A value, body or document is invalid.",
    429: "Too much at once; `Retry-After` says when to come back.",
    503: "A part that is needed cannot be reached; `Retry-After` says when to come back.",
}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_PAGE = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
_FLAG = {"type": "boolean"}
_LIST = {"type": "array", "items": {"type": "string"}}
_SORT = {"type": "array", "items": {"type": "string", "pattern": r"^\w[\w.]*:(asc|desc)$"}}
#: parameters that are no plain text
_PARAMETERS: dict[str, dict[str, Any]] = {
    "page": _PAGE,
    "size": _PAGE,
    "sort": _SORT,
    **dict.fromkeys(
        ("revision", "maxRows", "attempt", "from", "count", "limit", "runs", "context"), _NUMBER
    ),
    **dict.fromkeys(
        ("wait", "source", "allowDeleted", "allowDelete", "draft", "delete", "override",
         "allowNamespaceChild", "destinationOnly", "expandAll", "failOnError", "deleteLogs",
         "deleteMetrics", "deleteStorage", "includeNonTerminated", "isOnKillCascade",
         "latestRevision", "cascade", "replace", "existing", "arrayOf", "all", "disabled",
         "includeDeprecated", "isRegex"),
        _FLAG,
    ),
    **dict.fromkeys(("labels", "subflows", "topics", "revisions"), _LIST),
}  # fmt: skip


def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    found: dict[str, Any] = app.extensions.setdefault("openapi", {})
    if not found:
        found.update(_made(app))
    return found


def _made(app: Flask) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        if "_plain." in rule.endpoint or not _is_public(rule.rule):
            continue
        for path, values in _paths(rule.rule):
            place = paths.setdefault(path, {})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                operation = _operation(app, rule.endpoint, method, rule.rule, values)
                operation["operationId"] = _id(paths, rule.endpoint, method, path)
                place[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trunkline",
            "version": product_version(),
            "description": "Every path answers without `/main` as well.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas(), "securitySchemes": _SECURITY},
        "security": [{"basic": []}, {"token": []}],
    }


_SECURITY = {
    "basic": {"type": "http", "scheme": "basic"},
    "token": {"type": "http", "scheme": "bearer"},
}


def _is_public(rule: str) -> bool:
    return rule.startswith(BASE + "/") or rule in (
        "/ping", "/health", "/health/liveness", "/health/readiness", "/version",
    )  # fmt: skip


def _paths(rule: str) -> list[tuple[str, dict[str, str]]]:
    """The paths of a rule with `{name}` parts; a part with a few fixed values makes several."""
    found: list[tuple[str, dict[str, str]]] = [("", {})]
    at = 0
    for match in _ARGUMENT.finditer(rule):
        before = rule[at : match.start()]
        kind, options, name = match.groups()
        if kind == "any":
            values = [text.strip().strip("'\"") for text in (options or "").split(",")]
            found = [
                (path + before + value, {**known, name: value})
                for path, known in found
                for value in values
            ]
        else:
            found = [(path + before + "{" + name + "}", known) for path, known in found]
        at = match.end()
    return [(path + rule[at:], known) for path, known in found]


def _id(paths: dict[str, Any], endpoint: str, method: str, path: str) -> str:
    """A name that no other operation has."""
    plain = re.sub(r"\W+", "_", endpoint)
    taken = {
        operation.get("operationId") for place in paths.values() for operation in place.values()
    }
    longer = plain + re.sub(r"[^A-Za-z0-9]+", "_", path)
    for name in (plain, f"{plain}_{method.lower()}", longer):
        if name not in taken:
            return name
    return f"{plain}_{method.lower()}_{len(taken)}"


def _operation(
    app: Flask, endpoint: str, method: str, rule: str, values: dict[str, str]
) -> dict[str, Any]:
    function = app.view_functions[endpoint]
    info = _filled(info_of(function), values)
    text = (function.__doc__ or endpoint).strip()
    permission = rule_of(endpoint)
    operation: dict[str, Any] = {
        "tags": [endpoint.partition(".")[0]],
        "summary": text.partition("\n")[0],
        "parameters": [*_path_parameters(rule, values), *_query(info), *_headers(info)],
        "responses": _responses(info, rule, method, is_open=endpoint in OPEN),
    }
    if permission is not None:
        operation["x-permission"] = permission.permission.value
    if endpoint in OPEN:
        operation["security"] = []
    body = _body(info)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _filled(info: RouteInfo, values: dict[str, str]) -> RouteInfo:
    """A declaration for one of several paths: `{kind}` is what the path names, as a shape."""
    names = {key: value.removesuffix("s").title() for key, value in values.items()}
    body, gives = (text and text.replace("{kind}", names.get("kind", "{kind}"))
                   for text in (info.body, info.gives))  # fmt: skip
    return replace(info, body=body, gives=gives)


#: names that stand for another route in the same place
_TAKEN: dict[str, dict[str, Any]] = {
    "blueprint_id": {"not": {"enum": ["tags", "flow", "app", "dashboard"]}}
}


def _path_parameters(rule: str, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True,
         "schema": {"type": "string", "minLength": 1, **_TAKEN.get(name, {})}}
        for _, _, name in _ARGUMENT.findall(rule)
        if name not in values
    ]  # fmt: skip


def _query(info: RouteInfo) -> list[dict[str, Any]]:
    found = []
    for text in info.query:
        name, _, kind = text.removesuffix("*").partition("=")
        found.append(
            {
                "name": name,
                "in": "query",
                "required": text.endswith("*"),
                "schema": {"type": "string"} if kind else _PARAMETERS.get(name, {"type": "string"}),
            }
        )
    return [*found, *(openapi_filters.parameter(info.filters) if info.filters is not None else [])]


def _headers(info: RouteInfo) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name in info.headers
    ]


def _body(info: RouteInfo) -> dict[str, Any] | None:
    kind = info.body
    if kind is None:
        return None
    if kind == "filters" and info.filters is not None:
        return openapi_filters.body(info.filters)
    if kind == "yaml":
        text = {"schema": {"type": "string"}}
        content = {"application/x-yaml": text, "application/yaml": text, "text/yaml": text,
                   "application/json": {"schema": {"type": "object"}}}  # fmt: skip
        return {"required": True, "content": content}
    if kind == "text":
        text = {"schema": {"type": "string"}}
        return {"required": True, "content": {"text/plain": text}}
    if kind == "form":
        form = {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}
        return {"required": False, "content": {"multipart/form-data": form}}
    if kind.startswith("file:"):
        name = kind.removeprefix("file:")
        part = {"type": "string", "format": "binary"}
        schema = {"type": "object", "properties": {name: part}, "required": [name]}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    schema = _shape(kind.removeprefix("json:"))
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(info: RouteInfo, rule: str, method: str, *, is_open: bool) -> dict[str, Any]:
    found: dict[str, Any] = {str(info.status): _success(info)}
    wrong = {422, 429, 503, *info.also}
    wrong |= set() if is_open else {401, 403}
    if "<" in rule or is_open:
        wrong.add(404)
    if any(name.endswith("*") for name in info.query) or "sort" in info.query:
        wrong.add(400)
    if method in ("POST", "PUT", "PATCH", "DELETE"):
        wrong |= {400, 404, 409, 413}
    for status in sorted(wrong):
        if status < 300:
            found[str(status)] = _success(info)
            continue
        if status == 302:
            found["302"] = {"description": "It lies elsewhere."}
            continue
        reason = _ERRORS.get(status, "It cannot be done.")
        schema = {"$ref": "#/components/schemas/Problem"}
        media = ("application/json", "application/problem+json")
        content = {name: {"schema": schema} for name in media}
        found[str(status)] = {"description": reason, "content": content}
    return found


def _success(info: RouteInfo) -> dict[str, Any]:
    found: dict[str, Any] = {"description": "Done."}
    if info.gives is None:
        return found
    if "/" in info.gives:
        schema = {"type": "string"}
        return found | {"content": {info.gives: {"schema": schema}}}
    return found | {"content": {"application/json": {"schema": _shape(info.gives)}}}


def _shape(name: str) -> dict[str, Any]:
    """The schema that a shape's name stands for."""
    if name.endswith("[]"):
        return {"type": "array", "items": _shape(name[:-2])}
    if name.startswith("Page<"):
        listed = {"type": "array", "items": _shape(name[5:-1])}
        total = {"type": "integer", "minimum": 0}
        return {
            "type": "object",
            "properties": {"results": listed, "total": total},
            "required": ["results", "total"],
        }
    if name in ("string", "boolean", "object", "integer"):
        return {"type": name}
    return {"$ref": f"#/components/schemas/{name}"}


@cache
def schemas() -> dict[str, Any]:
    """The shapes of bodies, by name: `components.schemas` of the document."""
    _, made = models_json_schema(
        [
            *((model, "serialization") for model in shapes.all_shapes()),
            *((model, "validation") for model in shapes_gitops.BODIES),
        ],
        by_alias=True,
        ref_template="#/components/schemas/{model}",
    )
    definitions: dict[str, Any] = made["$defs"]
    definitions |= openapi_filters.shapes()
    definitions["PluginList"] = {
        "anyOf": [
            {"type": "array", "items": {"$ref": "#/components/schemas/Plugin"}},
            _shape("Page<Plugin>"),
        ]
    }
    return definitions


@bp.get("/api/v1/openapi.json")
def as_json() -> ResponseReturnValue:
    """The document as JSON."""
    return answer(document(current_app))


@bp.get("/swagger/kestra.yml")
def as_yaml() -> ResponseReturnValue:
    """The document as YAML."""
    text = yaml.safe_dump(document(current_app), sort_keys=False, allow_unicode=True)
    return Response(text, mimetype="application/yaml")


@bp.get("/api")
def page() -> ResponseReturnValue:
    """A page that lists the operations; it needs no script."""
    rows = []
    for path, place in document(current_app)["paths"].items():
        for method, operation in place.items():
            rows.append(
                f"<tr><td>{method.upper()}</td><td><code>{_escape(path)}</code></td>"
                f"<td>{_escape(operation['summary'])}</td></tr>"
            )
    html = (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Trunkline API</title>"
        "<h1>Trunkline API</h1><p><a href='swagger/kestra.yml'>OpenAPI document</a></p>"
        f"<table>{''.join(rows)}</table></html>"
    )
    return Response(html, mimetype="text/html")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
