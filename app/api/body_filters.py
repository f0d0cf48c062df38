"""Filters in the body of a change by query: `{"filters": [{field, operation, value}]}`.

A group is `{logical: AND|OR, children: [...]}`. What stands here is never overlooked: it would
widen the change to everything.
"""

from typing import Any

from flask import current_app, request

from app.api.describe import info_of
from app.api.web import json_body
from app.errors import BadRequest
from app.model.filter import Filter, Group, Operator

_DEEPEST = 3


def members() -> list[Filter | Group]:
    """What the body asks for; nothing where it is empty or labels. Raises BadRequest, Invalid."""
    if not request.is_json and request.get_data().strip():
        raise BadRequest("cannot read the body: filters are sent as application/json")
    data = json_body() if request.is_json else None
    if data is None or (isinstance(data, list) and _is_more()):
        return []
    if not isinstance(data, dict):
        raise BadRequest("cannot read the body: filters are sent as {filters: [one, …]}")
    if others := sorted(data.keys() - {"filters"}):
        raise BadRequest(f"cannot read `{others[0][:40]}` of the body; it may hold `filters` only")
    listed = data.get("filters")
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise BadRequest("`filters` must be a list of {field, operation, value}")
    return [found for i, item in enumerate(listed) for found in _read(item, f"filters[{i}]", 1)]


def _is_more() -> bool:
    """Whether the route takes a body of its own, a list of labels for one."""
    return info_of(current_app.view_functions[str(request.endpoint)]).body != "filters"


def wire_name(text: str) -> str:
    """A field by either of its names: `flowId`, or `FLOW_ID` as enumerations of clients have it."""
    if not text.isupper():
        return text
    first, *others = text.lower().split("_")
    name = first + "".join(word.capitalize() for word in others)
    return "q" if name == "query" else name


def _read(item: Any, path: str, depth: int) -> list[Filter | Group]:
    if not isinstance(item, dict) or depth > _DEEPEST:
        raise BadRequest(f"`{path}` must be {{field, operation, value}}")
    if item.get("children") is not None:
        children, logical = item["children"], str(item.get("logical")).upper()
        if not isinstance(children, list) or not children or logical not in ("AND", "OR"):
            raise BadRequest(f"`{path}` must be {{logical: AND or OR, children: [one, …]}}")
        inner = [_read(one, f"{path}.children[{i}]", depth + 1) for i, one in enumerate(children)]
        return [Group(tuple(one for part in inner for one in part), logical == "OR")]
    name, operation, value = item.get("field"), item.get("operation"), item.get("value")
    if not isinstance(name, str):
        raise BadRequest(f"`{path}.field` must be a text")
    try:
        operator = Operator(str(operation).upper())
    except ValueError:
        raise BadRequest(f"`{path}.operation`: unknown operator {str(operation)[:40]!r}") from None
    if name.lower() != "labels" and isinstance(value, dict) and value.keys() == {"value"}:
        value = value["value"]  # the models of 1.x have no other value than a map
    if isinstance(value, dict) and value:  # labels
        return [
            Filter(field=wire_name(name), operator=operator, value=_text(one, path), key=key)
            for key, one in value.items()
        ]
    return [Filter(field=wire_name(name), operator=operator, value=_text(value, path))]


def _text(value: Any, path: str) -> str:
    """A value as the query spells it. Raises BadRequest."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return ",".join(_text(one, path) for one in value)
    raise BadRequest(f"`{path}.value` must be a text, a number, true, false or a list of them")
