"""Rendering an expression on demand: for the console of an execution, or over a given scope."""

from collections.abc import Mapping
from typing import Any

from app.database import executions, steps
from app.expression.evaluate import render
from app.service import flows, scope
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound
from app.service.world import OpenWorld


def of_execution(
    rt: Runtime, execution_id: str, template: str, task_run_id: str | None = None
) -> str:
    """The text of a template with an execution's variables; its secrets are masked."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, execution_id)
        run = steps.run(tx, task_run_id) if task_run_id else None
    if execution is None:
        raise ExecutionNotFound(execution_id)
    names = scope.of_execution(rt, execution, flows.index_of(rt, execution))
    if run is not None:
        names["taskrun"] = {"id": run.id, "value": run.value, "iteration": run.iteration}
        names["task"] = {"id": run.task_id}
    secrets: list[str] = []
    world = OpenWorld(
        rt, execution.namespace, execution.flow_id, execution.id, on_secret=secrets.append
    )
    text = render(template, names, world)
    for value in secrets:
        text = text.replace(value, "******")
    return text


class GivenWorld(OpenWorld):
    """The world of a template that was sent with its whole scope: no secrets, no keys."""

    def __init__(self, rt: Runtime, names: Mapping[str, Any]) -> None:
        flow = names.get("flow") if isinstance(names.get("flow"), Mapping) else {}
        namespace = str((flow or {}).get("namespace") or "none")
        super().__init__(rt, namespace, str((flow or {}).get("id") or ""))

    def _secret(self, key: str, *_args: Any, **_kwargs: Any) -> Any:
        return super()._secret(key)


def of_scope(rt: Runtime, template: str, names: Mapping[str, Any]) -> str:
    """The text of a template over a given scope."""
    return render(template, names, GivenWorld(rt, names))
