"""Routes of triggers: their states, the switch, the lock, backfills (HTTP API 3.5)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api import filters
from app.api.describe import takes
from app.api.web import (
    answer,
    attachment,
    csv_lines,
    flag,
    json_map,
    json_maps,
    moment,
    number,
    page,
    paged,
    runtime,
    sort,
    wire_moment,
    without_none,
)
from app.errors import Invalid
from app.model.filter import TRIGGERS
from app.model.ids import new_id
from app.service import trigger_acts, trigger_lists, trigger_state
from app.trigger.backfill import Order, read_order

bp = Blueprint("triggers", __name__)
Place = tuple[str, str, str]
_PLACE = ("namespace", "flowId", "triggerId")


def trigger(row: Any) -> dict[str, Any]:
    """The state of a trigger on the wire, in the names of every generation."""
    return without_none(
        {
            "tenantId": "main",
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "triggerId": row.trigger_id,
            "updatedAt": wire_moment(row.updated_at),
            "updatedDate": wire_moment(row.updated_at),
            "evaluatedAt": wire_moment(row.evaluated_at),
            "date": wire_moment(row.last_at or row.evaluated_at or row.updated_at),
            "nextEvaluationDate": wire_moment(row.next_at or row.waiting_at),
            "nextExecutionDate": wire_moment(row.next_at or row.waiting_at),
            "lastTriggeredDate": wire_moment(row.last_triggered_at),
            "executionId": row.execution_id,
            "putOffUntil": wire_moment(row.put_off_until),
            "disabled": row.disabled,
            "locked": row.execution_id is not None,
            "backfill": _backfill(row.backfill),
        }
    )


def _backfill(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return None
    return without_none({key: value for key, value in found.items() if key != "id"})


@bp.get("/triggers/search")
@takes("page size sort", filters=TRIGGERS, gives="Page<TriggerAndState>", also=(400,))
def find() -> ResponseReturnValue:
    """A page of triggers with their states."""
    at, size = page()
    rows, total = trigger_lists.page(
        runtime(), filters.read(TRIGGERS), page=at, size=size, sort=sort()
    )
    definitions = trigger_lists.definitions(runtime(), rows)
    runs = trigger_lists.last_runs(runtime(), rows)
    return answer({"results": [_both(row, definitions, runs) for row in rows], "total": total})


def _both(
    row: Row[Any],
    definitions: dict[Place, dict[str, Any]],
    runs: dict[Place, tuple[str, str]],
) -> dict[str, Any]:
    place = (row.namespace, row.flow_id, row.trigger_id)
    definition = definitions.get(place, {"id": row.trigger_id, "type": row.type})
    state = trigger(row)
    if place in runs:
        state["lastExecutionId"], state["lastExecutionState"] = runs[place]
    return {
        "trigger": definition,
        "state": state,
        "abstractTrigger": definition,
        "triggerContext": state,
    }


@bp.get("/triggers/<namespace>/<flow_id>")
@takes("page size sort q", gives="Page<TriggerState>")
def of_flow(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The trigger states of a flow."""
    text = request.args.get("q", "").lower()
    rows = trigger_state.list_of_flow(runtime(), namespace, flow_id)
    return paged([row for row in rows if text in row.trigger_id.lower()], trigger)


