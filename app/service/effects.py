"""What a task asks to be written together with its end: keys, labels, variables, Exit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.database import executions, namespaces, timers
from app.database import kv as kv_rows
from app.language.defaults import merge
from app.model.label import merge_labels
from app.model.state import State
from app.plugin.context import Effect
from app.service import kept, kv
from app.service.progress import Mover
from app.service.scope import merged

_LAST_READ = timedelta(hours=1)  #: until then a step may still look at what was replaced
#: effects that write the execution's own row: their end is recorded under the strong lock
_OF_EXECUTION = frozenset({"labels", "variables", "exit", "files"})


def need_lock(effects: Sequence[Effect]) -> bool:
    """Whether the attempt's end must be recorded alone in its execution."""
    return any(effect.kind in _OF_EXECUTION for effect in effects)


def exit_state(effects: Sequence[Effect]) -> State | None:
    """The state in which an Exit leaves the execution; None without one."""
    found = (State(e.data["state"]) for e in effects if e.kind == "exit")
    return next(found, None)


def apply(mover: Mover, effects: Sequence[Effect]) -> None:
    """Writes the effects of an attempt in the transaction that records its end."""
    for effect in effects:
        _KINDS[effect.kind](mover, effect.data)
    if need_lock(effects):  # a step that is born claimed with this one's end sees the change
        mover.execution = executions.find(mover.tx, mover.execution.id) or mover.execution


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
    own = kept.read(mover.rt, row.variables)
    whole = merged(mover.index.flow.variables or {}, own)
    values = {**own, **dict.fromkeys(data.get("unset", ()))}
    for name, value in data.get("variables", {}).items():
        before = whole.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = merge(before, value)
        values[name] = value
    column = kept.keep(mover.rt, kept.folder_of(row), values)
    executions.write(mover.tx, row.id, variables=column)
    if isinstance(row.variables, str):  # parallel steps may be reading it
        due = mover.now + _LAST_READ
        timers.add(mover.tx, "unlink", row.variables, 0, due)  # the end takes the execution's own


def _files(mover: Mover, data: Mapping[str, Any]) -> None:
    snapshot = namespaces.snapshot(mover.tx, data["namespace"])
    executions.write(mover.tx, mover.execution.id, snapshot=snapshot)


def _exit(mover: Mover, data: Mapping[str, Any]) -> None:
    """Nothing: `leaving.leave` acts on it where the attempt is recorded."""


_KINDS: dict[str, Callable[[Mover, Mapping[str, Any]], None]] = {
    "kv.set": _kv_set,
    "kv.delete": _kv_delete,
    "labels": _labels,
    "variables": _variables,
    "exit": _exit,
    "files": _files,
}
