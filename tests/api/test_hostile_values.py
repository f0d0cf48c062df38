"""Values at the edge: moments that are none elsewhere, numbers that JSON has no word for."""

import json

import pytest

SCHEDULE = "triggers: [{id: cron, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'}]"
INPUTS = "inputs: [{id: j, type: JSON, required: false}, {id: y, type: YAML, required: false}]"
PLACE = {"namespace": "team.a", "flowId": "one", "triggerId": "cron"}
EDGES = ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31"]


def strict(answer):
    """The answer's data, as a reader that keeps to JSON has it."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(answer.get_data(as_text=True), parse_constant=refuse)


@pytest.mark.parametrize("moment", EDGES)
def test_a_moment_at_the_edge_is_refused_wherever_one_is_given(lite, moment):
    lite.flow("one", SCHEDULE)
    span = {"start": "2026-01-01", "end": "2026-02-01"}
    start = lite.call("POST", "/executions/team.a/one", query_string={"scheduleDate": moment})
    until = lite.call("GET", "/triggers/team.a/one/cron/next", query_string={"until": moment})
    preview, made = (
        [lite.call(method, path, json=body(span | {name: moment})) for name in ("start", "end")]
        for method, path, body in (
            ("POST", "/triggers/team.a/one/cron/backfill/preview", dict),
            ("PUT", "/triggers/backfill/create", lambda given: PLACE | {"backfill": given}),
        )
    )

    assert [one.status_code for one in (start, until, *preview, *made)] == [422] * 6
    assert "`backfill.start` is no ISO-8601 date" in made[0].get_json()["message"]
    assert lite.get("/executions/search")["total"] == 0
    assert "backfill" not in lite.get("/triggers/team.a/one")["results"][0]


def test_a_schedule_of_a_date_at_the_edge_is_refused_with_its_line(lite):
    dates = "{id: d, type: io.kestra.plugin.core.trigger.ScheduleOnDates, dates: ['%s']}"
    text = f"id: x\nnamespace: team.a\ntriggers: [{dates % EDGES[0]}]\ntasks: []\n"

    (verdict,) = lite.call("POST", "/flows/validate", data=text).get_json()

    (wrong,) = [item for item in verdict["violations"] if "dates" in item["message"]]
    assert wrong["line"] == 3


@pytest.mark.parametrize(
    "value", ["NaN", "[Infinity]", "1e999", '"\\ud800"', '"\\u0000"', "[" * 99]
)
def test_a_key_has_only_values_that_every_client_reads(lite, value):
    answer = lite.call("PUT", "/namespaces/team.a/kv/k", data=value)

    assert answer.status_code == 422
    assert lite.get("/namespaces/team.a/kv") == []


@pytest.mark.parametrize(
    ("value", "kind"), [('"2026-02-30"', "STRING"), ("2026-02-28", "DATE"), ('"PT"', "STRING")]
)
def test_what_only_looks_like_a_date_is_a_text(lite, value, kind):
    assert lite.call("PUT", "/namespaces/team.a/kv/k", data=value).status_code == 200

    assert lite.get("/namespaces/team.a/kv/k")["type"] == kind


def test_a_date_that_there_is_not_is_no_value_by_itself(lite):
    assert lite.call("PUT", "/namespaces/team.a/kv/k", data="2026-02-30").status_code == 422


@pytest.mark.parametrize("value", ["1e999", "[NaN]", "[" * 5000])
def test_a_json_input_that_is_no_json_is_refused_by_name(api, value):
    api.flow("one", INPUTS)

    answer = api.call("POST", "/executions/team.a/one", data={"j": value})

    assert answer.status_code == 422
    assert [item["path"] for item in strict(answer)["errors"]] == ["j"]


def test_a_yaml_input_may_hold_what_json_has_no_word_for(api):
    api.flow("one", INPUTS)

    answer = api.call("POST", "/executions/team.a/one", data={"y": "[.nan, .inf, -1e999, 1.5]"})

    assert answer.status_code == 200
    found = strict(api.call("GET", f"/executions/{answer.get_json()['id']}"))
    assert found["inputs"]["y"] == ["NaN", "Infinity", "-Infinity", 1.5]


@pytest.mark.parametrize("name", ["n" * 256 + ".txt", ".", ".."])
@pytest.mark.parametrize("act", ["", "/validate"])
def test_an_upload_whose_name_no_disk_takes_is_refused_by_its_input(lite, act, name):
    lite.flow("one", "inputs: [{id: doc, type: FILE}]")
    head = f'--x\r\nContent-Disposition: form-data; name="doc"; filename="{name}"\r\n\r\n'
    form = {"data": head + "v\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}

    answer = lite.call("POST", f"/executions/team.a/one{act}", **form)

    assert answer.status_code == (200 if act else 422)
    assert "Invalid input for `doc`" in answer.get_data(as_text=True)
    assert lite.get("/executions/search")["total"] == 0


@pytest.mark.parametrize("column", ["{a: b}", "[a]", "1"])
def test_a_chart_whose_column_is_no_text_is_refused_with_its_place(lite, column):
    data = "{type: io.kestra.plugin.core.dashboard.data.Executions, columns: {a: {field: STATE}}}"
    chart = f"{{id: c, type: io.kestra.plugin.core.dashboard.chart.Bar, data: {data}, "
    text = f"id: b\ntitle: B\ncharts: [{chart}chartOptions: {{column: {column}}}}}]\n"

    answer = lite.call("POST", "/dashboards", data=text)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["line"] == 3


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
@pytest.mark.parametrize("act", ["plan", "apply"])
def test_a_folder_with_a_text_that_no_database_takes_is_refused(api, act, text):
    flow = f"id: a\nnamespace: team.a\ntasks: []\ndescription: {text}"
    body = {"namespace": "team", "files": {"a.yaml": flow}}

    answer = api.call("POST", f"/gitops/folder/{act}", json=body)

    assert answer.status_code == 422


def test_a_folder_cannot_write_files_of_a_namespace_that_may_not_be(lite):
    body = {"layout": "namespace-first", "files": {"Bad Name/files/a.txt": "x"}}

    found = lite.send("POST", "/gitops/folder/plan", body)

    assert found["status"] == "BLOCKED_GUARD"
    assert "'Bad Name' must match" in str(found["items"][0]["problems"])


CHART = """\
id: x
type: io.kestra.plugin.core.dashboard.chart.Table
data:
  type: io.kestra.plugin.core.dashboard.data.Executions
  columns: {n: {field: NAMESPACE}}
