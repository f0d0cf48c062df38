"""Dashboards: kept as YAML, judged, and the data of their charts."""

import pytest

DASHBOARD = """\
id: runs
title: Runs
charts:
  - id: by_state
    type: io.kestra.plugin.core.dashboard.chart.Bar
    chartOptions: {column: state}
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns:
        state: {field: STATE}
        total: {agg: COUNT}
        team: {field: LABELS, labelKey: team}
      orderBy: [{column: total, order: DESC}]
  - id: success
    type: io.kestra.plugin.core.dashboard.chart.KPI
    data:
      type: io.kestra.plugin.core.dashboard.data.ExecutionsKPI
      columns: {field: ID, agg: COUNT}
      numerator: [{field: STATE, type: EQUAL_TO, value: SUCCESS}]
  - id: over_time
    type: io.kestra.plugin.core.dashboard.chart.TimeSeries
    chartOptions: {column: date}
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns:
        date: {field: START_DATE}
        total: {agg: COUNT}
  - id: lines
    type: io.kestra.plugin.core.dashboard.chart.Table
    data:
      type: io.kestra.plugin.core.dashboard.data.Logs
      columns: {level: {field: LEVEL}, text: {field: MESSAGE}}
      where: [{field: MESSAGE, type: CONTAINS, value: hell}]
  - id: note
    type: io.kestra.plugin.core.dashboard.chart.Markdown
    content: "# Note"
"""
FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"


def save(api, text=DASHBOARD, method="POST", path="/dashboards"):
    return api.call(method, path, data=text, content_type="application/x-yaml")


@pytest.fixture
def runs(api):
    """Two executions that end well, one that fails; one of team a."""
    api.flow("good")
    api.flow("bad", tasks=FAIL, namespace="team.b")
    api.run("good", labels="team:a")
    api.run("good")
    api.run("bad", namespace="team.b")
    assert save(api).status_code == 200
    return api


def chart(api, name, status=200, **asked):
    return api.send("POST", f"/dashboards/runs/charts/{name}", asked, status=status)


def test_a_dashboard_is_made_read_replaced_and_removed(lite):
    made = save(lite).get_json()
    again = save(lite)
    changed = save(
        lite, DASHBOARD.replace("title: Runs", "title: Other"), "PUT", "/dashboards/runs"
    )
    listed = lite.get("/dashboards", q="oth")
    other = save(lite, DASHBOARD.replace("id: runs", "id: else"), "PUT", "/dashboards/runs")
    lite.send("DELETE", "/dashboards/runs", status=204)

    assert made["sourceCode"] == DASHBOARD
    assert made["deleted"] is False
    assert made["timeWindow"] == {"default": "PT720H", "max": "PT8784H"}
    assert again.status_code == 409
    assert changed.get_json()["title"] == "Other"
    assert [item["id"] for item in listed["results"]] == ["runs"]
    assert other.status_code == 422
    lite.send("GET", "/dashboards/runs", status=404)
    lite.send("DELETE", "/dashboards/runs", status=404)


def test_the_default_dashboard_is_there_until_it_is_replaced(lite):
    built_in = lite.get("/dashboards/default")
    save(lite, "title: Mine\n", "PUT", "/dashboards/default")
    mine = lite.get("/dashboards/default")
    lite.send("DELETE", "/dashboards/default", status=204)

    assert built_in["title"] == "Overview"
    assert mine["title"] == "Mine"
    assert lite.get("/dashboards/default") == built_in


def test_every_chart_of_the_default_dashboard_has_data(runs):
    shown = runs.get("/dashboards/default")
    data = {c["id"]: runs.send("POST", f"/dashboards/default/charts/{c['id']}", {})
            for c in shown["charts"]}  # fmt: skip

    assert data["success_ratio"]["results"] == [{"value": 66.67}]
    assert data["failed_ratio"]["results"] == [{"value": 33.33}]
    assert data["failures"]["results"][0]["flow"] == "bad"
    assert sum(row["total"] for row in data["executions_by_state"]["results"]) == 3
    assert {row["namespace"] for row in data["executions_by_namespace"]["results"]} == {
        "team.a",
        "team.b",
    }


def test_rows_are_grouped_by_the_columns_that_do_not_add_up(runs):
    found = chart(runs, "by_state")

    assert found["total"] == 3
    assert {(r["state"], r.get("team"), r["total"]) for r in found["results"]} == {
        ("SUCCESS", "a", 1),
        ("SUCCESS", None, 1),
        ("FAILED", None, 1),
    }


