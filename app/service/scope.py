"""The variables that expressions of an execution see (flow language 8.10, 8.11).

Lazy: outputs are read from the database only when an expression asks for them, a task at a time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from app.database import flows as flow_rows
from app.database import namespaces, outputs
from app.engine.index import ROOT, FlowIndex
from app.language.defaults import merge
from app.model.state import Gate
from app.service import crypto, kept
from app.service.error_scope import error_of
from app.service.iteration_names import opened
from app.service.loop_scope import View, is_number, item_of, parents_of
from app.service.runtime import Runtime
from app.service.sealing import unsealed
from app.service.work import Ahead, Place, Step, Unrecorded
from app.settings import envs_from


class Lazy(Mapping[str, Any]):
    """A map whose values are made when they are first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Deferred(Mapping[str, Any]):
    """A map that is made when it is first looked into."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make
        self._made: Mapping[str, Any] | None = None

    def _all(self) -> Mapping[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class Outputs(Mapping[str, Any]):
    """`outputs`: by task id, then by the values of the enclosing iterations."""

    def __init__(
        self,
        rt: Runtime,
        execution: Row[Any],
        view: View,
        ahead: Mapping[str, Ahead],
        ring: crypto.Keyring,
    ) -> None:
        """`ahead` are steps that no row tells of yet, by task id; `ring` opens what is read."""
        #: hears of each encrypted value that is read, so that logs hide it
        self.on_secret: Callable[[str], None] = lambda _value: None
        self._rt = rt
        self._execution_id = execution.id
        self.ring = ring
        self.view = view
        self._ahead = ahead
        self._read: dict[str, Any] = {}
        self._ids: list[str] | None = None

    def __getitem__(self, task_id: str) -> Any:
        if task_id not in self._read:
            rows = self._rows(task_id)
            placed = [(self.view.place_of(task_id, row.path), row) for row in rows]
            seen = [(path, row) for path, row in placed if path is not None]
            if not seen:
                raise KeyError(task_id)
            self._read[task_id] = self._merged(seen)
        return self._read[task_id]

    def _merged(self, rows: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for path, row in rows:
            place = result
            for value in path:
                place = place.setdefault(self.opened(value), {})
            for key, value in _outputs_of(self._rt, row).items():
                place[key] = unsealed(self.ring, value, self.on_secret)
        return result

    def opened(self, value: Any) -> Any:
        """A stored value, or that of an iteration, with what is encrypted opened."""
        if isinstance(value, str):
            return opened(self.ring, value, self.on_secret)
        return unsealed(self.ring, value, self.on_secret)

    def _rows(self, task_id: str) -> list[Any]:
        fresh = self._ahead.get(task_id)
        with self._rt.database.reading() as tx:
            rows = outputs.outputs_of(tx, self._execution_id, task_id)
        if fresh is None:
            return list(rows)
        return [*(row for row in rows if row.id != fresh.id), fresh]

    def __iter__(self) -> Iterator[str]:
        if self._ahead:
            raise Unrecorded
        if self._ids is None:
            with self._rt.database.reading() as tx:
                found = outputs.tasks_with_outputs(tx, self._execution_id)
            seen = [task_id for task_id in found if self.view.may_see(task_id)]
            self._ids = [task_id for task_id in seen if task_id in self]
        return iter(self._ids)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _outputs_of(rt: Runtime, row: Any) -> dict[str, Any]:
    """A run's outputs, from its row or, when they are large, from storage."""
    found = kept.outputs_of(rt, row)
    is_shared = isinstance(row, Ahead) and row.outputs_uri is None
    return dict(json.loads(json.dumps(found)) if is_shared else found)


def hear_secrets(rt: Runtime, execution: Row[Any], on_secret: Callable[[str], None]) -> None:
    """Tells of the encrypted values in the row of an execution."""
    ring = ring_of(rt, execution)
    for column in (execution.inputs, execution.variables):
        if not isinstance(column, str):
            unsealed(ring, column, on_secret)
    unsealed(ring, (execution.trigger or {}).get("variables"), on_secret)


def ring_of(rt: Runtime, execution: Any) -> crypto.Keyring:
    """The keys for what an execution was given and gives."""
    return crypto.Keyring.of(rt.settings).at(execution.namespace, execution.flow_id)


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    result: dict[str, Any] = {}
    for key, value in flat.items():
        *folders, name = key.split(".")
        place = result
        for folder in folders:
            place = place.setdefault(folder, {})
            if not isinstance(place, dict):
                break
        else:
            place[name] = value
    return result


