"""The palette, the run grid, expressions on demand, a path behind a webhook's key."""

import io

import pytest

from app.service.access import accounts

HOOK = "triggers: [{{id: h, type: io.kestra.plugin.core.trigger.Webhook, key: k3y{more}}}]"


def test_the_palette_finds_flows_executions_namespaces_and_types(api):
    api.flow("invoices", namespace="billing.eu")
    execution = api.run("invoices", namespace="billing.eu")

    found = api.get("/search", q="invo")["results"]
    spaces = api.get("/search", q="billing", kinds="namespace")["results"]
    types = api.get("/search", q="log.log", kinds="plugin")["results"]
    by_id = api.get("/search", q=execution, kinds="execution,flow")["results"]

    assert {(hit["kind"], hit["id"]) for hit in found} == {
        ("flow", "invoices"),
        ("execution", execution),
    }
    assert spaces == [{"kind": "namespace", "id": "billing.eu"}]
    assert "io.kestra.plugin.core.log.Log" in [hit["id"] for hit in types]
    assert [hit["id"] for hit in by_id] == [execution]
    api.send("GET", "/search", kinds="secret", status=400)


def test_the_palette_gives_all_names_by_the_page_and_files(api):
    for n in range(3):
        api.flow(f"f{n}", namespace="names.eu")
    text = {"fileContent": (io.BytesIO(b"x"), "f")}
    api.call("POST", "/namespaces/names.eu/files?path=/sql/users.sql", data=text)

    pages = [api.get("/search", kinds="flow", size=2, page=page)["results"] for page in (1, 2)]
    files = api.get("/search", kinds="file", q="USERS")["results"]

    assert [[hit["id"] for hit in page] for page in pages] == [["f0", "f1"], ["f2"]]
    assert [(hit["namespace"], hit["id"].lstrip("/")) for hit in files] == [
        ("names.eu", "sql/users.sql")
    ]
    assert api.get("/search", kinds="file,resource")["results"] == []


def test_the_grid_shows_each_task_in_each_run(api):
    loop = "io.kestra.plugin.core.flow.ForEach"
    api.flow(
        "grid",
        "inputs: [{id: n, type: INT, defaults: 1}]",
        tasks=f"{{id: each, type: {loop}, values: [1, 2, 3], tasks: [{{id: a, type: "
        "io.kestra.plugin.core.log.Log, message: hi}]}, {id: stop, type: "
        "io.kestra.plugin.core.execution.Fail}, {id: never, type: "
        "io.kestra.plugin.core.log.Log, message: hi}",
    )
    runs = [api.run("grid"), api.run("grid")]

    grid = api.get("/flows/team.a/grid/grid")
    one = api.get("/flows/team.a/grid/grid", runs=1)
    older = api.get("/flows/team.a/grid/grid", before=grid["runs"][0]["startDate"])

    assert [run["id"] for run in grid["runs"]] == runs[::-1]
    rows = {task["id"]: i for i, task in enumerate(grid["tasks"])}
    assert grid["states"][rows["a"]] == ["SUCCESS", "SUCCESS"]
    assert grid["counts"][rows["a"]] == [3, 3]
    assert grid["states"][rows["stop"]] == ["FAILED", "FAILED"]
    assert grid["states"][rows["never"]] == ["", ""]
    assert [run["id"] for run in one["runs"]] == runs[1:]
    assert [run["id"] for run in older["runs"]] == runs[:1]
    api.send("GET", "/flows/team.a/nothing/grid", status=404)
    api.send("GET", "/flows/team.a/grid/grid", before="soon", status=422)


def test_expressions_are_rendered_against_an_execution(api):
    api.flow("one", "inputs: [{id: n, type: INT, defaults: 4}]")
    execution = api.run("one")
    asked = {"a": "{{ inputs.n + 1 }}", "b": "{{ nothing.there }}", "s": "{{ secret('TOKEN') }}"}

    found = api.send(
        "POST", "/expressions/render", {"executionId": execution, "expressions": asked}
    )["results"]

    assert found["a"] == {"result": "5"}
    assert "nothing" in found["b"]["error"]
    assert found["s"] == {"result": "******"}


def test_expressions_are_rendered_against_a_source(lite):
    source = "id: f\nnamespace: a\nvariables: {x: 2}\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: m}]\n"  # noqa: E501

    found = lite.send(
        "POST",
        "/expressions/render",
        {
            "flow": source,
            "inputs": {"y": 3},
            "expressions": ["{{ vars.x * inputs.y }}{{ flow.id }}"],
        },
    )

    assert found == {"results": [{"result": "6f"}]}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"expressions": "x", "flow": "id: f"},
        {"expressions": ["x"]},
        {"expressions": ["x"], "flow": "id: f", "executionId": "x"},
        {"expressions": [1], "executionId": "x"},
        {"expressions": ["x"], "flow": "id: f\nnamespace: a\n"},
        {"expressions": ["x"], "executionId": 7},
    ],
)
def test_a_wrong_question_for_expressions_is_refused(lite, wrong):
    lite.send("POST", "/expressions/render", wrong, status=422)


def test_a_webhook_answers_on_the_path_that_its_trigger_declares_only(api):
    api.flow("plain", HOOK.format(more=""))
    api.flow("deep", HOOK.format(more=", path: orders/new"))

    def call(path):
        return api.call("POST", f"/executions/webhook/team.a/{path}").status_code

    assert call("plain/k3y") == 200
    assert call("plain/k3y/orders") == 404
    assert call("deep/k3y/orders/new") == 200
    assert call("deep/k3y/orders/new/") == 200
    assert call("deep/k3y") == 404
    assert call("deep/k3y/orders") == 404


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("Basic ZGFubmE6cGFzc3dvcmQ=", False),  # danna:password
        ("Basic c29tZWJvZHk6cGFzc3dvcmQ=", True),  # somebody:password
        ("Bearer tk_0123456789", False),
        ("Bearer theirs", True),
        ("Basic no-base64", True),
    ],
)
def test_a_webhook_keeps_no_credentials_of_this_server(lite, given, is_kept):
    accounts.create(lite.driver.rt, "danna", password="a long password")
    lite.flow("hooked", HOOK.format(more=""))

    headers = {"Authorization": given, "Cookie": "JWT=x", "X-Shop": "7"}
    answer = lite.call("POST", "/executions/webhook/team.a/hooked/k3y", headers=headers)

    kept = {k.lower(): v for k, v in answer.get_json()["trigger"]["variables"]["headers"].items()}
    assert kept.get("authorization") == ([given] if is_kept else None)
    assert "cookie" not in kept
    assert kept["x-shop"] == ["7"]
