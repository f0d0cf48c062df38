"""Routes of flow tests: suites, their runs, their results."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.executions import place_to_wait
from app.api.web import answer, page, runtime, sort, text_body, wire_moment, without_none
from app.language.suite import parse_suite
from app.model.filter import SUITES
from app.service import flow_tests

bp = Blueprint("tests", __name__)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "source": row.source,
        "updatedDate": wire_moment(row.updated_at),
    }


def _listed(row: Any) -> dict[str, Any]:
    last = {"lastState": row.last_state, "lastDate": wire_moment(row.last_at)}
    return {**_shown(row), **without_none(last)}


def _result(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": found["id"],
        "testSuiteId": found["suite_id"],
        "namespace": found["namespace"],
        "flowId": found["flow_id"],
        "state": found["state"],
        "startDate": wire_moment(found["started_at"]),
        "endDate": wire_moment(found["ended_at"]),
        "results": [_case(case) for case in found["cases"]],
    }


def _case(case: Mapping[str, Any]) -> dict[str, Any]:
    judgements = [
        without_none(
            {
                "assertion": item["assertion"],
                "operator": item["operator"],
                "expected": item["expected"],
                "actual": item["actual"],
                "isSuccess": item["is_success"],
                "taskId": item["task_id"],
                "description": item["description"],
                "errorMessage": item["message"],
            }
        )
        for item in case["judgements"]
    ]
    return without_none(
        {
            "testId": case["test_id"],
            "state": case["state"],
            "executionId": case["execution_id"],
            "assertionResults": judgements,
            "errors": [{"message": text} for text in case["errors"]],
        }
    )


@bp.post("/tests")
@takes(body="yaml", gives="object")
def save() -> ResponseReturnValue:
    """Creates or replaces a suite."""
    suite = flow_tests.save(runtime(), text_body())
    return answer(_shown(flow_tests.get(runtime(), suite.namespace, suite.id)))


@bp.post("/tests/validate")
@takes(body="yaml", gives="object", also=(422,))
def validate() -> ResponseReturnValue:
    """Says what is wrong with a suite, if anything is."""
    suite = parse_suite(text_body())
    return answer({"id": suite.id, "namespace": suite.namespace, "flowId": suite.flow_id})


@bp.get("/tests/search")
@takes("page size sort", filters=SUITES, gives="object", also=(400,))
def find() -> ResponseReturnValue:
    """A page of suites, each with the state that its last run ended in."""
    at, size = page()
    rows, total = flow_tests.page(runtime(), filters.read(SUITES), page=at, size=size, sort=sort())
    return answer({"results": [_listed(row) for row in rows], "total": total})


@bp.get("/tests/<namespace>/<suite_id>")
@takes(gives="object")
def get(namespace: str, suite_id: str) -> ResponseReturnValue:
    """One suite."""
    return answer(_shown(flow_tests.get(runtime(), namespace, suite_id)))


@bp.delete("/tests/<namespace>/<suite_id>")
@takes(status=204)
def delete(namespace: str, suite_id: str) -> ResponseReturnValue:
    """Removes a suite with its results."""
    flow_tests.delete(runtime(), namespace, suite_id)
    return Response(status=204)


@bp.post("/tests/<namespace>/<suite_id>/run")
@takes(gives="object")
def run(namespace: str, suite_id: str) -> ResponseReturnValue:
    """Runs every case; the answer comes at their end."""
    suite = parse_suite(flow_tests.get(runtime(), namespace, suite_id).source)
    with place_to_wait(current_caller().id):
        return answer(_result(flow_tests.run(runtime(), suite)))


@bp.get("/tests/<namespace>/<suite_id>/results")
@takes("page size", gives="object")
def results(namespace: str, suite_id: str) -> ResponseReturnValue:
    """A page of the results, the newest first."""
    flow_tests.get(runtime(), namespace, suite_id)
    at, size = page()
    rows, total = flow_tests.page_results(runtime(), namespace, suite_id, page=at, size=size)
    return answer({"results": [_result(row._asdict()) for row in rows], "total": total})