def _inputs(rt: Runtime, execution: Row[Any], outputs: Outputs) -> Mapping[str, Any]:
    """`inputs`; large ones are read when they are looked at, and tell of secrets then."""
    ring, column = outputs.ring, execution.inputs
    if isinstance(column, str):
        return Deferred(lambda: nested(unsealed(ring, kept.read(rt, column), outputs.on_secret)))
    return nested(unsealed(ring, column))


def _variables(
    rt: Runtime, own: Mapping[str, Any], execution: Row[Any], outputs: Outputs
) -> Mapping[str, Any]:
    """`vars`: as with inputs."""
    ring, column = outputs.ring, execution.variables
    if isinstance(column, str):
        return Deferred(
            lambda: merged(own, unsealed(ring, kept.read(rt, column), outputs.on_secret))
        )
    return merged(own, unsealed(ring, column))


def _trigger(rt: Runtime, execution: Row[Any], outputs: Outputs) -> Mapping[str, Any]:
    """`trigger`: as with inputs."""
    variables = kept.trigger_variables(rt, execution.trigger)
    if execution.trigger.get("kept"):
        return Deferred(lambda: unsealed(outputs.ring, variables, outputs.on_secret))
    found: Mapping[str, Any] = unsealed(outputs.ring, variables)
    return found


