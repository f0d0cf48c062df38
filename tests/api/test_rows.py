"""Routes that clients call now and then: right status, right shape, and what is wrong refused."""

import io
import zipfile

import pytest

HOURLY = "triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}]"
PLACE = {"namespace": "team.a", "flowId": "one", "triggerId": "hourly"}
BACKFILL = {"start": "2026-04-30T00:00:00Z", "end": "2026-04-30T03:00:00Z"}
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
RETURN = "{id: give, type: io.kestra.plugin.core.debug.Return, format: hello}"
FAIL = "{id: f, type: io.kestra.plugin.core.execution.Fail}"
SUBFLOW = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: team.a, flowId: one}"
METRIC = (
    "{id: count, type: io.kestra.plugin.core.metric.Publish, "
    "metrics: [{name: rows, type: counter, value: 5}]}"
)


def current(api, execution):
    return api.get(f"/executions/{execution}")["state"]["current"]


@pytest.fixture
def planned(lite):
    lite.flow("one", HOURLY)
    return lite


def trigger(api):
    return api.get("/triggers/team.a/one")["results"][0]


BY_FLOW = {"filters[flowId][EQUALS]": "one"}


@pytest.mark.parametrize("by", ["triggers", "query"])
def test_backfills_are_paused_resumed_and_removed_in_bulk(planned, by):
    planned.send("PUT", "/triggers/backfill/create", {**PLACE, "backfill": BACKFILL})
    body, query = ([PLACE], {}) if by == "triggers" else (None, BY_FLOW)

    def act(name):
        return planned.send("POST", f"/triggers/backfill/{name}/by-{by}", body, **query)

    paused, was = act("pause"), trigger(planned)["backfill"].get("paused")
    resumed, later = act("unpause"), trigger(planned)["backfill"].get("paused")
    removed = act("delete")

    assert paused["totalItems"] == resumed["totalItems"] == removed["totalItems"] == 1
    assert (was, bool(later)) == (True, False)
    assert "backfill" not in trigger(planned)
    assert act("pause")["totalItems"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "backfill/delete"),
        ("POST", "backfill/pause"),
        ("POST", "backfill/unpause"),
        ("POST", "unlock"),
        ("DELETE", "delete"),
    ],
)
def test_a_bulk_act_on_triggers_refuses_what_it_cannot_read(planned, method, path):
    for body in ({}, [{"namespace": "team.a"}], [[]], "x"):
        planned.send(method, f"/triggers/{path}/by-triggers", body, status=422)
    planned.send(method, f"/triggers/{path}/by-query", status=400, flowId="one")
    planned.send(method, f"/triggers/{path}/by-query", status=400, **{"filters[x][EQUALS]": "1"})

    assert trigger(planned)["triggerId"] == "hourly"


def test_triggers_that_are_locked_are_unlocked_and_what_a_flow_lost_is_removed(planned):
    def lock():
        with planned.driver.rt.database.transaction() as tx:
            tx.exec_driver_sql("update triggers set execution_id = 'x'")

    lock()
    by_list = planned.send("POST", "/triggers/unlock/by-triggers", [PLACE])
    lock()
    by_query = planned.send("POST", "/triggers/unlock/by-query", **BY_FLOW)
    lock()
    one = planned.send("POST", "/triggers/team.a/one/hourly/unlock")
    lock()
    restarted = planned.send("POST", "/triggers/team.a/one/hourly/restart")
    kept = planned.send("DELETE", "/triggers/delete/by-query", **BY_FLOW)
    also = planned.send("DELETE", "/triggers/delete/by-triggers", [PLACE])

    assert by_list["count"] == by_query["count"] == 1
    assert "executionId" not in one
    assert "executionId" not in restarted
    assert kept["totalItems"] == also["totalItems"] == 0
    assert not trigger(planned)["locked"]