"""
AGES = "P365000D"


def test_a_range_that_begins_before_all_time_is_a_long_one(lite):
    old = {"endDate": "0500-01-01T00:00:00Z", "timeRange": AGES}
    bars = lite.get("/executions/histogram", **old)
    spread = lite.send("POST", "/stats/executions/durations", {"startDate": "0900-01-01T00:00:00Z"})
    chart = lite.call("POST", "/dashboards/charts/preview",
                      json={"chart": CHART, "globalFilter": old})  # fmt: skip

    assert bars["startDate"].endswith("2-01-01T00:00:00Z")
    assert spread == {"current": {"count": 0}, "previous": {"count": 0}}
    assert chart.status_code == 422
    assert "the range is longer than" in chart.get_json()["message"]


@pytest.mark.parametrize("operator", ["IN", "EQUALS"])
def test_more_labels_than_a_statement_holds_are_refused(lite, operator):
    labels = [f"k{n}:v" for n in range(1000)]
    for path in ("/executions/search", "/flows/search"):
        some = {f"filters[labels][{operator}]": ",".join(labels[:400])}
        many = {f"filters[labels][{operator}]": ",".join(labels)}

        assert lite.get(path, **some)["total"] == 0
        assert lite.call("GET", path, query_string=many).status_code == 400


def test_a_body_that_names_more_than_can_be_answered_is_refused(lite):
    places = [{"namespace": "a", "id": "b"}] * 10_001

    assert lite.call("POST", "/executions/strips", json=places).status_code == 422
