"""A document to a Flow: every violation at once, each with path, line and column."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.errors import Invalid, Violation
from app.language.check import check_flow, check_labels
from app.language.defaults import with_defaults
from app.language.document import Document, Path, read_document
from app.model.flow import Flow
from app.model.task import Typed
from app.plugin.registry import Registry

_LISTS = ("inputs", "outputs", "triggers", "sla", "checks")


@dataclass(frozen=True)
class Parsed:
    """A flow with its document: `data` is what was written, `flow` has the defaults applied."""

    flow: Flow
    document: Document
    data: dict[str, Any]


class InvalidFlow(Invalid):
    """The document is no valid flow."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("Invalid Flow", violations)


def parse_flow(
    text: str | bytes,
    registry: Registry,
    *,
    defaults: tuple[Mapping[str, Any], ...] = (),
) -> Parsed:
    """The flow of a YAML text. Raises DocumentError, or InvalidFlow with all violations.

    `defaults` are plugin defaults of the namespace and the installation, the nearest first.
    """
    document = read_document(text)
    if not isinstance(document.data, dict):
        raise InvalidFlow((document.violation((), "a flow must be a map"),))
    data = {k: v for k, v in document.data.items() if k not in ("revision", "tenantId")}
    flow = build_flow(data, registry, document, defaults)
    violations = tuple(check_flow(flow, document))
    if violations:
        raise InvalidFlow(violations)
    return Parsed(flow, document, data)


def build_flow(
    data: Mapping[str, Any],
    registry: Registry,
    document: Document | None = None,
    defaults: tuple[Mapping[str, Any], ...] = (),
) -> Flow:
    """The flow of plain data, defaults applied. Raises InvalidFlow."""
    full = with_defaults(data, registry, defaults)
    try:
        return Flow.model_validate(full, context=registry)
    except ValidationError as error:
        marks = document or Document(data)
        found = (*_violations(error, marks, full, registry), *check_labels(data, marks))
        raise InvalidFlow(found) from None
    except RecursionError:
        raise InvalidFlow((Violation(path="", message="nested too deeply"),)) from None


def _violations(
    error: ValidationError, document: Document, data: Any, registry: Registry
) -> Iterator[Violation]:
    seen: set[tuple[Path, str]] = set()
    for detail in error.errors(include_url=False):
        path = _existing(tuple(detail["loc"]), data)
        if detail["type"] == "too_short" and detail["input"]:
            continue  # it has items; they are wrong themselves, and are reported
        message = _message(detail, data, path, registry)
        message = _named(data, path) + message
        if (path, message) not in seen:
            seen.add((path, message))
            yield document.violation(path, message)


def _named(data: Any, path: Path) -> str:
    """The id of the task or trigger that a violation of a whole object is about."""
    current: Any = data
    for part in path:
        try:
            current = current[part]
        except (LookupError, TypeError):
            return ""
    is_object = isinstance(current, Mapping) and path and isinstance(current.get("id"), str)
    return f"{current['id']}: " if is_object else ""


def _existing(loc: tuple[Any, ...], data: Any) -> Path:
    """The path without pydantic's own steps (names of union members, of validators)."""
    path: list[str | int] = []
    current: Any = data
    for i, part in enumerate(loc):
        if (isinstance(current, Mapping) and part in current) or (
            isinstance(current, list | tuple) and isinstance(part, int) and part < len(current)
        ):
            current = current[part]
        elif i < len(loc) - 1 or (not isinstance(current, Mapping) and isinstance(part, str)):
            continue
        path.append(part)
    return tuple(path)


def _message(detail: ErrorDetails, data: Any, path: Path, registry: Registry) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(path, data, registry)
    if kind == "missing":
        return "must not be null"
    if kind == "too_short":
        return "must not be empty"
    if kind == "value_error":
        text = str(detail["msg"]).removeprefix("Value error, ")
        return _invalid_type(text, registry)
    if kind == "string_pattern_mismatch":
        return f'must match "{detail["ctx"]["pattern"]}"'
    return str(detail["msg"])


def _invalid_type(text: str, registry: Registry) -> str:
    if not text.startswith("Invalid type: "):
        return text
    name = text.removeprefix("Invalid type: ")
    known = [cls.type_name for cls in registry.list_types()]
    close = difflib.get_close_matches(name, known, 1, 0.75)
    return f'{text}; did you mean "{close[0]}"?' if close else text


def _unknown(path: Path, data: Any, registry: Registry) -> str:
    """The message for a property that its owner does not have."""
    owner: Any = data
    for part in path[:-1]:
        owner = owner[part]
    name = str(path[-1])
    known = _properties(path, owner, registry)
    text = f'Unrecognized field "{name}"'
    close = difflib.get_close_matches(name, known, 1, 0.6)
    if close:
        text += f'; did you mean "{close[0]}"?'
    elif known:
        text += f" ({len(known)} known properties: {', '.join(sorted(known))})"
    return text


def _properties(path: Path, owner: Any, registry: Registry) -> list[str]:
    cls: type[Any] | None = Flow if len(path) == 1 else None
    if isinstance(owner, Mapping) and isinstance(owner.get("type"), str):
        cls = registry.find(owner["type"])
    if cls is None or not (cls is Flow or issubclass(cls, Typed)):
        return []
    return [field.alias or name for name, field in cls.model_fields.items()]