def test_a_trigger_is_changed_as_older_clients_do_and_a_backfill_is_previewed(planned):
    off = planned.send("PUT", "/triggers", {**PLACE, "disabled": True})
    made = planned.send("PUT", "/triggers", {**PLACE, "disabled": False, "backfill": BACKFILL})
    seen = planned.send("POST", "/triggers/team.a/one/hourly/backfill/preview", BACKFILL)

    assert off["disabled"] is True
    assert made["backfill"]["start"].startswith("2026-04-30T00:00")
    assert seen["count"] == 4
    assert seen["instants"][0] == "2026-04-30T00:00:00Z"
    assert (len(seen["last"]), seen["last"][-1], seen["isCut"]) == (4, seen["instants"][-1], False)
    planned.send("PUT", "/triggers", {**PLACE, "triggerId": "none"}, status=404)
    planned.send("POST", "/triggers/team.a/one/hourly/backfill/preview", {}, status=422)


def test_a_backfill_is_previewed_and_made_in_its_order(planned):
    path, newest = "/triggers/team.a/one/hourly/backfill/preview", {"order": "NEWEST_FIRST"}
    seen = planned.send("POST", path, BACKFILL | newest)
    wrong = planned.call("POST", path, json=BACKFILL | {"order": "newest"})
    wanted = BACKFILL | newest | {"concurrencyLimit": 2}
    made = planned.send("PUT", "/triggers/backfill/create", {**PLACE, "backfill": wanted})

    assert [instant[11:13] for instant in seen["instants"]] == ["03", "02", "01", "00"]
    assert "`order`: it must be OLDEST_FIRST or NEWEST_FIRST" in wrong.get_json()["message"]
    assert made["backfill"]["currentDate"].startswith("2026-04-30T03:00")
    assert (made["backfill"]["order"], made["backfill"]["concurrencyLimit"]) == ("NEWEST_FIRST", 2)


def test_a_backfill_of_too_many_dates_is_counted_no_further(planned):
    wanted = {"start": "2010-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}

    seen = planned.send("POST", "/triggers/team.a/one/hourly/backfill/preview", wanted)

    assert (seen["count"], seen["isCut"], seen["last"]) == (10_000, True, [])


def test_a_schedule_is_listed_with_the_execution_it_began_last(planned):
    driver = planned.driver
    before = planned.get("/triggers/search")["results"][0]["state"]
    driver.clock.advance(3600)
    driver.poll()

    state = planned.get("/triggers/search")["results"][0]["state"]

    assert "lastExecutionId" not in before
    assert state["lastExecutionState"] == "SUCCESS"
    assert driver.state(state["lastExecutionId"]) == "SUCCESS"


def test_flows_are_replaced_across_namespaces_hashed_and_their_revisions_forgotten(lite):
    log = "{{id: a, type: io.kestra.plugin.core.log.Log, message: {}}}"
    text = "id: {}\nnamespace: {}\ntasks: [" + log + "]"
    both = "\n---\n".join([text.format("x", "a.b", 1), text.format("y", "c", 1)])
    first = lite.call("POST", "/flows/bulk", data=both, query_string={"delete": "false"})
    again = lite.call("POST", "/flows/bulk", data=both.replace("message: 1", "message: 2"))
    ids = [{"namespace": "a.b", "id": "x"}, {"namespace": "no", "id": "no"}]
    hashes = lite.send("POST", "/flows/hashes/by-ids", ids)
    before = lite.get("/flows/a.b/x/revisions")
    latest = lite.call("DELETE", "/flows/a.b/x/revisions", query_string={"revisions": "2"})
    lite.send("DELETE", "/flows/a.b/x/revisions", revisions="1")

    assert first.status_code == again.status_code == 200
    assert [flow["id"] for flow in again.get_json()] == ["x", "y"]
    assert [(h["id"], h["revision"]) for h in hashes] == [("x", 2)]
    assert [revision["revision"] for revision in before] == [1, 2]
    assert latest.status_code == 422
    assert [revision["revision"] for revision in lite.get("/flows/a.b/x/revisions")] == [2]
    assert lite.call("DELETE", "/flows/a.b/x/revisions").status_code == 400


def test_a_task_is_found_and_parts_of_a_flow_are_validated(lite):
    lite.flow("one", tasks=RETURN)
    good = "id: a\ntype: io.kestra.plugin.core.log.Log\nmessage: x"
    wrong = "id: a\ntype: no.Such"
    schedule = {"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 * * * *"}

    found = lite.get("/flows/team.a/one/tasks/give")
    checked = [
        lite.call("POST", "/flows/validate/task", data=data, query_string={"section": "TASKS"})
        for data in (good, wrong)
    ]
    triggers = [
        lite.call("POST", "/flows/validate/trigger", json=data)
        for data in (schedule, {**schedule, "cron": "never"})
    ]

    assert found["format"] == "hello"
    assert lite.call("GET", "/flows/team.a/one/tasks/none").status_code == 404
    for good_one, bad_one in (checked, triggers):
        assert good_one.status_code == bad_one.status_code == 200
        assert "constraints" not in good_one.get_json()
        assert bad_one.get_json()["constraints"]


def test_flows_know_what_they_call_and_what_an_expression_sees(lite):
    lite.flow("one", tasks=RETURN)
    lite.flow("caller", tasks=SUBFLOW)
    purge = "io.kestra.plugin.core.execution.PurgeExecutions, namespace: team.a, flowId: one"
    lite.flow("purger", tasks=f"{{id: purge, type: {purge}, endDate: '2026-01-01T00:00:00Z'}}")
    source = lite.get("/flows/team.a/caller", source="true")["source"]

    of_flow = lite.get("/flows/team.a/caller/dependencies")
    of_namespace = lite.get("/namespaces/team.a/dependencies")
    sees = lite.call("POST", "/flows/expressions", data=source, query_string={"taskId": "call"})
    execution = lite.run("one")
    of_execution = lite.get(f"/executions/{execution}/dependencies")

    assert {node["id"] for node in of_flow["nodes"]} == {"one", "caller"}
    assert {node["id"] for node in of_namespace["nodes"]} == {"one", "caller", "purger"}
    for graph in (of_flow, of_namespace):
        assert [edge["relation"] for edge in graph["edges"]] == ["FLOW_TASK"]
    assert sees.status_code == 200
    assert "execution" in sees.get_json()
    assert "nodes" in of_execution
    assert lite.call("GET", "/flows/team.a/none/dependencies").status_code == 404


def test_slots_of_limited_flows_are_counted(lite):
    lite.flow("one", "concurrency: {limit: 1}", tasks=PAUSE)
    lite.run("one")

    found = lite.get("/concurrency-limit/search")
    again = lite.send("PUT", "/concurrency-limit/team.a/one", {"running": 5})

    assert [(item["flowId"], item["running"]) for item in found["results"]] == [("one", 1)]
    assert again["running"] == 1
    lite.send("PUT", "/concurrency-limit/team.a/none", {"running": 5}, status=404)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["one", "two"]),
        ({"namespace": "team.a", "flowId": "two"}, ["two"]),
        ({"flowId": "none"}, []),
        ({"namespace": "team"}, []),
    ],
)
def test_limits_are_read_of_one_flow(lite, query, names):
    lite.flow("one", "concurrency: {limit: 1}")
    lite.flow("two", "concurrency: {limit: 2}")

    found = lite.get("/concurrency-limit/search", **query)

    assert [item["flowId"] for item in found["results"]] == names
    assert found["total"] == len(names)


