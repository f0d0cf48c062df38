"""Executions one by one: start, inputs, follow, acts, files, webhooks, graphs."""

import kestrapy
from ground import (
    NS,
    T,
    current,
    executions,
    flows,
    get,
    having,
    made_flow,
    newer,
    of_flow,
    one,
    paused,
    ran,
    refused,
    rows,
    state,
    until,
)

RETURN = '{id: out, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs }}"}'
INPUTS = """inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: number, type: INT, required: false}
  - {id: flag, type: BOOL, required: false}
  - {id: data, type: JSON, required: false}
  - {id: doc, type: FILE, required: false}
"""
WRITE = "{id: out, type: io.kestra.plugin.core.storage.Write, content: hello, extension: .txt}"
HOOK = "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdef%s}]\n"


def check_execution_start_with_inputs_and_labels():
    place = made_flow("inputs", RETURN, INPUTS)
    given = {"name": "sdk", "number": 3, "flag": True, "data": {"a": [1]}, "doc": ("d.txt", b"hey")}
    found = one(executions.create_execution(**place, wait=True, inputs=given, labels=["team:data"]))
    assert current(found) == "SUCCESS"
    seen = executions.execution(found.id, T)
    assert {name: seen.inputs[name] for name in ("name", "number", "flag", "data")} == {
        "name": "sdk", "number": 3, "flag": True, "data": {"a": [1]},
    }  # fmt: skip
    file = seen.inputs["doc"]
    assert executions.download_file_from_execution(found.id, file, T) == b"hey"
    assert ("team", "data") in {(label.key, label.value) for label in seen.labels}
    assert one(executions.create_execution(**place, wait=True)).inputs["name"] == "world"
    refused(422, lambda: executions.create_execution(**place, inputs={"number": "x"}))
    refused(404, lambda: executions.create_execution(T, NS, "nothing"))


def check_execution_start_at_a_date():
    place = made_flow("later")
    found = one(executions.create_execution(**place, schedule_date="2099-01-01T00:00:00Z"))
    assert state(found.id) == "CREATED"
    executions.kill_execution(found.id, T)
    until(found.id, "KILLED")


def check_execution_follow():
    place = made_flow("followed")
    started = one(executions.create_execution(**place))
    seen = [current(event) for event in executions.follow_execution(started.id, T)]
    assert seen[-1] == "SUCCESS", seen
    dependencies = list(executions.follow_dependencies_execution(started.id, T))
    assert dependencies, dependencies


def check_execution_search_and_latest():
    found = ran("seen")
    page = executions.search_executions(
        T, page=1, size=10, sort=["state.startDate:desc"],
        filters=[*of_flow("seen"), having("state", ["SUCCESS", "WARNING"], "IN")],
    )  # fmt: skip
    assert [get(item, "id") for item in rows(page)] == [found]
    none = executions.search_executions(T, filters=[*of_flow("seen"), having("state", "FAILED")])
    assert rows(none) == []
    assert get(rows(executions.search_executions_by_flow_id(T, NS, "seen"))[0], "id") == found
    place = kestrapy.ExecutionRepositoryInterfaceFlowFilter(namespace=NS, id="seen")
    assert [item.id for item in executions.latest_executions(T, [place])] == [found]
    refused(404, lambda: executions.execution("nothing", T))


def check_execution_graph_and_flow():
    found = ran("drawn")
    assert executions.execution_flow_graph(found, T).nodes
    assert executions.flow_from_execution(T, NS, "drawn").id == "drawn"
    assert executions.flow_from_execution_by_id(found, T).id == "drawn"


def check_execution_files():
    found = ran("files", WRITE)
    run = executions.execution(found, T).task_run_list[0]
    uri = (run.additional_properties.get("outputs") or run.outputs)["uri"]
    assert executions.download_file_from_execution(found, uri, T) == b"hello"
    assert executions.file_metadatas_from_execution(found, uri, T).size == 5
    refused(404, lambda: executions.download_file_from_execution(found, uri + "x", T))


def check_execution_expressions():
    found = ran("evaluated")
    answer = executions.eval_expression(found, T, "{{ flow.id }}")
    assert answer["result"] == "evaluated"
    assert executions.eval_expression(found, T, "{{ nothing.here }}")["error"]


def check_execution_kill():
    found = paused()
    executions.kill_execution(found, T)
    until(found, "KILLED")


def check_execution_pause_and_resume():
    more = "{id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: why, type: STRING}]}"
    place = made_flow("gate", more)
    found = until(one(executions.create_execution(**place)).id, "PAUSED")
    refused(422, lambda: executions.resume_execution(found, T))
    executions.resume_execution(found, T, inputs={"why": "because"})
    until(found, "SUCCESS")
    refused(409, lambda: executions.resume_execution(found, T))
    place = made_flow("slow", "{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}")
    found = until(one(executions.create_execution(**place)).id, "RUNNING")
    executions.pause_execution(found, T)
    until(found, "PAUSED")
    executions.resume_execution(found, T)
    until(found, "SUCCESS")


