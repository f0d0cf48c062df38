"""Acts on executions and flows, one by one and in bulk; files, graphs, exports."""

import io
import zipfile

import pytest

FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
WRITE = "{id: w, type: io.kestra.plugin.core.storage.Write, content: some text, extension: .txt}"


def current(api, execution):
    return api.get(f"/executions/{execution}")["state"]["current"]


@pytest.fixture
def ended(lite):
    lite.flow("one")
    return lite, lite.run("one", labels="team:a")


@pytest.mark.parametrize("below", ["", "/actions"])
def test_an_execution_is_paused_resumed_restarted_replayed(lite, below):
    lite.flow("wait", tasks=PAUSE)
    execution = lite.run("wait")
    lite.send("POST", f"/executions/{execution}{below}/resume")
    lite.driver.work()
    resumed = lite.get(f"/executions/{execution}")["taskRunList"][0]["outputs"]["resumed"]
    assert resumed["by"] == "anonymous"

    restarted = lite.call("POST", f"/executions/{execution}{below}/restart")
    replayed = lite.send("POST", f"/executions/{execution}{below}/replay")

    assert restarted.status_code in (200, 409, 422)
    assert replayed["originalId"] == execution
    assert replayed["id"] != execution
    assert lite.call("POST", f"/executions/{execution}{below}/unqueue").status_code == 409


@pytest.mark.parametrize("below", ["", "/actions"])
def test_an_execution_is_killed_once(lite, below):
    lite.flow("wait", tasks=PAUSE)
    execution = lite.run("wait")

    killed = lite.send("DELETE", f"/executions/{execution}{below}/kill")
    lite.driver.work()
    again = lite.call("DELETE", f"/executions/{execution}{below}/kill")

    assert killed["id"] == execution
    assert current(lite, execution) == "KILLED"
    assert again.status_code == 409


@pytest.mark.parametrize("below", ["", "/actions"])
def test_an_ended_execution_gets_labels_and_another_end(ended, below):
    api, execution = ended
    labels = [{"key": "team", "value": "b"}, {"key": "x", "value": "y"}]

    labelled = api.send("POST", f"/executions/{execution}{below}/labels", labels)
    changed = api.call("POST", f"/executions/{execution}{below}/change-status?status=WARNING")

    assert {(item["key"], item["value"]) for item in labelled["labels"]} >= {
        ("team", "b"),
        ("x", "y"),
    }
    assert changed.status_code == 200
    assert current(api, execution) == "WARNING"
    system = [{"key": "system.x", "value": "y"}]
    api.send("POST", f"/executions/{execution}{below}/labels", system, status=422)


@pytest.mark.parametrize("below", ["", "/actions"])
def test_an_expression_is_rendered_in_an_execution(ended, below):
    api, execution = ended
    run = api.get(f"/executions/{execution}")["taskRunList"][0]["id"]

    whole = api.call("POST", f"/executions/{execution}{below}/eval", data="{{ flow.id }}!")
    of_run = api.call("POST", f"/executions/{execution}{below}/eval/{run}", data="{{ task.id }}")
    wrong = api.call("POST", f"/executions/{execution}{below}/eval", data="{{ nothing.here }}")

    assert whole.get_json() == {"result": "one!"}
    assert of_run.get_json() == {"result": "log"}
    assert (wrong.status_code, "error" in wrong.get_json()) == (200, True)


@pytest.mark.parametrize("act", ["restart", "replay", "resume", "pause", "force-run", "unqueue"])
def test_a_bulk_act_with_an_unknown_id_is_refused_as_a_whole(ended, act):
    api, execution = ended

    answer = api.call("POST", f"/executions/{act}/by-ids", json=[execution, "0" * 22])

    assert answer.status_code == 400
    assert "0" * 22 in [item["invalidValue"] for item in answer.get_json()["invalids"]]