@pytest.mark.parametrize("below", ["", "/actions"])
def test_an_execution_is_paused_forced_and_its_resume_is_checked(lite, below):
    ask = "{id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: n, type: INT}]}"
    lite.flow("asks", tasks=ask)
    lite.flow("full", "concurrency: {limit: 1, behavior: QUEUE}", tasks=PAUSE)
    asks = lite.run("asks")
    lite.run("full")
    queued = lite.run("full")

    wrong = lite.call("POST", f"/executions/{asks}{below}/resume/validate", data={"n": "x"})
    good = lite.call("POST", f"/executions/{asks}{below}/resume/validate", data={"n": "4"})
    forced = lite.send("POST", f"/executions/{queued}{below}/force-run")
    paused = lite.call("POST", f"/executions/{asks}{below}/pause")
    point = lite.call("POST", f"/executions/{asks}{below}/resume-from-breakpoint")

    assert wrong.status_code == good.status_code == 200
    assert wrong.get_json()["inputs"][0]["errors"]
    assert (good.get_json()["inputs"][0]["value"], "errors" in good.get_json()["inputs"][0]) in {
        (4, False),
        (4, True),
    }
    assert forced["id"] == queued
    assert current(lite, queued) != "QUEUED"
    assert (paused.status_code, point.status_code) == (409, 409)
    assert current(lite, asks) == "PAUSED"