def test_a_share_is_a_percentage_of_all_rows(runs):
    assert chart(runs, "success")["results"] == [{"value": 66.67}]


def test_dates_fall_into_buckets_of_time(runs):
    assert chart(runs, "over_time")["results"] == [{"date": "2026-05-01T00:00:00Z", "total": 3}]


def test_conditions_of_the_chart_and_filters_of_the_caller_narrow(runs):
    one = [{"field": "namespace", "operation": "EQUALS", "value": "team.b"}]
    labelled = [{"field": "labels", "operation": "EQUALS", "value": {"team": "a"}}]
    long_ago = [{"field": "endDate", "operation": "LESS_THAN", "value": "2020-01-01T00:00:00Z"}]

    assert [r["state"] for r in chart(runs, "by_state", filters=one)["results"]] == ["FAILED"]
    assert chart(runs, "by_state", filters=labelled)["total"] == 1
    assert chart(runs, "by_state", filters=long_ago) == {"results": [], "total": 0}
    assert [r["text"] for r in chart(runs, "lines")["results"]] == ["hello", "hello"]
    assert chart(runs, "note")["results"] == [{"value": "# Note"}]


def test_a_chart_is_read_by_pages(runs):
    first = chart(runs, "lines", pageSize=1, pageNumber=1)
    third = chart(runs, "lines", pageSize=1, pageNumber=3)

    assert (len(first["results"]), first["total"]) == (1, 2)
    assert third == {"results": [], "total": 2}


def test_a_chart_is_tried_and_exported_before_it_is_saved(runs):
    source = """
    id: try
    type: io.kestra.plugin.core.dashboard.chart.Table
    data:
      type: io.kestra.plugin.core.dashboard.data.Flows
      columns: {name: {field: ID}, revision: {field: REVISION, agg: MAX}}
      orderBy: [{column: name}]
    """
    tried = runs.send("POST", "/dashboards/charts/preview", {"chart": source})
    exported = runs.send("POST", "/dashboards/charts/export/to-csv", {"chart": source})

    assert tried["results"] == [{"name": "bad", "revision": 1}, {"name": "good", "revision": 1}]
    assert exported.decode().splitlines() == ["name,revision", "bad,1", "good,1"]


@pytest.mark.parametrize(
    ("change", "path", "line"),
    [
        (("field: STATE}\n        total", "field: COLOUR}\n        total"), "charts[0].data", 7),
        (("chart.Bar", "chart.Sculpture"), "charts[0]", 4),
        (("column: state", "column: stat"), "charts[0]", 4),
        (("id: success", "id: by_state"), "", 1),
        (("title: Runs", "titel: Runs"), "titel", 2),
        (("data.Logs", "data.Secrets"), "charts[3].data", 30),
    ],
)
def test_a_wrong_dashboard_is_judged_with_path_and_line(lite, change, path, line):
    text = DASHBOARD.replace(*change)

    verdict = lite.call("POST", "/dashboards/validate", data=text).get_json()

    assert (path, line) in [(v["path"], v["line"]) for v in verdict["violations"]]
    assert verdict["constraints"]
    assert save(lite, text).status_code == 422
    assert lite.get("/dashboards")["total"] == 0


def test_a_right_dashboard_and_chart_are_judged_so(lite):
    chart = "id: a\ntype: io.kestra.plugin.core.dashboard.chart.Markdown\ncontent: hi\n"
    for path, text in (("validate", DASHBOARD), ("validate/chart", chart)):
        verdict = lite.call("POST", f"/dashboards/{path}", data=text).get_json()

        assert "constraints" not in verdict


@pytest.mark.parametrize(
    "asked",
    [
        {"filters": "all"},
        {"filters": [{"field": "password", "operation": "EQUALS", "value": "x"}]},
        {"filters": [{"field": "state", "operation": "RESEMBLES", "value": "x"}]},
        {"filters": [{"field": "state", "operation": "REGEX", "value": "("}]},
        {"startDate": "yesterday"},
        {"startDate": 7},
        {"timeRange": "P900D"},
        {"pageSize": 0},
        {"pageNumber": True},
    ],
)
def test_a_wrong_question_is_refused(lite, asked):
    lite.flow("one")
    lite.run("one")
    save(lite)

    assert chart(lite, "by_state", status=422, **asked)["message"]
