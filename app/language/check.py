"""Rules between the parts of a flow (flow language 1.2), asked of its document.

They work on plain data, so that a flow whose shape is wrong hears of them in the same answer.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.errors import Violation
from app.language.document import Document, Path
from app.language.inputs import check_inputs
from app.language.shape import Part, all_parts
from app.model.flow import Flow
from app.model.input import Input
from app.model.label import READ_ONLY, SYSTEM_PREFIX, read_labels
from app.model.names import properties
from app.model.task import AbstractTrigger, Condition, Task
from app.plugin.registry import Registry
from app.trigger.webhook import Webhook

_SYSTEM = "System labels can only be set by Kestra itself, offending label: "


def check_document(
    data: Mapping[str, Any], full: Mapping[str, Any], document: Document, registry: Registry
) -> Iterator[Violation]:
    """Every rule that the flow breaks; `full` is `data` with the defaults applied."""
    found = list(all_parts(full, registry))
    for path, message in _broken(data, found, registry):
        yield document.violation(path, message)


def _broken(
    data: Mapping[str, Any], found: Sequence[Part], registry: Registry
) -> Iterator[tuple[Path, str]]:
    yield from _duplicates("task id", [p for p in found if issubclass(p.model, Task)])
    yield from _duplicates("trigger id", [p for p in found if issubclass(p.model, AbstractTrigger)])
    for name in ("inputs", "outputs"):
        block = data.get(name)
        rows = block if isinstance(block, list) else []
        items = [Part((name, i), Input, v) for i, v in enumerate(rows) if isinstance(v, Mapping)]
        yield from _duplicates(name[:-1], items)
    yield from check_inputs(data.get("inputs"), ("inputs",))
    for part in found:
        if not part.is_known:
            continue
        yield from _unknown(part)
        yield from _labels(part)
        yield from _called_itself(part, data)
        yield from _asked_of_webhook(part)
        if "onResume" in part.data and issubclass(part.model, Task):
            yield from check_inputs(part.data["onResume"], (*part.path, "onResume"))
    yield from _defaults(data, registry)


def _duplicates(what: str, items: Iterable[Part]) -> Iterator[tuple[Path, str]]:
    """One message for all ids that stand twice, at the first that does."""
    seen: set[str] = set()
    again: dict[str, Path] = {}
    for item in items:
        name = item.data.get("id") or item.data.get("name")
        if isinstance(name, str):
            if name in seen:
                again.setdefault(name, (*item.path, "id"))
            seen.add(name)
    if again:
        yield next(iter(again.values())), f"Duplicate {what} with name [{', '.join(again)}]"


def _unknown(part: Part) -> Iterator[tuple[Path, str]]:
    if part.model.model_config.get("extra") != "forbid":
        return
    known = properties(part.model)
    for key in part.data:
        if key not in known and not (part.model is Flow and key in ("revision", "tenantId")):
            yield (*part.path, key), unknown_field(key, list(known))


def unknown_field(name: str, known: Sequence[str]) -> str:
    """The message for a property that its owner does not have."""
    text = f'Unrecognized field "{name}"'
    close = difflib.get_close_matches(name, known, 1, 0.6)
    if close:
        return f'{text}; did you mean "{close[0]}"?'
    return f"{text} ({len(known)} known properties: {', '.join(sorted(known))})"


def _labels(part: Part) -> Iterator[tuple[Path, str]]:
    """Labels that only the product may set."""
    if issubclass(part.model, Condition) or "labels" not in properties(part.model):
        return
    try:
        labels = read_labels(part.data.get("labels"))
    except ValueError as error:
        if part.model is not Flow and not isinstance(part.data.get("labels"), str):
            yield (*part.path, "labels"), str(error)
        return
    for key, value in labels.items():
        if key.startswith(SYSTEM_PREFIX) and not (part.model is Flow and key == READ_ONLY):
            yield (*part.path, "labels"), f"{_SYSTEM}{key}={value}"


def _called_itself(part: Part, data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    if "transmitFailed" not in properties(part.model):
        return
    called = (part.data.get("namespace"), part.data.get("flowId"))
    if called == (data.get("namespace"), data.get("id")):
        yield part.path, f"Recursive call to flow [{called[0]}.{called[1]}]"


def _asked_of_webhook(part: Part) -> Iterator[tuple[Path, str]]:
    conditions = part.data.get("conditions")
    if not issubclass(part.model, Webhook) or not isinstance(conditions, list):
        return
    for i, condition in enumerate(conditions):
        name = condition.get("type") if isinstance(condition, Mapping) else None
        short = str(name).rpartition(".")[2].removesuffix("Condition")
        if short == "Multiple":
            message = "invalid webhook: conditions of type MultipleCondition are not supported"
            yield (*part.path, "conditions", i), message


def _defaults(data: Mapping[str, Any], registry: Registry) -> Iterator[tuple[Path, str]]:
    block = next((key for key in ("pluginDefaults", "taskDefaults") if key in data), "")
    entries = data.get(block)
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            for place, message in _default(entry, registry):
                yield (block, i, *place), f"Invalid Plugin Default: {message}"


def _default(entry: Mapping[str, Any], registry: Registry) -> Iterator[tuple[Path, str]]:
    name, values = entry.get("type"), entry.get("values")
    if not name:
        yield (), "No 'type' provided"
    if not values:
        yield (), "No 'values' provided"
    if not isinstance(values, Mapping):
        return
    model = registry.find(name) if isinstance(name, str) else None
    known = properties(model) if model is not None else {}
    for key, value in values.items():
        if value is None:
            yield ("values", key), f"No value provided for key '{key}'"
        elif model is not None and key not in known:
            yield ("values", key), f"No property '{key}' exists in plugin '{name}'"