def test_an_execution_is_replayed_with_other_inputs_and_a_task_run_gets_another_state(lite):
    lite.flow("one", "inputs: [{id: n, type: INT, defaults: 1}]", tasks=RETURN)
    lite.flow("fails", tasks=FAIL)
    first, failed = lite.run("one"), lite.run("fails")
    run = lite.get(f"/executions/{failed}")["taskRunList"][0]["id"]

    again = [
        lite.call("POST", f"/executions/{first}{below}/replay-with-inputs", data={"n": str(n)})
        for n, below in ((7, ""), (8, "/actions"))
    ]
    forced = lite.send(
        "POST", f"/executions/{failed}/actions/state", {"taskRunId": run, "state": "SUCCESS"}
    )
    lite.driver.work()

    assert [answer.get_json()["inputs"]["n"] for answer in again] == [7, 8]
    assert {answer.get_json()["originalId"] for answer in again} == {first}
    assert forced["id"] == failed
    assert current(lite, failed) == "SUCCESS"
    lite.send("POST", f"/executions/{failed}/actions/state", {"state": "SUCCESS"}, status=422)


@pytest.mark.parametrize(
    ("act", "state", "ends"),
    [
        ("force-run", "QUEUED", "PAUSED"),
        ("unqueue", "QUEUED", "PAUSED"),
        ("resume", "PAUSED", "SUCCESS"),
        ("restart", "FAILED", "FAILED"),
        ("replay", "FAILED", "FAILED"),
    ],
)
def test_an_act_by_query_reaches_what_the_filters_fit(lite, act, state, ends):
    lite.flow("full", "concurrency: {limit: 1, behavior: QUEUE}", tasks=PAUSE)
    lite.flow("fails", tasks=FAIL)
    made = [lite.run("full"), lite.run("full"), lite.run("fails")]
    hit = {"QUEUED": made[1], "PAUSED": made[0], "FAILED": made[2]}[state]

    told = lite.send("POST", f"/executions/{act}/by-query", **{"filters[state][EQUALS]": state})
    lite.driver.work()

    assert told["totalItems"] == told["count"] == 1
    assert current(lite, hit) == ends
    lite.send("POST", f"/executions/{act}/by-query", status=400, state=state)


def test_running_executions_are_paused_by_query_and_ended_ones_removed(lite):
    lite.flow("one", tasks=RETURN)
    waiting = lite.send("POST", "/executions/team.a/one")["id"]
    none = lite.send("POST", "/executions/pause/by-query", **{"filters[state][EQUALS]": "PAUSED"})
    lite.driver.work()
    removed = lite.send("DELETE", "/executions/by-ids", [waiting])

    assert none["totalItems"] == 0
    assert removed["count"] == 1
    assert lite.call("GET", f"/executions/{waiting}").status_code == 404
    lite.send("DELETE", "/executions/by-ids", ["0" * 22], status=400)


def test_the_older_way_to_start_works_and_durations_are_averaged(lite):
    lite.flow("one", tasks=RETURN)
    started = lite.send("POST", "/executions/trigger/team.a/one")
    lite.driver.work()

    average = lite.get("/executions/namespaces/team.a/flows/one/average-duration")

    assert current(lite, started["id"]) == "SUCCESS"
    assert average["count"] == 1
    assert average["averageDuration"] >= 0
    path = "/executions/namespaces/team.a/flows/none/average-duration"
    assert lite.call("GET", path).status_code == 404


def test_outputs_are_read_by_execution_and_by_task(lite):
    lite.flow("one", "outputs: [{id: o, type: STRING, value: x}]", tasks=RETURN)
    execution = lite.run("one")
    listed = lite.get(f"/outputs/tasks/{execution}")

    assert lite.get(f"/outputs/executions/{execution}") == {"o": "x"}
    assert lite.get(f"/outputs/{execution}") == {"o": "x"}
    assert [(item["taskId"], item["inline"]) for item in listed] == [("give", True)]
    path = f"/outputs/tasks/{execution}/{listed[0]['taskRunId']}"
    assert lite.get(path) == {"value": "hello"}
    for path in (f"/outputs/executions/{'0' * 22}", f"/outputs/tasks/{execution}/none"):
        assert lite.call("GET", path).status_code == 404


