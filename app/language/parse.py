"""A document to a Flow: every violation at once, each with path, line and column."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.errors import Invalid, Violation
from app.language.check import check_document
from app.language.defaults import with_defaults
from app.language.document import Document, Path, read_document
from app.model.flow import Flow
from app.plugin.registry import Registry

DefaultsOf = Callable[[str], tuple[Mapping[str, Any], ...]]


def no_defaults(_namespace: str) -> tuple[Mapping[str, Any], ...]:
    """Around no flow are any plugin defaults."""
    return ()


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
    text: str | bytes, registry: Registry, defaults_of: DefaultsOf = no_defaults
) -> Parsed:
    """The flow of a YAML text. Raises DocumentError, or InvalidFlow with all violations.

    `defaults_of` gives the plugin defaults around a flow of a namespace, the nearest first.
    """
    return parse_document(read_document(text), registry, defaults_of)


def parse_document(
    document: Document, registry: Registry, defaults_of: DefaultsOf = no_defaults
) -> Parsed:
    """The flow of a document that was read. Raises InvalidFlow with all violations."""
    if not isinstance(document.data, dict):
        raise InvalidFlow((document.violation((), "a flow must be a map"),))
    data = {k: v for k, v in document.data.items() if k not in ("revision", "tenantId")}
    full = with_defaults(data, registry, defaults_of(str(data.get("namespace"))))
    broken = list(check_document(data, full, document, registry))
    try:
        flow = _read(full, document, registry)
    except InvalidFlow as error:
        raise InvalidFlow(_all(broken, error.violations)) from None
    if broken:
        raise InvalidFlow(_all(broken, ()))
    return Parsed(flow, document, data)


def _all(broken: Sequence[Violation], shape: Sequence[Violation]) -> tuple[Violation, ...]:
    """The violations of both kinds, each once, by their place."""
    found = {(v.path, v.message): v for v in (*shape, *broken)}
    return tuple(sorted(found.values(), key=lambda v: (v.line or 0, v.column or 0)))


def build_flow(
    data: Mapping[str, Any], registry: Registry, defaults: tuple[Mapping[str, Any], ...] = ()
) -> Flow:
    """The flow of plain data, defaults applied. Raises InvalidFlow."""
    return _read(with_defaults(data, registry, defaults), Document(data), registry)


def _read(full: Mapping[str, Any], document: Document, registry: Registry) -> Flow:
    try:
        return Flow.model_validate(full, context=registry)
    except ValidationError as error:
        raise InvalidFlow(tuple(_violations(error, document, full, registry))) from None
    except RecursionError:
        raise InvalidFlow((Violation(path="", message="nested too deeply"),)) from None


def _violations(
    error: ValidationError, document: Document, data: Any, registry: Registry
) -> Iterator[Violation]:
    for detail in error.errors(include_url=False):
        path = _existing(tuple(detail["loc"]), data, is_absent=detail["type"] == "missing")
        if detail["type"] == "extra_forbidden":
            continue  # `check` says it better
        if detail["type"] == "too_short" and detail["input"]:
            continue  # it has items; they are wrong themselves, and are reported
        message = _message(detail, registry)
        if message.startswith("Invalid type: "):
            path = (*path, "type")
        yield document.violation(path, _named(data, path) + message)


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


def _existing(loc: tuple[Any, ...], data: Any, *, is_absent: bool) -> Path:
    """The path without pydantic's own steps (names of union members, of validators).

    What is absent is named by the last step.
    """
    path: list[str | int] = []
    current: Any = data
    for i, part in enumerate(loc):
        if (isinstance(current, Mapping) and part in current) or (
            isinstance(current, list | tuple) and isinstance(part, int) and part < len(current)
        ):
            current = current[part]
        elif i < len(loc) - 1 or not is_absent or not isinstance(current, Mapping):
            continue
        path.append(part)
    return tuple(path)


def _message(detail: ErrorDetails, registry: Registry) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "must not be null"
    if kind == "too_short":
        return "must not be empty"
    if kind == "value_error":
        text = str(detail["msg"]).removeprefix("Value error, ")
        return _invalid_type(text, registry)
    if kind == "string_pattern_mismatch":
        return f'must match "{detail["ctx"]["pattern"]}"'
    if kind in ("enum", "literal_error"):
        return _not_listed(str(detail["msg"]), detail["input"])
    return str(detail["msg"])


def _not_listed(text: str, value: Any) -> str:
    """A value that is none of a list, with the one that is nearest."""
    listed = re.findall(r"'([^']+)'", text)
    close = difflib.get_close_matches(str(value).upper(), listed, 1, 0.6)
    return f'{text}; did you mean "{close[0]}"?' if close else text


def _invalid_type(text: str, registry: Registry) -> str:
    if not text.startswith("Invalid type: "):
        return text
    name = text.removeprefix("Invalid type: ")
    known = [cls.type_name for cls in registry.list_types()]
    close = difflib.get_close_matches(name, known, 1, 0.75)
    return f'{text}; did you mean "{close[0]}"?' if close else text
