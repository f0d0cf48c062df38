"""Routes that act on many executions: by a list of ids, or by filters (HTTP API 3.2)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.errors import body_of
from app.api.execution_acts import labels_of, state_of_query
from app.api.web import answer, check_text, flag, id_list, json_body, json_map, runtime
from app.errors import Invalid
from app.model.filter import EXECUTIONS
from app.model.ids import new_id
from app.service import bulk, operations, reopen, resuming, search
from app.service.search import Wanted

bp = Blueprint("execution_bulk", __name__)


def answer_all(ids: list[str], act: str, do: Callable[[str], Any]) -> ResponseReturnValue:
    """All or nothing: one unknown or unfit id refuses the call."""
    wrong = bulk.unfit(runtime(), ids, act, forced=flag("includeNonTerminated"))
    if wrong:
        invalids = [
            {"message": message, "path": "execution", "invalidValue": execution_id}
            for execution_id, message in wrong
        ]
        detail = f"{len(wrong)} of {len(ids)} executions cannot take `{act}`"
        return body_of(400, "Bad Request", detail, message=f"invalid bulk {act}", invalids=invalids)
    done = bulk.each(ids, do)
    return answer({"operationId": new_id(), "totalItems": done, "count": done})


def found_ids() -> list[str]:
    """Ids of the executions that the query's filters fit; bracket filters only."""
    return search.list_ids(runtime(), Wanted(where=filters.read(EXECUTIONS, changes=True)))


def _target(*names: str) -> Callable[[str], Any]:
    """A change to the state that the query names; read once, before anything is touched."""
    name = next((n for n in names if n in request.args), names[0])
    state = state_of_query(name, "RUNNING" if "state" in names else None)
    if "state" in names:
        return lambda e: operations.unqueue(runtime(), e, state)
    if not state.is_terminated:
        raise Invalid(f"`{name}`: {state} is no end state")
    return lambda e: operations.change_status(runtime(), e, state)


def _replay() -> Callable[[str], Any]:
    latest = flag("latestRevision")
    return lambda e: bulk.replay(runtime(), e, latest=latest)


def _resume() -> Callable[[str], Any]:
    by = current_caller().username
    return lambda e: resuming.resume_with_inputs(runtime(), e, {}, by)


_MANY: dict[str, tuple[str, str, Callable[[], Callable[[str], Any]]]] = {
    "pause": ("POST", "", lambda: lambda e: operations.pause(runtime(), e)),
    "resume": ("POST", "", _resume),
    "restart": ("POST", "", lambda: lambda e: reopen.restart(runtime(), e)),
    "replay": ("POST", "latestRevision", _replay),
    "force-run": ("POST", "", lambda: lambda e: operations.force_run(runtime(), e)),
    "unqueue": ("POST", "state newState", lambda: _target("state", "newState")),
    "change-status": ("POST", "newStatus* status", lambda: _target("newStatus", "status")),
    "kill": ("DELETE", "", lambda: lambda e: operations.kill(runtime(), e)),
}


def _by_ids(name: str) -> Callable[[], ResponseReturnValue]:
    _, query, make = _MANY[name]

    @takes(query, body="json:string[]", gives="AsyncOperation", also=(400,))
    def many() -> ResponseReturnValue:
        do = make()
        return answer_all(id_list(), name, do)

    many.__doc__ = f"Does `{name}` to each execution of a list."
    return many


def _by_query(name: str) -> Callable[[], ResponseReturnValue]:
    _, query, make = _MANY[name]

    @takes(query, filters=EXECUTIONS, body="filters", gives="AsyncOperation", also=(400,))
    def many() -> ResponseReturnValue:
        do = make()
        return answer_all(found_ids(), name, do)

    many.__doc__ = f"Does `{name}` to each execution that fits the filters."
    return many


for _name in _MANY:
    _method = _MANY[_name][0]
    _start = f"/executions/{_name}/by-"
    bp.add_url_rule(_start + "ids", f"{_name}_ids", _by_ids(_name), methods=[_method])
    bp.add_url_rule(_start + "query", f"{_name}_query", _by_query(_name), methods=[_method])


def _labelled(ids: list[str], data: Any) -> ResponseReturnValue:
    labels = labels_of(data)
    operations.check_labels(labels)
    return answer_all(ids, "labels", lambda e: operations.set_labels(runtime(), e, labels))


@bp.post("/executions/labels/by-ids")
@takes(body="json:SetLabelsByIds", gives="AsyncOperation", also=(400,))
def labels_by_ids() -> ResponseReturnValue:
    """Merges labels into those of each execution of a list."""
    data = json_map()
    ids = data.get("executionsId")
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise Invalid("`executionsId` must be a list of ids")
    return _labelled([check_text(item) for item in ids], data.get("executionLabels"))


@bp.post("/executions/labels/by-query")
@takes(filters=EXECUTIONS, body="json:Label[]", gives="AsyncOperation", also=(400,))
def labels_by_query() -> ResponseReturnValue:
    """Merges labels into those of each execution that fits the filters."""
    return _labelled(found_ids(), json_body())


def _delete(ids: list[str]) -> ResponseReturnValue:
    def one(execution_id: str) -> None:
        operations.delete(
            runtime(),
            execution_id,
            is_forced=flag("includeNonTerminated"),
            logs=flag("deleteLogs", True),
            metrics=flag("deleteMetrics", True),
            storage=flag("deleteStorage", True),
        )

    return answer_all(ids, "delete", one)


_KEPT = "includeNonTerminated deleteLogs deleteMetrics deleteStorage"


@bp.delete("/executions/by-ids")
@takes(_KEPT, body="json:string[]", gives="AsyncOperation", also=(400,))
def delete_by_ids() -> ResponseReturnValue:
    """Removes several executions."""
    return _delete(id_list())


@bp.delete("/executions/by-query")
@takes(_KEPT, filters=EXECUTIONS, body="filters", gives="AsyncOperation", also=(400,))
def delete_by_query() -> ResponseReturnValue:
    """Removes every execution that fits the filters."""
    return _delete(found_ids())
