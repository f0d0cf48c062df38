"""Reads filters from the query, in the old spelling and the new one (HTTP API 2.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app, request

from app.api import body_filters, permissions
from app.api.auth import current_caller
from app.api.describe import info_of
from app.api.web import label_pairs, moment
from app.database.logs import LEVELS
from app.errors import BadRequest, Invalid
from app.model.duration import parse_duration
from app.model.filter import Fields, Filter, Group, Operator
from app.model.state import State

MOST_FILTERS, MOST_VALUES = 100, 1000
MOST_LABELS = 400  #: SQLite takes an expression that is less than 1,000 deep, each is two
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
_GROUPS = ("and", "or")
_DATES = ("startDate", "endDate", "updated", "lastTriggeredDate", "nextExecutionDate")
#: flat parameter -> (field, operator); each may be given several times
_FLAT = {
    "q": ("q", Operator.EQUALS),
    "scope": ("scope", Operator.EQUALS),
    "namespace": ("namespace", Operator.PREFIX),
    "flowId": ("flowId", Operator.EQUALS),
    "state": ("state", Operator.IN),
    "startDate": ("startDate", Operator.GREATER_THAN_OR_EQUAL_TO),
    "endDate": ("endDate", Operator.LESS_THAN_OR_EQUAL_TO),
    "timeRange": ("timeRange", Operator.EQUALS),
    "triggerExecutionId": ("triggerExecutionId", Operator.EQUALS),
    "childFilter": ("childFilter", Operator.EQUALS),
    "kind": ("kind", Operator.EQUALS),
    "commit": ("commit", Operator.EQUALS),
    "minLevel": ("level", Operator.EQUALS),
    "level": ("level", Operator.EQUALS),
    "triggerId": ("triggerId", Operator.EQUALS),
    "workerId": ("workerId", Operator.EQUALS),
    "executionId": ("executionId", Operator.EQUALS),
    "taskId": ("taskId", Operator.EQUALS),
    "taskRunId": ("taskRunId", Operator.EQUALS),
    "attempt": ("attemptNumber", Operator.EQUALS),
    "tags": ("tags", Operator.EQUALS),
}


@dataclass
class _Node:
    """A group while it is read; its members are known by their place."""

    is_any: bool
    members: list[Filter] = field(default_factory=list)
    groups: "dict[tuple[str, str], _Node]" = field(default_factory=dict)

    def done(self) -> Group:
        inner = tuple(node.done() for _, node in sorted(self.groups.items()))
        return Group((*self.members, *inner), self.is_any)


def read(fields: Fields, *, changes: bool = False) -> Group:
    """What the query asks for among a resource's fields.

    A route that changes things takes the bracket spelling only: a parameter that was overlooked
    would widen the change to everything, and so would a value that is left empty. Raises BadRequest
    for a filter that cannot be used, Invalid for a value that is none.
    """
    flat = [name for name in request.args if name in _flat_names(fields)]
    if changes and flat:
        raise BadRequest(f"use filters[{flat[0]}][EQUALS] instead of `{flat[0]}` here")
    root = _Node(is_any=False)
    root.members += _flat_filters(flat)
    for name, value in request.args.items(multi=True):
        if name.startswith("filters["):
            _place(root, name, value)
    found = root.done()
    if changes:
        check_overlooked()
        found = Group((*found.members, *body_filters.members()))
        _check_given(found)
    _check(found, fields)
    if "namespace" in fields:
        return permissions.narrowed(current_caller(), str(request.endpoint), found)
    return found


def _flat_names(fields: Fields) -> set[str]:
    """The flat parameters that a resource can be filtered by."""
    known = {name for name, (target, _) in _FLAT.items() if target in fields}
    return known | ({"labels"} & fields.keys())


def check_overlooked(flat: Fields | None = None) -> None:
    """Raises BadRequest for a parameter that the route of a change does not read, or an empty one.

    `flat` are the fields that it takes flat parameters of. How a list is sorted narrows nothing.
    """
    info = info_of(current_app.view_functions[str(request.endpoint)])
    known = {re.split("[*=]", name)[0] for name in info.query} | _flat_names(flat or {})
    for name, value in request.args.items(multi=True):
        if name not in known and name != "sort" and not name.startswith("filters["):
            raise BadRequest(
                f"`{name[:40]}` is no parameter of this change, which would reach more than is "
                "meant: filters are spelled filters[field][OPERATOR]"
            )
        if flat is not None and not value.strip():
            raise BadRequest(f"`{name[:40]}` has no value: the change would reach everything")


def _check_given(found: Group) -> None:
    """Raises BadRequest for a filter of a change that is compared with nothing."""
    for item in found.filters():
        if not item.items():
            raise BadRequest(f"the filter `{item.field[:40]}` has no value: it narrows nothing")


def _flat_filters(names: list[str]) -> Iterator[Filter]:
    for name in names:
        values = [text for text in request.args.getlist(name) if text]
        if name == "labels":
            for key, value in label_pairs(values).items():
                yield Filter(field="labels", operator=Operator.EQUALS, value=value, key=key)
            continue
        target, operator = _FLAT[name]
        if name in ("state", "scope", "kind", "tags"):
            values = [",".join(values)] if values else []
        for value in values:
            yield Filter(field=target, operator=operator, value=value)


def _place(root: _Node, name: str, value: str) -> None:
    """Puts `filters[…]…` where its groups say. Raises BadRequest."""
    segments = _SEGMENT.findall(name)
    if name != "filters" + "".join(f"[{segment}]" for segment in segments):
        raise BadRequest(f"cannot read the filter {name[:80]!r}")
    node = root
    for _ in range(2):
        if len(segments) < 4 or segments[0].lower() not in _GROUPS or not segments[1].isdecimal():
            break
        kind, index, inner = segments[0].lower(), segments[1], segments[2].lower()
        group = node.groups.setdefault((kind, ""), _Node(is_any=kind == "or"))
        segments = segments[2:]
        node = group
        if inner in _GROUPS:
            node = group.groups.setdefault((inner, index), _Node(is_any=inner == "or"))
            segments = segments[2:] if len(segments) > 3 else []
            break
    if len(segments) not in (2, 3):
        raise BadRequest(f"cannot read the filter {name[:80]!r}, expected filters[field][OPERATOR]")
    try:
        operator = Operator(segments[1].upper())
    except ValueError:
        raise BadRequest(f"unknown operator {segments[1][:40]!r} in {name[:80]!r}") from None
    key = segments[2] if len(segments) == 3 else None
    node.members.append(Filter(field=segments[0], operator=operator, value=value, key=key))


def _check(found: Group, fields: Fields) -> None:
    filters = list(found.filters())
    if len(filters) > MOST_FILTERS:
        raise BadRequest(f"more than {MOST_FILTERS} filters")
    if sum(len(item.items()) for item in filters if item.field == "labels") > MOST_LABELS:
        raise BadRequest(f"`labels` is compared with more than {MOST_LABELS} values")
    for item in filters:
        allowed = fields.get(item.field)
        if allowed is None:
            known = ", ".join(sorted(fields))
            raise BadRequest(f"cannot filter by {item.field[:40]!r}; known are {known}")
        if item.operator not in allowed:
            raise BadRequest(f"`{item.field}` cannot be compared by {item.operator}")
        if item.key is not None and item.field != "labels":
            raise BadRequest(f"the filter `{item.field}` takes no key")
        _check_value(item)
    _check_range(found)


def _check_value(item: Filter) -> None:
    """Raises Invalid for a value that its field cannot have."""
    if len(item.items()) > MOST_VALUES:
        raise BadRequest(f"`{item.field}` is compared with more than {MOST_VALUES} values")
    if item.field in _DATES:
        moment(item.value, item.field)
    elif item.field == "timeRange":
        parse_duration(item.value)
    elif item.field == "state":
        for text in item.items():
            if text not in State.__members__:
                raise Invalid(f"`state`: {text[:40]!r} is no state")
    elif item.field == "scope" and not set(item.items()) <= {"USER", "SYSTEM"}:
        raise Invalid(f"`scope`: {item.value[:40]!r} is neither USER nor SYSTEM")
    elif item.field == "childFilter" and item.value not in ("CHILD", "MAIN"):
        raise Invalid(f"`childFilter`: {item.value[:40]!r} is neither CHILD nor MAIN")
    elif item.field in ("flowRevision", "attemptNumber"):
        for text in item.items() or [item.value]:
            if not text.isascii() or not text.isdecimal() or len(text) > 9:
                raise Invalid(f"`{item.field}`: {text[:40]!r} is no number")
    elif item.field == "level" and item.value.upper() not in (*LEVELS, "WARNING"):
        raise Invalid(f"`level`: {item.value[:40]!r} is no level of a log")
    elif item.operator is Operator.REGEX:
        try:
            re.compile(item.value)
        except (re.error, RecursionError, OverflowError):
            raise BadRequest(f"`{item.field}`: invalid regular expression") from None


def _check_range(found: Group) -> None:
    top = [item for item in found.members if isinstance(item, Filter)]
    after = [f.value for f in top if f.field == "startDate" and f.operator.startswith("GREATER")]
    before = [f.value for f in top if f.field == "endDate" and f.operator.startswith("LESS")]
    if after and any(f.field == "timeRange" for f in top):
        raise Invalid("Parameters 'startDate' and 'timeRange' are mutually exclusive")
    if after and before and max(map(_moment, after)) > min(map(_moment, before)):
        raise Invalid("Start date must be before End Date: `startDate` is after `endDate`")


def _moment(text: str) -> datetime:
    return moment(text, "startDate")


def without(group: Group, name: str) -> Group:
    """The group without the filters of one field."""
    kept = tuple(
        without(item, name) if isinstance(item, Group) else item
        for item in group.members
        if isinstance(item, Group) or item.field != name
    )
    return Group(kept, group.is_any)
