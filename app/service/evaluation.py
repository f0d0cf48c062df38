"""Rendering an expression on demand: for the console of an execution, or over a given scope.

Whoever asks may choose the expression, and so take a hidden value apart or compare it: here it is
the mask from the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.database import executions, steps
from app.errors import TrunklineError
from app.expression.evaluate import render
from app.service import flows, iteration_names, kv, scope
from app.service.crypto import Veil
from app.service.masking import MASK
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound
from app.service.world import OpenWorld


@dataclass(frozen=True)
class Place:
    """What an expression sees."""

    names: Mapping[str, Any]
    world: OpenWorld

    def render(self, template: str) -> str:
        """The text of a template; secrets are masked. Raises ExpressionError."""
        return self.world.masked(render(template, self.names, self.world))


@dataclass(frozen=True)
class Outcome:
    """One of both."""

    text: str | None = None
    error: str | None = None


def of_execution(
    rt: Runtime, execution_id: str, template: str, task_run_id: str | None = None
) -> str:
    """The text of a template with an execution's variables; its secrets are masked."""
    return in_execution(rt, execution_id, task_run_id).render(template)


def of_many(templates: Mapping[Any, str], place: Place) -> dict[Any, Outcome]:
    """The outcome of each template."""
    found = {}
    for name, template in templates.items():
        try:
            found[name] = Outcome(text=place.render(template))
        except TrunklineError as error:
            found[name] = Outcome(error=str(error))
    return found


def in_source(rt: Runtime, source: str, given: Mapping[str, Any]) -> Place:
    """What the flow of a source sees before its first task. Raises InvalidFlow."""
    flow = flows.parse(rt, source).flow
    names = {
        "flow": {"id": flow.id, "namespace": flow.namespace},
        "inputs": dict(given),
        "vars": dict(flow.variables or {}),
        "labels": {},
    }
    return Place(names, _Looking(rt, flow.namespace, flow.id))


def in_execution(rt: Runtime, execution_id: str, task_run_id: str | None = None) -> Place:
    """What an execution sees. Raises ExecutionNotFound."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, execution_id)
        run = steps.run(tx, task_run_id) if task_run_id else None
    if execution is None:
        raise ExecutionNotFound(execution_id)
    if run is not None and run.execution_id != execution_id:
        run = None  # that of another execution, which the caller may not be allowed to see
    veil = Veil((), scope.ring_of(rt, execution).place)
    names = scope.of_execution(rt, execution, flows.index_of(rt, execution), ring=veil)
    if run is not None:
        value = run.value and iteration_names.shown(run.value)
        names["taskrun"] = {"id": run.id, "value": value, "iteration": run.iteration}
        names["task"] = {"id": run.task_id}
    return Place(names, _Looking(rt, execution.namespace, execution.flow_id, execution.id))


class _Looking(OpenWorld):
    """The world of somebody who looks: secrets are there, their values are not (decision 0140)."""

    def _secret(self, key: str, *args: Any, **kwargs: Any) -> Any:
        super()._secret(key, *args, **kwargs)
        return MASK

    def _opened(self, row: Any) -> Any:
        return kv.veiled(row)


class GivenWorld(_Looking):
    """The world of a template that was sent with its whole scope."""

    def __init__(self, rt: Runtime, names: Mapping[str, Any]) -> None:
        flow = names.get("flow") if isinstance(names.get("flow"), Mapping) else {}
        super().__init__(rt, namespace_of(names) or "none", str((flow or {}).get("id") or ""))


def namespace_of(names: Mapping[str, Any]) -> str:
    """The namespace of the flow in a given scope, whose secrets, keys and files it sees; or ""."""
    flow = names.get("flow")
    return str(flow.get("namespace") or "") if isinstance(flow, Mapping) else ""


def of_scope(rt: Runtime, template: str, names: Mapping[str, Any]) -> str:
    """The text of a template over a given scope; secrets are masked. Raises ExpressionError."""
    return Place(names, GivenWorld(rt, names)).render(template)