def test_a_log_is_read_in_windows_summed_up_searched_and_loaded(lite):
    say = "{id: log, type: io.kestra.plugin.core.log.Log, message: [one, two, three], level: WARN}"
    lite.flow("one", tasks=say)
    execution = lite.run("one")

    window = lite.get(f"/logs/{execution}/lines", **{"from": 1, "count": 1})
    matches = lite.get(f"/logs/{execution}/matches", q="two")
    summary = lite.get(f"/logs/{execution}/summary")
    loaded = lite.call("GET", f"/logs/{execution}/download").get_data(as_text=True)

    assert (window["total"], window["lines"][0]["message"]) == (3, "two")
    assert "1" in str(matches)
    assert "3" in str(summary)
    assert [line.split(" ", 2)[1:] for line in loaded.splitlines()] == [
        ["WARN", "one"],
        ["WARN", "two"],
        ["WARN", "three"],
    ]
    assert lite.call("GET", f"/logs/{execution}/lines?count=x").status_code == 422


def test_metrics_are_named_by_flow_and_task_and_added_up(lite):
    lite.flow("one", tasks=METRIC)
    lite.run("one")
    lite.run("one")
    query = {"startDate": "2026-04-30T00:00:00Z", "endDate": "2026-05-02T00:00:00Z"}

    whole = lite.get("/metrics/aggregates/team.a/one/rows", **query)
    of_task = lite.get("/metrics/aggregates/team.a/one/count/rows", aggregation="avg", **query)

    assert lite.get("/metrics/names/team.a/one") == ["rows"]
    assert lite.get("/metrics/names/team.a/one/count") == ["rows"]
    assert lite.get("/metrics/names/team.a/one/none") == []
    assert lite.get("/metrics/tasks/team.a/one") == ["count"]
    assert sum(item["value"] or 0 for item in whole["aggregations"]) == 10
    assert max(item["value"] or 0 for item in of_task["aggregations"]) == 5
    wrong = lite.call("GET", "/metrics/aggregates/team.a/one/rows?aggregation=guess")
    assert wrong.status_code == 422


def test_files_of_a_namespace_are_listed_found_and_exported(lite):
    base = "/namespaces/team.a/files"
    for path, text in (("/a/b.txt", b"one"), ("/a/b.txt", b"two"), ("/c.txt", b"x")):
        part = {"fileContent": (io.BytesIO(text), "f")}
        lite.call("POST", base, query_string={"path": path}, data=part)
    lite.call("POST", f"{base}/directory", query_string={"path": "/new/deep"})

    names = {(item["fileName"], item["type"]) for item in lite.get(f"{base}/directory")}
    archive = zipfile.ZipFile(io.BytesIO(lite.call("GET", f"{base}/export").data))

    assert names == {("a", "Directory"), ("c.txt", "File"), ("new", "Directory")}
    assert [
        item["fileName"] for item in lite.call("GET", f"{base}/directory?path=/a").get_json()
    ] == ["b.txt"]
    assert lite.call("GET", f"{base}/stats?path=/a/b.txt").get_json()["size"] == 3
    assert lite.get(f"{base}/stats")["type"] == "Directory"
    assert lite.get(f"{base}/search", q="b.t") == ["/a/b.txt"]
    assert [
        item["revision"] for item in lite.call("GET", f"{base}/revisions?path=/a/b.txt").get_json()
    ] == [1, 2]
    assert set(archive.namelist()) == {"a/b.txt", "c.txt"}
    for path in ("stats?path=/none", "directory?path=/none", "revisions?path=/none"):
        assert lite.call("GET", f"{base}/{path}").status_code == 404, path
    assert lite.call("GET", f"{base}/search").status_code == 400


def test_keys_are_listed_inherited_and_removed_together(lite):
    for namespace, key in (("team", "above"), ("team.a", "own"), ("team.a", "more")):
        answer = lite.call("PUT", f"/namespaces/{namespace}/kv/{key}", data='"v"')
        assert answer.status_code == 200
    inherited = lite.get("/namespaces/team.a/kv/inheritance")
    removed = lite.send("DELETE", "/namespaces/team.a/kv", {"keys": ["own", "none"]})

    assert {item["key"] for item in inherited} >= {"above"}
    assert removed == {"keys": ["own"]}
    assert [item["key"] for item in lite.get("/namespaces/team.a/kv")] == ["more"]
    found = lite.get("/kv", **{"filters[namespace][PREFIX]": "team"})
    assert sorted(item["key"] for item in found["results"]) == ["above", "more"]
    lite.send("DELETE", "/namespaces/team.a/kv", {"keys": "own"}, status=422)