def merged(variables: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A flow's variables after what its execution set; one that was unset is null there."""
    both = {**variables, **changes}
    return {k: v for k, v in both.items() if v is not None or k not in changes}


def namespace_variables(rt: Runtime, namespace: str) -> Mapping[str, Any]:
    """`namespace`: its id, and the variables of it and its parents, its own winning."""

    def read() -> dict[str, Any]:
        found: dict[str, Any] = {}
        parts = namespace.split(".")
        with rt.database.reading() as tx:
            for size in range(1, len(parts) + 1):
                row = namespaces.find(tx, ".".join(parts[:size]))
                found = merge(found, row.variables) if row is not None else found
        return {**found, "id": namespace}

    return Deferred(read)


def _task_states(
    rt: Runtime, execution_id: str, ahead: Mapping[str, Ahead], given: Outputs
) -> dict[str, Any]:
    """`tasks`: the state of each task so far, in a loop by its value."""
    if ahead:
        raise Unrecorded
    found: dict[str, Any] = {}
    with rt.database.reading() as tx:
        rows = outputs.states_of(tx, execution_id)
    for row in rows:
        place = found.setdefault(row.task_id, {})
        for value in row.path:
            place = place.setdefault(given.opened(value), {})
        place["state"] = row.state
    return found


def _origin(rt: Runtime, execution: Row[Any]) -> dict[str, Any]:
    """Where the flow's revision comes from in Git; `commit` is the one that runs."""
    with rt.database.reading() as tx:
        place = (execution.namespace, execution.flow_id, execution.revision)
        row = flow_rows.revision(tx, *place)
    found = dict(row.git or {}) if row is not None else {}
    if execution.commit:
        found["commit"] = execution.commit
    return found


def _execution(rt: Runtime, execution: Row[Any], given: Outputs) -> dict[str, Any]:
    """`execution`; tasks that run after its end know its outputs too."""
    is_after = execution.gate == Gate.AFTER
    state = (is_after and execution.end_state) or execution.state
    found = {"id": execution.id, "startDate": execution.created_at, "state": state}
    if is_after and execution.outputs:
        found["outputs"] = Deferred(
            lambda: unsealed(given.ring, kept.read(rt, execution.outputs), given.on_secret)
        )
    return found | {"originalId": execution.original_id}


def of_execution(
    rt: Runtime,
    execution: Row[Any],
    index: FlowIndex,
    ahead: Mapping[str, Ahead] = MappingProxyType({}),
    ring: crypto.Keyring | None = None,
) -> dict[str, Any]:
    """The scope of an execution as a whole; `ahead` are steps that no row tells of yet.

    `ring` opens what is encrypted: the flow's own, unless somebody who may not see it looks.
    """
    flow = index.flow
    given = Outputs(rt, execution, View(index), ahead, ring or ring_of(rt, execution))
    scope: dict[str, Any] = {
        "flow": Lazy(
            {
                "id": lambda: flow.id,
                "namespace": lambda: flow.namespace,
                "revision": lambda: flow.revision,
                "tenantId": lambda: "main",
                "source": lambda: _origin(rt, execution),
            }
        ),
        "execution": _execution(rt, execution, given),
        **({"inputs": _inputs(rt, execution, given)} if execution.inputs else {}),
        "vars": _variables(rt, flow.variables or {}, execution, given),
        "namespace": namespace_variables(rt, execution.namespace),
        "labels": nested(execution.labels),
        "outputs": given,
        "envs": envs_from(rt.environ),
        "globals": rt.settings.globals,
        "kestra": {"environment": rt.settings.environment, "url": rt.settings.url},
        "tasks": Deferred(lambda: _task_states(rt, execution.id, ahead, given)),
    }
    if execution.trigger:
        scope["trigger"] = _trigger(rt, execution, given)
        if str(execution.trigger.get("type")).endswith("Schedule") and "date" in scope["trigger"]:
            scope["schedule"] = scope["trigger"]
    return scope


def of_step(
    rt: Runtime, step: Step, ahead: Mapping[str, Ahead] = MappingProxyType({})
) -> dict[str, Any]:
    """The scope of one attempt."""
    scope = of_execution(rt, step.execution, step.index, ahead)
    taskrun: dict[str, Any] = {
        "id": step.task_run_id,
        "startDate": step.started_at,
        "attemptsCount": step.attempt - 1,
    }
    if step.place.parent_run is not None:
        taskrun["parentId"] = step.place.parent_run
    scope["outputs"].view = View(step.index, step.place.path, step.task.id)
    if step.place.value is not None:
        if not is_number(step.index, step.place.scope_task, step.place.block):
            taskrun["value"] = scope["outputs"].opened(step.place.value)
        taskrun["iteration"] = step.iteration
    scope["taskrun"] = taskrun
    scope["task"] = {"id": step.task.id, "type": step.task.type}
    if step.place.block == "inside":
        own = step.place.path[-1:] and scope["outputs"].opened(step.place.path[-1])
        scope["workerTaskrun"] = {"id": step.place.scope, "value": own or None}
    return _WithMore(scope, _more(rt, step, ahead, scope["outputs"]))


def _more(rt: Runtime, step: Step, ahead: Mapping[str, Ahead], given: Outputs) -> Lazy:
    """What costs a question: None where there is no such thing."""

    def error() -> dict[str, Any] | None:
        if ahead:
            raise Unrecorded
        return error_of(rt, step.execution_id)

    made: dict[str, Callable[[], Any]] = {"error": error}
    if step.place.parent_run is not None:
        made["parents"] = lambda: parents_of(rt, step, given.opened)
        made["item"] = lambda: item_of(rt, step, given.opened)
    return Lazy(made)


def idle_step(execution: Row[Any], index: FlowIndex, row: Row[Any]) -> Step:
    """A task run that no process holds, as the scope needs it; `row` as `steps.placed` gives."""
    task = index.tasks[row.task_id]
    place = Place(
        sequence=row.sequence,
        scope=row.scope_id,
        scope_task=row.scope_task,
        block=row.block,
        idx=row.idx,
        path=tuple(row.path),
        value=row.seq_value,
        steps=(),
        parent_run=None if row.scope_task == ROOT else row.scope_id,
    )
    return Step(
        execution_id=execution.id,
        task_run_id=row.id,
        attempt=row.attempt,
        owner=None,
        pos=row.pos,
        task=task,
        place=place,
        index=index,
        queue=row.queue,
        tries=row.tries,
        iteration=row.iteration,
        started_at=row.created_at,
        execution=execution,
    )


def of_run(rt: Runtime, execution: Row[Any], index: FlowIndex, row: Row[Any]) -> dict[str, Any]:
    """The scope of a task run that no process holds; `row` as `steps.placed` gives."""
    return of_step(rt, idle_step(execution, index, row))


class _WithMore(dict[str, Any]):
    """A scope whose `parent`, `parents`, `item` and `error` are read when asked for."""

    def __init__(self, scope: Mapping[str, Any], more: Lazy) -> None:
        super().__init__(scope)
        self.more = more

    def copy(self) -> "_WithMore":
        return _WithMore(self, self.more)

    def __missing__(self, key: str) -> Any:
        is_parent = key == "parent"
        found = next(iter(self.more["parents"]), None) if is_parent else self.more[key]
        if found is None:
            raise KeyError(key)
        return found
