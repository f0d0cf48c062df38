"""What an event that fits a trigger starts, and what the trigger's conditions are asked about."""

from collections.abc import Mapping
from typing import Any

from app.engine.index import FlowIndex
from app.expression.dates import parse_date, zone
from app.expression.env import Budget, Env
from app.expression.evaluate import render, render_deep
from app.expression.values import to_text
from app.model.ids import new_id
from app.model.label import read_labels
from app.model.task import AbstractTrigger
from app.service import checks
from app.service.flows import SavedFlow
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.world import OpenWorld
from app.trigger.condition import Subject


def subject(names: Mapping[str, Any], world: OpenWorld) -> Subject:
    """What conditions are asked about when no execution stands behind the event."""
    env = Env(names, world, Budget())
    return Subject(
        facts={},
        render=lambda value: render(to_text(value), names, world),
        to_date=lambda text: parse_date(text, None, zone(None, env)),
    )


def birth(
    rt: Runtime,
    saved: SavedFlow,
    index: FlowIndex,
    trigger: AbstractTrigger,
    given: Mapping[str, Any],
    names: Mapping[str, Any],
    world: OpenWorld,
    commit: str | None,
) -> Birth:
    """The execution, with its inputs rendered and converted. Raises InvalidInputs, ExpressionError.

    `given` are the trigger's inputs as written; `commit` is the one that the flow came from.
    """
    execution_id = new_id()
    rendered = render_deep(dict(given), names, world)
    accepted = checks.accept(rt, index.flow, rendered, execution_id, world.masks)
    return Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=accepted.inputs,
        error=accepted.error,
        labels=world.masks.labels(read_labels(render_deep(trigger.labels, names, world))),
        trigger={"id": trigger.id, "type": trigger.type, "variables": names["trigger"]},
        execution_id=execution_id,
        commit=commit,
    )
