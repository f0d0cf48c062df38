"""What a valid flow should still hear: names of earlier dialects, triggers that fire too often."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.language.document import Path, show
from app.language.shape import Part, is_deprecated, older_names, parts, properties
from app.model.task import Typed
from app.plugin.registry import Registry
from app.trigger.flow import FlowTrigger

_NARROWING = ("conditions", "preconditions", "when", "dependsOn")


@dataclass(frozen=True)
class Advice:
    """Nothing of it keeps a flow from being saved."""

    deprecations: tuple[str, ...] = ()  #: paths of what has a newer spelling
    infos: tuple[str, ...] = ()  #: what replaced it
    warnings: tuple[str, ...] = ()


def advise(data: Mapping[str, Any], registry: Registry) -> Advice:
    """Everything there is to say about a document that is valid."""
    found = list(parts(data, registry))
    deprecations = [show(path) for part in found for path in _deprecated(part)]
    infos = [text for part in found for text in _replaced(part, registry)]
    warnings = [text for part in found for text in _unbounded(part)]
    return Advice(tuple(deprecations), tuple(dict.fromkeys(infos)), tuple(warnings))


def _deprecated(part: Part) -> Iterator[Path]:
    if issubclass(part.model, Typed) and part.model.is_deprecated:
        yield part.path
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
    for key, present in older_names(part.model).items():
        if key in part.data:
            yield f"{show((*part.path, key))} is replaced by {present}"


def _unbounded(part: Part) -> Iterator[str]:
    if part.model is FlowTrigger and not any(part.data.get(key) for key in _NARROWING):
        yield (
            f"The trigger '{part.data.get('id')}' starts an execution at the end of every "
            "execution of every other flow: add `conditions` or `preconditions`"
        )
