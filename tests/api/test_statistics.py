"""Statistics and metrics: counts, durations, buckets of time."""

import pytest

FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"
PUBLISH = (
    "{id: m, type: io.kestra.plugin.core.metric.Publish, metrics: "
    "[{name: rows, type: counter, value: 4}]}"
)


@pytest.fixture
def runs(lite):
    lite.flow("good", tasks=PUBLISH)
    lite.flow("bad", namespace="team.b", tasks=FAIL)
    lite.run("good")
    lite.run("good")
    lite.run("bad", namespace="team.b")
    return lite


def test_executions_are_counted_by_state_and_day(runs):
    found = runs.send("POST", "/stats/executions/daily", {})
    one = runs.send("POST", "/stats/executions/daily", {"namespace": "team.b"})

    total = {}
    for bucket in found:
        for state, count in bucket["executionCounts"].items():
            total[state] = total.get(state, 0) + count
    assert found[-1]["groupBy"] == "day"
    assert (total["SUCCESS"], total["FAILED"]) == (2, 1)
    assert found[-1]["duration"]["count"] == 3
    assert sum(b["executionCounts"]["SUCCESS"] for b in one) == 0


def test_executions_are_counted_by_flow_and_namespace(runs):
    by_flow = runs.send("POST", "/stats/executions/daily/group-by-flow", {})
    by_namespace = runs.send("POST", "/stats/executions/daily/group-by-namespace", {})
    summary = runs.send("POST", "/stats/summary", {})

    assert set(by_flow["team.a"]) == {"good"}
    assert by_namespace["team.b"] == {"counts": {"FAILED": 1}, "total": 1}
    assert (summary["flows"], summary["executions"]) == (2, 3)


def test_the_last_execution_of_each_flow_is_found(runs):
    flows = [{"namespace": "team.b", "id": "bad"}]

    found = runs.send("POST", "/stats/executions/latest/group-by-flow", {"flows": flows})

    assert [(item["flowId"], item["state"]["current"]) for item in found] == [("bad", "FAILED")]


def test_metrics_are_listed_named_and_added_up(runs):
    execution = runs.get("/executions/search", **{"filters[flowId][EQUALS]": "good"})["results"][0]
    listed = runs.get(f"/metrics/{execution['id']}")
    place = "team.a/good"
    added = runs.get(f"/metrics/aggregates/{place}/rows", aggregation="sum")

    assert [(m["name"], m["value"]) for m in listed["results"]] == [("rows", 4.0)]
    assert runs.get(f"/metrics/names/{place}") == ["rows"]
    assert runs.get(f"/metrics/tasks/{place}") == ["m"]
    assert added["groupBy"] == "day"
    assert sum(item["value"] for item in added["aggregations"]) == 8.0


@pytest.mark.parametrize(
    "question",
    [[], {"namespace": 1}, {"state": ["ODD"]}, {"startDate": "x"},
     {"startDate": "2026-02-01T00:00:00Z", "endDate": "2026-01-01T00:00:00Z"}],
)  # fmt: skip
def test_a_wrong_question_is_refused(lite, question):
    lite.send("POST", "/stats/executions/daily", question, status=422 if question else 200)


def test_lines_of_the_log_are_counted_by_level(lite):
    lite.flow("one")
    lite.run("one")

    found = lite.send("POST", "/stats/logs/daily", {"namespace": "team.a"})
    usage = lite.get("/usages/all")

    assert sum(bucket["counts"].get("INFO", 0) for bucket in found) >= 1
    assert usage["flows"]["count"] == 1
    assert usage["executions"]["totalCount"] == 1
