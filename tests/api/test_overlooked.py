"""What a change by query does not read is refused: overlooked, it would widen the change to all."""

import pytest

CHANGES = [
    ("DELETE", "/flows/delete/by-query"),
    ("POST", "/flows/disable/by-query"),
    ("POST", "/flows/run/by-query"),
    ("DELETE", "/executions/by-query"),
    ("DELETE", "/executions/kill/by-query"),
    ("POST", "/triggers/set-disabled/by-query"),
]
OVERLOOKED = [
    {"id": "one"},
    {"flowid": "one"},
    {"filter[flowId][EQUALS]": "one"},
    {"Filters[flowId][EQUALS]": "one"},
    {"size": "1"},
    {"filters": "flowId:one"},
]
EMPTY = [
    {"filters[labels][EQUALS]": ""},
    {"filters[labels][NOT_IN]": "[]"},
    {"filters[flowId][CONTAINS]": ""},
    {"filters[q][EQUALS]": " "},
    {"filters[or][0][scope][EQUALS]": ""},
]


@pytest.fixture
def two(lite):
    schedule = "{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'}"
    for name in ("one", "two"):
        lite.flow(name, f"triggers: [{schedule}]")
        lite.run(name)
    return lite


def standing(api):
    flows = api.get("/flows/search")["results"]
    triggers = api.get("/triggers/search")["results"]
    switches = [row["disabled"] for row in flows] + [row["state"]["disabled"] for row in triggers]
    return len(flows), api.get("/executions/search")["total"], switches


def test_no_parameter_and_no_empty_value_widens_a_change(two):
    before, passed = standing(two), []
    for method, path in CHANGES:
        for query in (*OVERLOOKED, *EMPTY):
            answer = two.call(method, path, query_string=query)
            named = next(iter(query)).partition("[")[0]
            if answer.status_code != 400 or not answer.get_json()["message"]:
                passed.append((method, path, query, answer.status_code, named))

    assert passed == []
    assert standing(two) == before


def test_the_parameter_that_is_not_read_is_named(two):
    told = two.send("DELETE", "/executions/by-query", status=400, executionId="x")
    empty = two.send("POST", "/flows/run/by-query", {"filters": [
        {"field": "labels", "operation": "EQUALS", "value": []}]}, status=400)  # fmt: skip

    assert "`executionId`" in told["message"]
    assert "`labels` has no value" in empty["message"]


def test_what_the_route_reads_and_how_a_list_is_sorted_are_taken(two):
    query = {"filters[flowId][EQUALS]": "one", "sort": "state.startDate:desc"}
    changed = two.send("POST", "/executions/change-status/by-query", newStatus="FAILED", **query)
    removed = two.send("DELETE", "/executions/by-query", deleteLogs="false", **query)

    assert (changed["count"], removed["count"]) == (1, 1)
    assert two.get("/executions/search")["total"] == 1


def test_no_parameter_and_no_empty_value_widens_what_is_removed_of_a_log(two):
    found = two.get("/executions/search")["results"][0]["id"]
    lines = len(two.get(f"/logs/{found}"))

    for query in ({"taskrunid": "x"}, {"taskRunId": ""}, {"filters[taskId][EQUALS]": ""}):
        two.send("DELETE", f"/logs/{found}", status=400, **query)
    kept = len(two.get(f"/logs/{found}"))
    removed = two.send("DELETE", f"/logs/{found}", minLevel="TRACE")

    assert kept == lines == removed["count"] > 0


def test_more_triggers_than_are_reached_at_once_are_refused(two, monkeypatch):
    monkeypatch.setattr("app.service.trigger_lists.MOST_AT_ONCE", 1)

    two.send("POST", "/triggers/set-disabled/by-query", status=422, disabled="true")

    assert standing(two)[2] == [False] * 4


def test_a_table_of_triggers_holds_more_than_are_read_at_once(two, monkeypatch):
    monkeypatch.setattr("app.service.trigger_lists.MOST_AT_ONCE", 1)

    table = two.send("GET", "/triggers/export/by-query/csv").decode().splitlines()

    assert [line.split(",")[1] for line in table[1:]] == ["one", "two"]