def test_defaults_of_namespaces_are_inherited(lite):
    defaults = [{"type": "io.kestra.plugin.core.log.Log", "values": {"level": "DEBUG"}}]
    lite.send("POST", "/namespaces", {"id": "team", "pluginDefaults": defaults})

    assert "DEBUG" in str(lite.get("/namespaces/team.a/inherited-plugindefaults"))


def test_a_blueprint_without_its_kind_has_a_graph_and_an_unsaved_chart_is_exported(lite):
    first = lite.get("/blueprints/community", size=1)["results"][0]["id"]
    graph = lite.get(f"/blueprints/community/{first}/graph")
    missing = lite.call("POST", "/dashboards/charts/export", json={})

    assert graph["nodes"]
    assert missing.status_code == 422


def test_a_text_is_replaced_in_sources_after_it_was_shown(lite):
    lite.flow("one", tasks=RETURN)
    lite.flow("two", tasks=RETURN)
    body = {"query": "HELLO", "replacement": "good day", "namespace": "team"}
    flows = [{"namespace": "team.a", "id": name} for name in ("one", "two", "none")]

    seen = lite.send("POST", "/flows/source/replace/preview", body)
    before = lite.get("/flows/team.a/one", source="true")["source"]
    done = lite.send("POST", "/flows/source/replace/apply", {**body, "flows": flows})
    after = lite.get("/flows/team.a/one", source="true")

    assert (seen["totalMatches"], seen["totalFlows"], seen["editableFlowCount"]) == (2, 2, 2)
    assert "hello" in seen["flows"][0]["matches"][0]["before"]
    assert "good day" in seen["flows"][0]["matches"][0]["after"]
    assert "hello" in before
    assert [(flow["id"], flow["revision"]) for flow in done["updated"]] == [("one", 2), ("two", 2)]
    assert [(item["id"], item["reason"]) for item in done["skipped"]] == [("none", "NOT_FOUND")]
    assert after["source"] == before.replace("hello", "good day")


def test_one_line_is_replaced_and_what_would_be_no_flow_is_left_alone(lite):
    lite.flow("one", tasks=RETURN)
    line = {"namespace": "team.a", "id": "one", "line": 4}
    path = "/flows/source/replace/line"

    done = lite.send(
        "POST", path, {**line, "query": "(hel)(lo)", "replacement": "$2-${1}", "regex": True}
    )  # fmt: skip
    source = lite.get("/flows/team.a/one", source="true")["source"]
    at = source.splitlines()[3].index("lo-hel")
    column = {**line, "query": "lo-hel", "replacement": "x", "column": at}
    elsewhere = lite.send("POST", path, {**column, "column": 1})
    there = lite.send("POST", path, column)
    broken = lite.send(
        "POST", path, {**line, "query": "tasks: ", "replacement": "tusks: ", "wholeWord": False}
    )

    assert done["updated"][0]["revision"] == 2
    assert "lo-hel" in source
    assert elsewhere["skipped"][0]["reason"] == "NO_MATCH"
    assert there["updated"][0]["revision"] == 3
    assert broken["skipped"][0]["reason"] == "INVALID"
    assert "tusks" in broken["skipped"][0]["message"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"query": ""}, "query"),
        ({"query": "("}, "query"),
        ({"replacement": None}, "replacement"),
        ({"replacement": "$7"}, "replacement"),
        ({"regex": "yes"}, "regex"),
        ({"flows": "all"}, "flows"),
        ({"flows": [{"id": "one"}]}, "flows[0].namespace"),
        ({"query": "(e+)+#", "replacement": ""}, "query"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused_by_name(lite, change, named):
    lite.flow("one", f"description: {'e' * 40000}", tasks=RETURN)
    flows = [{"namespace": "team.a", "id": "one"}]
    body = {"query": "(hello)", "replacement": "x", "regex": True, "flows": flows, **change}

    answer = lite.call("POST", "/flows/source/replace/apply", json=body)

    assert answer.status_code == 422
    assert named in answer.get_json()["message"]
    assert lite.get("/flows/team.a/one")["revision"] == 1