def test_executions_are_killed_in_bulk(lite):
    lite.flow("wait", tasks=PAUSE)
    by_ids, by_query = lite.run("wait"), lite.run("wait")

    first = lite.send("DELETE", "/executions/kill/by-ids", [by_ids])
    second = lite.send(
        "DELETE", "/executions/kill/by-query", **{"filters[state][EQUALS]": "PAUSED"}
    )
    lite.driver.work()

    assert first["count"] == first["totalItems"] == second["totalItems"] == 1
    assert current(lite, by_ids) == current(lite, by_query) == "KILLED"


def test_executions_are_labelled_changed_replayed_and_removed_in_bulk(ended):
    api, execution = ended
    only = {"filters[labels][EQUALS][team]": "a"}
    label = [{"key": "bulk", "value": "1"}]

    named = {"executionsId": [execution], "executionLabels": label}
    results = [
        api.send("POST", "/executions/labels/by-ids", named),
        api.send("POST", "/executions/labels/by-query", label, **only),
        api.send("POST", "/executions/change-status/by-ids", [execution], newStatus="WARNING"),
        api.send("POST", "/executions/change-status/by-query", newStatus="FAILED", **only),
        api.send("POST", "/executions/replay/by-ids", [execution]),
    ]
    state = current(api, execution)
    busy = api.call("DELETE", "/executions/by-query", query_string=only)
    api.driver.work()
    removed = api.send("DELETE", "/executions/by-query", **only)

    assert [item["totalItems"] for item in results] == [1] * 5
    assert state == "FAILED"
    assert busy.status_code == 400
    assert removed["count"] == 2
    assert api.call("GET", f"/executions/{execution}").status_code == 404
    assert api.call("DELETE", "/executions/by-query?namespace=team.a").status_code == 400


def test_a_file_of_an_execution_is_read_measured_and_shown(lite):
    lite.flow("file", tasks=WRITE)
    execution = lite.run("file")
    path = lite.driver.outputs(execution, "w")["uri"]

    asked = {"query_string": {"path": path}}
    data = lite.call("GET", f"/executions/{execution}/file", **asked)
    size = lite.call("GET", f"/executions/{execution}/file/metas", **asked).get_json()
    shown = lite.call("GET", f"/executions/{execution}/file/preview", **asked).get_json()
    other = {"query_string": {"path": "kestra:///other/x.txt"}}

    assert data.data == b"some text"
    assert "attachment" in data.headers["Content-Disposition"]
    assert size == {"size": 9}
    assert (shown["type"], shown["content"]) == ("TEXT", "some text")
    assert lite.call("GET", f"/executions/{execution}/file", **other).status_code == 422


def test_what_may_be_run_is_listed(ended):
    api, execution = ended

    latest = api.send("POST", "/executions/latest", [{"namespace": "team.a", "id": "one"}])

    assert api.get("/executions/namespaces") == ["team.a"]
    assert [f["id"] for f in api.get("/executions/namespaces/team.a/flows")] == ["one"]
    assert api.get("/executions/flows/team.a/one")["id"] == "one"
    assert api.get(f"/executions/{execution}/flow")["id"] == "one"
    assert [item["id"] for item in latest] == [execution]
    assert b"one" in api.send("GET", "/executions/export/by-query/csv")
    assert "team.a" in api.get("/executions/distinct-field-values", field="namespace")
    nodes = api.get(f"/executions/{execution}/graph")["nodes"]
    assert "SUCCESS" in str([node.get("taskRun") for node in nodes])
    runs = f"/executions/{execution}/taskruns"
    assert [api.get(runs, **asked)["total"] for asked in ({}, {"taskId": "log"})] == [1, 1]
    assert api.get(runs, taskId="other")["total"] == 0


