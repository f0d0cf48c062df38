"""Filters in the OpenAPI document: as a parameter of lists, as a body of changes by query."""

from typing import Any

from app.model.filter import EXECUTIONS, FLOWS, TRIGGERS, Fields

#: shapes of one filter in a body, and the fields that it may name
BODIES: dict[str, Fields] = {
    "ExecutionFilter": EXECUTIONS,
    "FlowFilter": FLOWS,
    "TriggerFilter": TRIGGERS,
}
_DEEPEST = 3  #: lists within each other, as `body_filters` reads them


def parameter(fields: Fields) -> list[dict[str, Any]]:
    """One parameter for all filters: `filters[field][OPERATOR]=value`."""
    lines = [f"`{name}`: {', '.join(sorted(allowed))}" for name, allowed in fields.items()]
    names = {f"[{n}][{op}]" for n, allowed in fields.items() for op in allowed}
    return [
        {
            "name": "filters",
            "in": "query",
            "required": False,
            "style": "deepObject",
            "explode": True,
            "description": "`filters[field][OPERATOR]=value`. " + "; ".join(lines),
            "schema": {
                "type": "object",
                "maxProperties": 0 if not names else 5,
                "additionalProperties": False,
            },
        }
    ]


def body(fields: Fields) -> dict[str, Any]:
    """The body of a change by query: more filters, which hold together with those of the query."""
    name = next(name for name, known in BODIES.items() if known is fields)
    listed = {"type": "array", "items": _member(name, _DEEPEST)}
    schema = {
        "type": "object",
        "properties": {"filters": listed},
        "additionalProperties": False,
    }
    return {"required": False, "content": {"application/json": {"schema": schema}}}


def _member(name: str, deepest: int) -> dict[str, Any]:
    """One filter, or a group of what may stand in it."""
    one = {"$ref": f"#/components/schemas/{name}"}
    if deepest == 1:
        return one
    children = {"type": "array", "minItems": 1, "items": _member(name, deepest - 1)}
    group = {
        "type": "object",
        "properties": {"logical": {"enum": ["AND", "OR"]}, "children": children},
        "required": ["logical", "children"],
    }
    return {"anyOf": [one, group]}


def shapes() -> dict[str, Any]:
    """The shapes of one filter in a body, by name."""
    return {
        name: {
            "anyOf": [
                _one(field, sorted(op.value for op in allowed)) for field, allowed in fields.items()
            ]
        }
        for name, fields in BODIES.items()
    }


def _one(field: str, operators: list[str]) -> dict[str, Any]:
    """A filter of one field; a list is as good as the text with commas."""
    plain = {"type": ["string", "number", "boolean"]}
    value = [plain, {"type": "array", "items": plain}]
    if field == "labels":
        value.append({"type": "object", "minProperties": 1, "additionalProperties": plain})
    return {
        "type": "object",
        "properties": {
            "field": {"const": field},
            "operation": {"enum": operators},
            "value": {"anyOf": value},
        },
        "required": ["field", "operation", "value"],
    }
