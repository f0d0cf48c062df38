"""What a flow's shape cannot say: rules between its parts (flow language 1.2)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.errors import Violation
from app.expression.errors import ExpressionError
from app.expression.evaluate import is_template, parse
from app.language.document import Document, Path
from app.model.flow import Flow
from app.model.input import Input, InputType
from app.model.label import READ_ONLY, SYSTEM_PREFIX, read_labels

_RENDERED = ("tasks", "errors", "finally", "afterExecution", "outputs")
_EACH_TYPES = (InputType.SELECT, InputType.ENUM, InputType.MULTISELECT)


def check_flow(flow: Flow, document: Document) -> Iterator[Violation]:
    """Every rule that the flow breaks."""
    yield from check_labels(document.data, document)
    for path, message in _broken(flow, document.data):
        yield document.violation(path, message)


def _broken(flow: Flow, data: Any) -> Iterator[tuple[Path, str]]:
    yield from _duplicates("task", [task.id for task in flow.all_tasks()], "tasks")
    yield from _duplicates("trigger", [trigger.id for trigger in flow.triggers], "triggers")
    yield from _duplicates("input", [item.id for item in flow.inputs], "inputs")
    yield from _duplicates("output", [item.id for item in flow.outputs], "outputs")
    yield from _recursion(flow)
    yield from check_inputs(flow.inputs, ("inputs",))
    yield from _defaults(flow)
    yield from _expressions({k: data.get(k) for k in _RENDERED if isinstance(data, dict)}, ())


def check_labels(data: Any, document: Document) -> Iterator[Violation]:
    """Labels that only the product may set."""
    try:
        labels = read_labels(data.get("labels") if isinstance(data, Mapping) else None)
    except ValueError:
        return
    for key, value in labels.items():
        if key.startswith(SYSTEM_PREFIX) and key != READ_ONLY:
            message = "System labels can only be set by Kestra itself, offending label: "
            yield document.violation(("labels",), f"{message}{key}={value}")


def _duplicates(what: str, ids: Iterable[str], block: str) -> Iterator[tuple[Path, str]]:
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        yield (block,), f"Duplicate {what} id with name [{', '.join(twice)}]"


def _recursion(flow: Flow) -> Iterator[tuple[Path, str]]:
    for task in flow.all_tasks():
        called = (getattr(task, "namespace", None), getattr(task, "flow_id", None))
        if called == (flow.namespace, flow.id) and hasattr(task, "transmit_failed"):
            yield ("tasks",), f"Recursive call to flow [{flow.namespace}.{flow.id}]"


def check_inputs(inputs: tuple[Input, ...], where: Path) -> Iterator[tuple[Path, str]]:
    """Rules between the inputs of a flow (or of a Pause's `onResume`)."""
    by_id = {item.id: item for item in inputs}
    for i, item in enumerate(inputs):
        path = (*where, i)
        yield from _check_input(item, path)
        for name in item.depends_on.inputs if item.depends_on else ():
            if name not in by_id:
                message = f"Input with id '{item.id}' depends on a non-existent input '{name}'."
                yield path, message
        cycle = _cycle(item.id, by_id)
        if cycle:
            message = f"Cycle dependency detected for input with id '{item.id}': {cycle}"
            yield path, message


def _check_input(item: Input, path: Path) -> Iterator[tuple[Path, str]]:
    if item.type is InputType.ARRAY and item.item_type is None:
        yield (*path, "itemType"), "must not be null"
    if item.item_type is InputType.ARRAY:
        yield (*path, "itemType"), "`itemType` cannot be `ARRAY`"
    if item.values is not None and item.options is not None:
        yield (*path, "options"), "you can't define both `values` and `options`"
    if item.type in _EACH_TYPES and not (item.values or item.options or item.expression):
        yield path, "you must define either `values` or `expression`"
    if item.validator is not None:
        try:
            re.compile(item.validator)
        except re.error:
            yield (*path, "validator"), f"invalid pattern [{item.validator}]"


def _cycle(start: str, by_id: Mapping[str, Input]) -> list[str]:
    seen: list[str] = []
    waiting = [start]
    while waiting:
        item = by_id.get(waiting.pop())
        for name in item.depends_on.inputs if item is not None and item.depends_on else ():
            if name == start:
                return [*seen, name]
            if name not in seen:
                seen.append(name)
                waiting.append(name)
    return []


def _defaults(flow: Flow) -> Iterator[tuple[Path, str]]:
    for i, entry in enumerate(flow.plugin_defaults):
        path = ("pluginDefaults", i)
        if not entry.type:
            yield path, "Invalid Plugin Default: No 'type' provided"
        if not entry.values:
            yield path, "Invalid Plugin Default: No 'values' provided"
        for key, value in (entry.values or {}).items():
            if value is None:
                yield path, f"Invalid Plugin Default: No value provided for key '{key}'"


def _expressions(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
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