def test_flows_are_switched_exported_imported_and_removed_in_bulk(lite):
    lite.flow("one")
    lite.flow("two")
    place, only = [{"namespace": "team.a", "id": "one"}], {"filters[flowId][EQUALS]": "two"}

    counts = [
        lite.send("POST", "/flows/disable/by-ids", place)["count"],
        lite.send("POST", "/flows/disable/by-ids", place)["count"],
        lite.send("POST", "/flows/enable/by-ids", place)["count"],
        lite.send("POST", "/flows/disable/by-query", **only)["count"],
        lite.send("POST", "/flows/enable/by-query", **only)["count"],
    ]
    packed = lite.send("POST", "/flows/export/by-ids", place)
    also = lite.send("GET", "/flows/export/by-query", **only)
    table = lite.send("GET", "/flows/export/by-query/csv")
    gone = lite.send("DELETE", "/flows/delete/by-ids", place)["count"]
    part = {"fileUpload": (io.BytesIO(packed), "flows.zip")}
    imported = lite.call("POST", "/flows/import", data=part)

    assert counts == [1, 0, 1, 1, 1]
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["team.a.one.yml"]
    assert zipfile.ZipFile(io.BytesIO(also)).namelist() == ["team.a.two.yml"]
    assert b"two" in table
    assert gone == 1
    assert (imported.status_code, imported.get_json()) == (200, [])
    assert lite.get("/flows/team.a/one")["id"] == "one"
    assert lite.send("DELETE", "/flows/delete/by-query", **only)["count"] == 1


def test_texts_in_sources_are_found_and_graphs_drawn(lite):
    lite.flow("one")
    source = lite.get("/flows/team.a/one", source="true")["source"]

    assert "source" not in lite.get("/flows/team.a/one")
    found = lite.get("/flows/source", q="HELLO")["results"]
    drawn = lite.call("POST", "/flows/graph", data=source).get_json()

    assert found[0]["model"]["id"] == found[0]["id"] == "one"
    assert "hello" in found[0]["lines"][0]["text"]
    assert {n["uid"] for n in drawn["nodes"]} >= {
        n["uid"] for n in lite.get("/flows/team.a/one/graph")["nodes"] if "log" in n["uid"]
    }
    assert lite.get("/flows/distinct-namespaces") == ["team.a"]
    assert lite.get("/flows/deprecated") == []
    assert [node["id"] for node in lite.get("/dependencies")["nodes"]] == ["one"]


@pytest.mark.parametrize("act", ["pause", "restart", "replay", "force-run"])
def test_an_act_on_what_is_no_execution_names_the_execution(lite, act):
    answer = lite.call("POST", f"/executions/nosuchid/{act}")

    assert answer.status_code == 404
    assert "no execution 'nosuchid'" in answer.get_json()["message"]


def test_a_flow_that_is_called_like_an_act_is_started(lite):
    lite.flow("replay", namespace="team")

    assert lite.send("POST", "/executions/team/replay")["flowId"] == "replay"
    assert "no flow" in lite.send("POST", "/executions/team.a/replay", status=404)["message"]


def test_inputs_as_json_are_refused_with_the_way_they_come(lite):
    lite.flow("asks", more="inputs: [{id: n, type: INT, required: false}]")

    refused = lite.send("POST", "/executions/team.a/asks", {"n": 1}, status=422)

    assert "multipart/form-data" in refused["message"]
    assert lite.send("POST", "/executions/team.a/asks", {})["flowId"] == "asks"


def test_flows_of_one_name_in_an_export_lose_nothing_on_the_way_back(lite):
    """`a.b` + `c` and `a` + `b.c` are both `a.b.c`, and some disks take `a.b.C` for the same."""
    text = "id: {}\nnamespace: {}\n# kept\ntasks: [{{id: a, type: {}, message: '--- x'}}]\n"
    log = "io.kestra.plugin.core.log.Log"
    names = [("a", "b.c"), ("a.b", "C"), ("a.b", "c")]
    for namespace, flow_id in names:
        lite.call("POST", "/flows", data=text.format(flow_id, namespace, log))

    exported = lite.call("GET", "/flows/export/by-query").data
    for namespace, flow_id in names:
        lite.send("DELETE", f"/flows/{namespace}/{flow_id}", status=204)
    file = {"fileUpload": (io.BytesIO(exported), "flows.zip")}
    lite.call("POST", "/flows/import", data=file, content_type="multipart/form-data")

    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        inside = [name.lower() for name in archive.namelist()]
    assert len(set(inside)) == 3
    for namespace, flow_id in names:
        found = lite.get(f"/flows/{namespace}/{flow_id}", source="true")
        assert found["source"] == text.format(flow_id, namespace, log)
