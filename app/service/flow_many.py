"""Acts on many flows, each by itself: what could not be done is told by flow, the rest stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.errors import TrunklineError
from app.model.label import read_labels
from app.service import executions, flow_bulk, flows
from app.service.runtime import Runtime

Place = tuple[str, str]  #: namespace, id


@dataclass(frozen=True)
class Refused:
    """A flow that the act was not done to, and why."""

    namespace: str
    flow_id: str
    message: str


def run(rt: Runtime, places: Sequence[Place]) -> tuple[int, list[Refused]]:
    """Starts each flow without inputs; how many began, and the others."""
    return _each(places, partial(executions.start, rt))


def label(
    rt: Runtime, places: Sequence[Place], labels: Mapping[str, str], *, author: str
) -> tuple[int, list[Refused]]:
    """Writes labels into sources, comments kept; those of other names stay."""

    def write(namespace: str, flow_id: str) -> None:
        text = flow_bulk.edited(
            flows.get(rt, namespace, flow_id).source, partial(_merge, labels=labels)
        )
        flows.save(rt, text, author=author, expect=(namespace, flow_id))

    return _each(places, write)


def switch(
    rt: Runtime, places: Sequence[Place], *, disabled: bool, author: str
) -> tuple[int, list[Refused]]:
    """Writes `disabled` into sources that say otherwise, comments kept; how many changed.

    Raises FlowNotFound before anything is changed.
    """
    others = [
        (namespace, flow_id)
        for namespace, flow_id in places
        if flows.get(rt, namespace, flow_id).disabled != disabled
    ]

    def write(namespace: str, flow_id: str) -> None:
        text = flow_bulk.edited(
            flows.get(rt, namespace, flow_id).source, partial(_flag, disabled=disabled)
        )
        flows.save(rt, text, author=author, expect=(namespace, flow_id))

    return _each(others, write)


def _flag(data: Any, *, disabled: bool) -> None:
    if disabled:
        data["disabled"] = True
    else:
        data.pop("disabled", None)


def _merge(data: Any, labels: Mapping[str, str]) -> None:
    written = data.get("labels")
    if isinstance(written, list):
        data["labels"] = {**read_labels(written), **labels}
    elif written is None:
        data["labels"] = dict(labels)
    else:
        written.update(labels)  # as it stands: comments and order are kept


def _each(places: Sequence[Place], do: Callable[[str, str], Any]) -> tuple[int, list[Refused]]:
    refused = []
    for namespace, flow_id in places:
        try:
            do(namespace, flow_id)
        except TrunklineError as error:
            refused.append(Refused(namespace, flow_id, str(error)))
    return len(places) - len(refused), refused
