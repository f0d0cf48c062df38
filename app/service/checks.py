"""Checks of a flow (flow language 4.10): conditions on the inputs of an execution to be.

The strictest check that does not hold decides: it blocks the start, makes the execution FAILED
from its start, or only says something in the form. How a message looks changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid, TrunklineError, Unavailable, Violation
from app.expression.evaluate import render_deep
from app.expression.values import is_truthy
from app.model.flow import Check, CheckBehavior, Flow
from app.service import before, crypto, inputs
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.scope import nested
from app.service.sealing import unsealed
from app.service.world import OpenWorld


@dataclass(frozen=True)
class Accepted:
    """What may be started: the stored inputs, and why it is FAILED from its start, if it is."""

    inputs: dict[str, Any]
    error: str | None


class Blocked(Invalid):
    """A check forbids the execution."""

    def __init__(self, broken: list["Broken"]) -> None:
        found = tuple(Violation(path="checks", message=one.message) for one in broken)
        super().__init__("The execution is blocked by a check", found)


@dataclass(frozen=True)
class Broken:
    """A check that does not hold, and what it says."""

    check: Check
    message: str


def accept(
    rt: Runtime,
    flow: Flow,
    given: Mapping[str, Any],
    execution_id: str,
    masks: Masks | None = None,
) -> Accepted:
    """Converts the inputs and asks the checks. Raises InvalidInputs, Blocked.

    `masks` knows the secrets that `given` was made of.
    """
    values = inputs.accept(rt, flow.inputs, given, flow, execution_id, masks)
    ring = crypto.Keyring.of(rt.settings).at(flow.namespace, flow.id)
    broken = ask(rt, flow, unsealed(ring, values), execution_id)
    blocking = [one for one in broken if one.check.behavior is CheckBehavior.BLOCK_EXECUTION]
    if blocking:
        raise Blocked(blocking)
    failing = [one for one in broken if one.check.behavior is CheckBehavior.FAIL_EXECUTION]
    return Accepted(values, ", ".join(one.message for one in failing) or None)


def ask(rt: Runtime, flow: Flow, values: Mapping[str, Any], execution_id: str) -> list[Broken]:
    """The checks that do not hold for these inputs; one that cannot be rendered does not.

    Raises Unavailable when a secret that one reads cannot be had now.
    """
    names = before.scope_of(rt, flow, inputs=nested(values))
    world = OpenWorld(rt, flow.namespace, flow.id, execution_id)
    broken: list[Broken] = []
    for check in flow.checks:
        try:
            if not is_truthy(render_deep(check.condition, names, world)):
                broken.append(Broken(check, check.message))
        except Unavailable:
            raise
        except TrunklineError as error:
            broken.append(Broken(check, f"{check.message} (the check fails: {error})"))
    return broken
