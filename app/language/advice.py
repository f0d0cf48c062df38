"""What a valid flow should still hear: earlier names, unreadable expressions, eager triggers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.errors import Violation
from app.expression.errors import ExpressionError
from app.expression.evaluate import is_template, parse
from app.language.document import Document, Path, show
from app.language.shape import Part, parts
from app.model.input import OLDER_TYPES, Input, Output
from app.model.names import is_deprecated, older_names, properties
from app.model.task import Typed
from app.plugin.registry import Registry
from app.trigger.flow import FlowTrigger

_RENDERED = ("tasks", "errors", "finally", "afterExecution", "outputs")
_NARROWING = ("conditions", "preconditions", "when", "dependsOn")
_RESERVED = (
    "The system namespace is reserved for background workflows, such as those that send "
    "alerts or purge logs: please use another namespace name"
)
_OLDER_TYPES = {str(older): str(present) for older, present in OLDER_TYPES.items()}
SYSTEM_NAMESPACE = "system"  #: hidden from the default lists


@dataclass(frozen=True)
class Advice:
    """Nothing of it keeps a flow from being saved."""

    deprecations: tuple[str, ...] = ()  #: paths of what has a newer spelling
    infos: tuple[str, ...] = ()  #: what replaced it
    warnings: tuple[str, ...] = ()
    places: tuple[Violation, ...] = ()  #: deprecations and warnings where they stand


def advise(document: Document, registry: Registry) -> Advice:
    """Everything there is to say about a document that is valid."""
    data = document.data
    found = list(parts(data, registry))
    deprecated = [path for part in found for path in _deprecated(part)]
    infos = [text for part in found for text in _replaced(part, registry)]
    noted = [place for part in found for place in _noted(part)]
    warnings = [text for _, text in noted]
    if data.get("namespace") == SYSTEM_NAMESPACE:
        noted.append((("namespace",), _RESERVED))
        warnings.append(_RESERVED)
    wrong = list(_expressions({key: data.get(key) for key in _RENDERED}, ()))
    warnings += [str(document.violation(path, message)) for path, message in wrong]
    old = [(path, f"{show(path)} is deprecated") for path in deprecated]
    return Advice(
        tuple(show(path) for path in deprecated),
        tuple(dict.fromkeys(infos)),
        tuple(warnings),
        tuple(
            replace(document.violation(path, message), is_warning=True)
            for path, message in (*noted, *wrong, *old)
        ),
    )


def _deprecated(part: Part) -> Iterator[Path]:
    if issubclass(part.model, Typed) and part.model.is_deprecated:
        yield part.path
    for key, _ in _older_types(part):
        yield (*part.path, key)
    older, fields = older_names(part.model), properties(part.model)
    for key in part.data:
        if key in older or (key in fields and is_deprecated(fields[key])):
            yield (*part.path, key)


def _replaced(part: Part, registry: Registry) -> Iterator[str]:
    if issubclass(part.model, Typed):
        written = str(part.data["type"])
        present = registry.replacement(written)
        if present is not None and present != written:
            yield f"{written} is replaced by {present}"
    for key, present in (*older_names(part.model).items(), *_older_types(part)):
        if key in part.data:
            yield f"{show((*part.path, key))} is replaced by {present}"


def _older_types(part: Part) -> Iterator[tuple[str, str]]:
    """Properties of an input or output that name a type of an earlier dialect."""
    if issubclass(part.model, Input | Output):
        for key in ("type", "itemType"):
            written = part.data.get(key)
            if isinstance(written, str) and written in _OLDER_TYPES:
                yield key, _OLDER_TYPES[written]


def _noted(part: Part) -> Iterator[tuple[Path, str]]:
    if issubclass(part.model, Typed) and part.model.notice:
        yield (*part.path, "type"), f"{part.data.get('id')}: {part.model.notice}"
    yield from _unbounded(part)


def _unbounded(part: Part) -> Iterator[tuple[Path, str]]:
    if part.model is FlowTrigger and not any(part.data.get(key) for key in _NARROWING):
        yield (
            part.path,
            f"The trigger '{part.data.get('id')}' starts an execution at the end of every "
            "execution of every other flow: add `conditions` or `preconditions`",
        )


def _expressions(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Texts that will fail when they are rendered, whatever the variables hold."""
    if isinstance(value, str) and is_template(value):
        try:
            parse(value)
        except ExpressionError as error:
            yield path, error.summary
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _expressions(item, (*path, i))
