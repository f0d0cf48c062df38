"""Routes of flow tests: suites, their runs, their results."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api.describe import takes
from app.api.web import answer, runtime, text_body, wire_moment, without_none
from app.language.suite import parse_suite
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
@takes("namespace flowId", gives="object")
def find() -> ResponseReturnValue:
    """Suites, of a namespace and a flow where they are given."""
    rows = flow_tests.list_suites(
        runtime(), request.args.get("namespace"), request.args.get("flowId")
    )
    return answer({"results": [_shown(row) for row in rows], "total": len(rows)})


@bp.get("/tests/<namespace>/<suite_id>")
@takes(gives="object")
def get(namespace: str, suite_id: str) -> ResponseReturnValue:
    """One suite."""
    return answer(_shown(flow_tests.get(runtime(), namespace, suite_id)))


@bp.delete("/tests/<namespace>/<suite_id>")
@takes(status=204)
def delete(namespace: str, suite_id: str) -> ResponseReturnValue:
    """Removes a suite; its results stay."""
    flow_tests.delete(runtime(), namespace, suite_id)
    return Response(status=204)


@bp.post("/tests/<namespace>/<suite_id>/run")
@takes(gives="object")
def run(namespace: str, suite_id: str) -> ResponseReturnValue:
    """Runs every case; the answer comes at their end."""
    suite = parse_suite(flow_tests.get(runtime(), namespace, suite_id).source)
    return answer(_result(flow_tests.run(runtime(), suite)))


@bp.get("/tests/<namespace>/<suite_id>/results")
@takes(gives="object")
def results(namespace: str, suite_id: str) -> ResponseReturnValue:
    """The latest results, the newest first."""
    flow_tests.get(runtime(), namespace, suite_id)
    rows = flow_tests.list_results(runtime(), namespace, suite_id)
    return answer({"results": [_result(row._asdict()) for row in rows], "total": len(rows)})