@bp.get("/triggers/<namespace>/<flow_id>/<trigger_id>/next")
@takes("until limit", gives="string[]")
def next_instants(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """The next instants of a schedule, at most 1,000."""
    until = request.args.get("until")
    limit = min(number("limit") or 100, 1000)
    found = trigger_acts.instants(
        runtime(),
        (namespace, flow_id, trigger_id),
        start=runtime().clock(),
        end=moment(until, "until") if until else None,
        most=limit,
    )
    return answer([wire_moment(instant) for instant in found])


@bp.post("/triggers/<namespace>/<flow_id>/<trigger_id>/backfill/preview")
@takes(body="json:BackfillRange", gives="BackfillPreview")
def preview_backfill(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """The instants that a backfill would run: how many, the first 100 and the last 5, in its order.

    Of more than 10,000 it counts no further (`isCut`): people are asked for a shorter time.
    """
    data = json_map("start")
    end = data.get("end")
    goes_back = _order(data) is Order.NEWEST_FIRST
    found = (trigger_acts.instants_back if goes_back else trigger_acts.instants)(
        runtime(),
        (namespace, flow_id, trigger_id),
        start=moment(data["start"], "start"),
        end=moment(str(end), "end") if end else runtime().clock(),
        most=trigger_acts.MOST_INSTANTS + 1,
    )
    is_cut = len(found) > trigger_acts.MOST_INSTANTS
    del found[trigger_acts.MOST_INSTANTS :]
    return answer(
        {
            "count": len(found),
            "instants": [wire_moment(instant) for instant in found[:100]],
            "last": [] if is_cut else [wire_moment(instant) for instant in found[-5:]],
            "isCut": is_cut,
        }
    )


def _order(data: dict[str, Any]) -> Order:
    try:
        return read_order(data.get("order"))
    except ValueError as error:
        raise Invalid(f"`order`: {error}") from None


@bp.put("/triggers")
@takes(body="json:TriggerState", gives="TriggerState", also=(409,))
def update() -> ResponseReturnValue:
    """Takes `disabled` and `backfill` from a trigger's state, as 0.2x and 1.x clients send it."""
    data = json_map(*_PLACE)
    row = trigger_acts.update(runtime(), _place(data), data)
    return answer(trigger(row))


@bp.put("/triggers/set-disabled")
@takes(body="json:DisableTrigger", gives="TriggerState", also=(409,))
def set_disabled() -> ResponseReturnValue:
    """Switches a trigger off or on."""
    data = json_map(*_PLACE)
    row = trigger_state.set_disabled(runtime(), *_place(data), disabled=_wanted(data))
    return answer(trigger(row))


def _wanted(data: dict[str, Any]) -> bool:
    wanted = data.get("disabled", False)
    if not isinstance(wanted, bool):
        raise Invalid("`disabled` must be true or false")
    return wanted


def _place(data: dict[str, Any]) -> Place:
    return data["namespace"], data["flowId"], data["triggerId"]


@bp.post("/triggers/<namespace>/<flow_id>/<trigger_id>/unlock")
@takes(gives="TriggerState", also=(409,))
def unlock(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """Clears the execution that locks a trigger."""
    return answer(trigger(trigger_state.unlock(runtime(), namespace, flow_id, trigger_id)))


@bp.post("/triggers/<namespace>/<flow_id>/<trigger_id>/restart")
@takes(gives="TriggerState", also=(409,))
def restart(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """Begins a trigger anew: its lock goes, its next look is now."""
    return answer(trigger(trigger_acts.restart(runtime(), (namespace, flow_id, trigger_id))))


@bp.delete("/triggers/<namespace>/<flow_id>/<trigger_id>")
@takes(status=204, also=(409,))
def delete(namespace: str, flow_id: str, trigger_id: str) -> ResponseReturnValue:
    """Removes a state that a trigger of an earlier revision left."""
    trigger_acts.delete(runtime(), (namespace, flow_id, trigger_id))
    return "", 204


@bp.put("/triggers/backfill/create")
@takes(body="json:CreateBackfill", gives="TriggerState", also=(409,))
def create_backfill() -> ResponseReturnValue:
    """Runs the instants of a time in the past."""
    data = json_map(*_PLACE)
    if not isinstance(data.get("backfill"), dict):
        raise Invalid("`backfill` must be {start, end, order, concurrencyLimit, inputs, labels}")
    return answer(trigger(trigger_acts.backfill(runtime(), _place(data), data["backfill"])))


# -- backfills: one, a list, a query


_BACKFILL: dict[str, tuple[str, Callable[[Place], Any]]] = {
    "pause": ("PUT", lambda p: trigger_state.pause_backfill(runtime(), *p, paused=True)),
    "unpause": ("PUT", lambda p: trigger_state.pause_backfill(runtime(), *p, paused=False)),
    "delete": ("POST", lambda p: trigger_state.end_backfill(runtime(), *p)),
}


def _given() -> list[Place]:
    return list(dict.fromkeys(_place(item) for item in json_maps(*_PLACE)))


def _found() -> list[Place]:
    return trigger_lists.places(runtime(), filters.read(TRIGGERS, changes=True))


def _many(places: list[Place], do: Callable[[Place], Any]) -> ResponseReturnValue:
    done = trigger_acts.each(runtime(), places, do)
    return answer({"operationId": new_id(), "totalItems": done, "count": done})


def _one(name: str) -> Callable[[], ResponseReturnValue]:
    @takes(body="json:TriggerId", gives="TriggerState", also=(409,))
    def act() -> ResponseReturnValue:
        return answer(trigger(_BACKFILL[name][1](_place(json_map(*_PLACE)))))

    act.__doc__ = f"Does `{name}` to the backfill of a trigger."
    return act


def _by_list(name: str, do: Callable[[Place], Any]) -> Callable[[], ResponseReturnValue]:
    @takes(body="json:TriggerId[]", gives="AsyncOperation")
    def act() -> ResponseReturnValue:
        return _many(_given(), do)

    act.__doc__ = f"Does `{name}` to each trigger of a list that it fits."
    return act


def _by_query(name: str, do: Callable[[Place], Any]) -> Callable[[], ResponseReturnValue]:
    @takes(filters=TRIGGERS, body="filters", gives="AsyncOperation", also=(400,))
    def act() -> ResponseReturnValue:
        return _many(_found(), do)

    act.__doc__ = f"Does `{name}` to each trigger that the filters and it fit."
    return act


def _add_many(path: str, name: str, do: Callable[[Place], Any], method: str = "POST") -> None:
    label = path.strip("/").replace("/", "_")
    for by, make in (("triggers", _by_list), ("query", _by_query)):
        made = make(name, do)
        bp.add_url_rule(f"/triggers/{path}/by-{by}", f"{label}_{by}", made, methods=[method])


for _name, (_method, _do) in _BACKFILL.items():
    bp.add_url_rule(
        f"/triggers/backfill/{_name}", f"{_name}_backfill", _one(_name), methods=[_method]
    )
    _add_many(f"backfill/{_name}", f"{_name} of a backfill", _do)
_add_many("unlock", "unlock", lambda p: trigger_state.unlock(runtime(), *p))
_add_many("delete", "delete", lambda p: trigger_acts.delete(runtime(), p), "DELETE")


@bp.post("/triggers/set-disabled/by-triggers")
@takes(body="json:SetDisabled", gives="AsyncOperation")
def set_disabled_list() -> ResponseReturnValue:
    """Switches several triggers off or on."""
    data = json_map()
    listed = data.get("triggers")
    if not isinstance(listed, list):
        raise Invalid("`triggers` must be a list of {namespace, flowId, triggerId}")
    for i, item in enumerate(listed):
        for name in _PLACE:
            if not isinstance(item, dict) or not isinstance(item.get(name), str):
                raise Invalid(f"`triggers[{i}].{name}` must be a text")
    return _switch([_place(item) for item in listed], _wanted(data))


@bp.post("/triggers/set-disabled/by-query")
@takes("disabled", filters=TRIGGERS, body="filters", gives="AsyncOperation", also=(400,))
def set_disabled_query() -> ResponseReturnValue:
    """Switches every trigger that fits off or on."""
    return _switch(_found(), flag("disabled", True))


def _switch(places: list[Place], disabled: bool) -> ResponseReturnValue:
    return _many(places, lambda p: trigger_state.set_disabled(runtime(), *p, disabled=disabled))


_CSV = ("namespace", "flowId", "triggerId", "disabled", "locked", "lastTriggeredDate",
        "nextExecutionDate", "executionId")  # fmt: skip


@bp.get("/triggers/export/by-query/csv")
@takes(filters=TRIGGERS, gives="text/csv", also=(400,))
def export_csv() -> ResponseReturnValue:
    """The triggers that fit as CSV."""
    rows = trigger_lists.every(runtime(), filters.read(TRIGGERS))
    cells = [[trigger(row).get(name) for name in _CSV] for row in rows]
    return attachment(csv_lines(_CSV, cells), "triggers.csv", "text/csv")
