"""What every route needs: the runtime, paging, filters, bodies, JSON answers."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, jsonify, request

from app.errors import BadRequest, Invalid, TooLarge
from app.expression.values import instant_text
from app.model.duration import parse_duration
from app.service.runtime import Runtime
from app.service.search import Wanted

_FILTER = re.compile(r"filters\[(\w+)\]\[(\w+)\](?:\[(.+)\])?")
_EXECUTION_FIELDS = {
    "q", "scope", "namespace", "flowId", "startDate", "endDate", "timeRange", "state", "labels",
    "triggerExecutionId", "childFilter", "kind", "commit",
}  # fmt: skip


def runtime() -> Runtime:
    """The runtime of this process."""
    rt: Runtime = current_app.config["RUNTIME"]
    return rt


def answer(data: Any, status: int = 200) -> Response:
    """A JSON answer."""
    response = jsonify(data)
    response.status_code = status
    return response


def without_none(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without a value are left out (2.2)."""
    return {key: value for key, value in data.items() if value is not None}


def page() -> tuple[int, int]:
    """`page` from 1 and `size` from 1. Raises Invalid."""
    values = []
    for name, default in (("page", "1"), ("size", "10")):
        text = request.args.get(name, default)
        if not text.isdecimal() or int(text) < 1:
            raise Invalid(f"`{name}` must be at least 1, not {text[:20]!r}")
        values.append(min(int(text), 1_000_000))
    return values[0], min(values[1], 10_000)


def sort() -> list[tuple[str, bool]]:
    """`sort=field:asc|desc`, repeatable. Raises Invalid for one without a colon."""
    found = []
    for text in request.args.getlist("sort"):
        name, colon, direction = text.rpartition(":")
        if not colon or direction.lower() not in ("asc", "desc"):
            raise Invalid(f"invalid sort {text[:60]!r}, expected field:asc or field:desc")
        found.append((name, direction.lower() == "desc"))
    return found


def flag(name: str, default: bool = False) -> bool:
    """A boolean query parameter."""
    text = request.args.get(name)
    return default if text is None else text.strip().lower() == "true"


def text_body() -> str:
    """The body as text, within the limit of a flow. Raises TooLarge or Invalid."""
    limit = runtime().settings.max_body_bytes
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    data = request.stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("the body is not UTF-8") from None


def json_body() -> Any:
    """The body as JSON. Raises Invalid."""
    text = text_body()
    try:
        return json.loads(text) if text.strip() else None
    except ValueError as error:
        raise Invalid(f"malformed JSON: {error}") from None
    except RecursionError:
        raise Invalid("the JSON is nested too deeply") from None


def id_list() -> list[str]:
    """A body that is a list of ids. Raises Invalid."""
    data = json_body()
    if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
        raise Invalid("the body must be a list of ids")
    return data


def moment(text: str, name: str) -> datetime:
    """An ISO-8601 moment of a query. Raises Invalid."""
    try:
        value = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Invalid(f"`{name}` is no ISO-8601 date: {text[:40]!r}") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def label_pairs(texts: Iterable[str]) -> dict[str, str]:
    """`key:value` texts; the first colon splits. Raises Invalid."""
    pairs = {}
    for text in texts:
        key, colon, value = text.partition(":")
        if not colon or not key:
            raise Invalid(f"invalid label {text[:60]!r}, expected key:value")
        pairs[key] = value
    return pairs


def bracket_filters() -> list[tuple[str, str, str | None, str]]:
    """`filters[field][OP][key]=value` as tuples. Raises BadRequest for another shape."""
    found = []
    for name, value in request.args.items(multi=True):
        if not name.startswith("filters["):
            continue
        match = _FILTER.fullmatch(name)
        if match is None:
            raise BadRequest(f"cannot read the filter {name[:80]!r}")
        found.append((match.group(1), match.group(2), match.group(3), value))
    return found


def wanted_executions(*, only_brackets: bool = False) -> Wanted:
    """What to find among executions, from both generations of filters.

    Routes that change things take bracket filters only: a flat one that was overlooked would widen
    the change to everything (2.4). Raises BadRequest or Invalid.
    """
    flat = {k: v for k, v in request.args.items() if k in _EXECUTION_FIELDS}
    if only_brackets and flat:
        name = next(iter(flat))
        raise BadRequest(f"use filters[{name}][EQUALS] instead of `{name}` here")
    values: dict[str, Any] = {"states": [], "labels": {}}
    if not only_brackets:
        _flat(values)
    for field, operator, key, value in bracket_filters():
        _bracket(values, field, operator, key, value)
    after, before = values.get("after"), values.get("before")
    if after and before and after > before:
        raise Invalid("`startDate` must not be after `endDate`")
    return Wanted(**values)


def _flat(values: dict[str, Any]) -> None:
    args = request.args
    simple = {"q": "text", "namespace": "namespace", "flowId": "flow_id", "commit": "commit",
              "triggerExecutionId": "trigger_execution_id", "childFilter": "child"}  # fmt: skip
    for name, target in simple.items():
        if args.get(name):
            values[target] = args[name]
    values["states"] = [s for text in args.getlist("state") for s in text.split(",") if s]
    values["labels"] = label_pairs(args.getlist("labels"))
    if args.get("startDate") and args.get("timeRange"):
        raise Invalid("`startDate` and `timeRange` exclude each other")
    if args.get("startDate"):
        values["after"] = moment(args["startDate"], "startDate")
    if args.get("endDate"):
        values["before"] = moment(args["endDate"], "endDate")
    if args.get("timeRange"):
        values["after"] = runtime().clock() - parse_duration(args["timeRange"])


def _bracket(
    values: dict[str, Any], field: str, operator: str, key: str | None, value: str
) -> None:
    items = [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    if field == "labels" and operator in ("EQUALS", "CONTAINS", "IN"):
        values["labels"] |= {key: value} if key else label_pairs(items)
    elif field == "state" and operator in ("EQUALS", "IN"):
        values["states"] = items
    elif field == "namespace" and operator in ("EQUALS", "IN") and len(items) == 1:
        values["exact_namespace"] = items[0]
    elif field == "namespace" and operator in ("PREFIX", "STARTS_WITH"):
        values["namespace"] = value
    elif field in ("q", "flowId", "triggerExecutionId", "childFilter", "commit") and (
        operator == "EQUALS"
    ):
        names = {"q": "text", "flowId": "flow_id", "childFilter": "child", "commit": "commit"}
        values[names.get(field, "trigger_execution_id")] = value
    elif field == "timeRange" and operator == "EQUALS":
        values["after"] = runtime().clock() - parse_duration(value)
    elif field == "startDate" and operator.startswith("GREATER"):
        values["after"] = moment(value, field)
    elif field in ("endDate", "startDate") and operator.startswith("LESS"):
        values["before"] = moment(value, field)
    elif field not in ("scope", "kind"):
        raise BadRequest(f"the filter {field!r} does not support {operator!r}")


def wire_moment(value: datetime | None) -> str | None:
    """A moment as clients read it."""
    return None if value is None else instant_text(value.astimezone(UTC))
