"""What a task asks to be written together with its end: keys, labels, variables, Exit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.database import executions
from app.database import kv as kv_rows
from app.model.label import merge_labels
from app.plugin.context import Effect
from app.service import kv
from app.service.progress import Mover


def apply(mover: Mover, effects: Sequence[Effect]) -> None:
    """Writes the effects of an attempt in the transaction that records its end."""
    for effect in effects:
        _KINDS[effect.kind](mover, effect.data)


def _kv_set(mover: Mover, data: Mapping[str, Any]) -> None:
    kv.put_in(mover.tx, mover.rt, data)


def _kv_delete(mover: Mover, data: Mapping[str, Any]) -> None:
    kv_rows.drop(mover.tx, data["namespace"], data["key"])


def _labels(mover: Mover, data: Mapping[str, Any]) -> None:
    row = executions.find(mover.tx, mover.execution.id)
    assert row is not None
    merged = merge_labels(row.labels, data["labels"])
    executions.write(mover.tx, row.id, labels=merged)
    executions.write_labels(mover.tx, row.id, merged)


def _variables(mover: Mover, data: Mapping[str, Any]) -> None:
    row = executions.find(mover.tx, mover.execution.id)
    assert row is not None
    executions.write(mover.tx, row.id, variables={**row.variables, **data["variables"]})


_KINDS: dict[str, Callable[[Mover, Mapping[str, Any]], None]] = {
    "kv.set": _kv_set,
    "kv.delete": _kv_delete,
    "labels": _labels,
    "variables": _variables,
}