def check_execution_restart_and_replay():
    found = ran("again", "{id: out, type: io.kestra.plugin.core.execution.Fail}")
    assert state(found) == "FAILED"
    assert executions.restart_execution(found, T).id == found
    until(found, "FAILED")
    other = executions.replay_execution(found, T).id
    assert other != found
    until(other, "FAILED")
    found = ran("inputs", RETURN, INPUTS)
    plain = executions.replay_execution_with_inputs(found, T)
    assert until(plain.id, "SUCCESS") != found
    told = executions.replay_execution_with_inputs(found, T, inputs={"name": "other"})
    until(told.id, "SUCCESS")
    assert executions.execution(told.id, T).inputs["name"] == "other"


def check_execution_labels_and_states():
    found = ran("labelled")
    label = kestrapy.Label(key="k", value="v")
    executions.set_labels_on_terminated_execution(found, T, [label])
    assert "k" in {item.key for item in executions.execution(found, T).labels}
    executions.update_execution_status(found, kestrapy.StateType.WARNING, T)
    assert state(found) == "WARNING"
    run = executions.execution(found, T).task_run_list[0].id
    asked = kestrapy.ExecutionControllerStateRequest(taskRunId=run, state="FAILED")
    executions.update_task_run_state(found, T, asked)
    until(found, "FAILED")


def check_execution_queue():
    wait = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
    place = made_flow("single", wait, "concurrency: {limit: 1}\n")
    first = until(one(executions.create_execution(**place)).id, "PAUSED")
    waiting = [one(executions.create_execution(**place)).id for _ in range(2)]
    assert {state(found) for found in waiting} == {"QUEUED"}
    executions.force_run_execution(waiting[0], T)
    until(waiting[0], "PAUSED")
    executions.unqueue_execution(waiting[1], T, state=kestrapy.StateType.CANCELLED)
    until(waiting[1], "CANCELLED")
    refused(409, lambda: executions.unqueue_execution(first, T))


def check_execution_delete():
    found = ran("gone")
    executions.delete_execution(found, T, delete_logs=True, delete_storage=True)
    refused(404, lambda: executions.execution(found, T))


def check_execution_webhooks():
    made_flow("hooked", more=HOOK % "")
    answer = executions.trigger_execution_by_get_webhook(T, NS, "hooked", "abcdef")
    assert until(answer.id, "SUCCESS")
    refused(404, lambda: executions.trigger_execution_by_get_webhook(T, NS, "hooked", "wrong1"))
    made_flow("pathed", more=HOOK % ", path: there")
    for call in (
        executions.trigger_execution_by_get_webhook_with_path,
        executions.trigger_execution_by_post_webhook_with_path,
        executions.trigger_execution_by_put_webhook_with_path,
    ):
        until(call(T, NS, "pathed", "abcdef", "there").id, "SUCCESS")
        refused(404, lambda call=call: call(T, NS, "pathed", "abcdef", "elsewhere"))
    flows.delete_flow(NS, "hooked", T)


if newer:

    def check_execution_newer_reads():
        found = ran("newer")
        run = executions.execution(found, T).task_run_list[0].id
        told = executions.eval_task_run_expression(found, run, T, "{{ task.id }}")
        assert told.result == "out", told
        seen = executions.find_distinct_execution_field_values(
            T, "FLOW_ID", filters=of_flow("newer")
        )
        assert "newer" in str(seen), seen
        csv = executions.export_executions_by_query_to_csv(T, filters=of_flow("newer"))
        assert found in csv
        assert NS in executions.list_executable_namespaces(T)
        listed = executions.list_executable_flows_by_namespace(NS, T)
        assert "newer" in {item.id for item in listed}
        assert executions.execution_average_duration(NS, "newer", T)
        for raw in (executions.follow_execution_raw, executions.follow_dependencies_execution_raw):
            assert b"data:" in raw(found, T).content

    def check_execution_newer_files_and_validation():
        found = ran("files", WRITE)
        run = executions.execution(found, T).task_run_list[0]
        uri = run.additional_properties["outputs"]["uri"]
        assert "hello" in str(executions.preview_file_from_execution(found, uri, T))
        made_flow("inputs", RETURN, INPUTS)
        good = executions.validate_new_execution_inputs(NS, "inputs", T, inputs={"name": "x"})
        bad = executions.validate_new_execution_inputs(NS, "inputs", T, inputs={"number": "x"})
        assert not [item for item in good["inputs"] if item.get("errors")], good
        assert [item["input"]["id"] for item in bad["inputs"] if item.get("errors")] == ["number"]
        waiting = paused()
        assert executions.validate_resume_execution_inputs(waiting, T)
        refused(409, lambda: executions.resume_execution_from_breakpoint(waiting, T))
