"""Run by `test_sdk_024.py` with the real package `kestrapy` 0.24, in an environment of its own.

Prints `{check: what went wrong, or null}` as JSON. A client of that generation declares shapes that
its own server never answered (texts as maps, one execution as a list of them): there a check reads
the bytes of the answer, by the client's `…_without_preload_content`.
"""

import base64
import io
import json
import sys
import time
import traceback
import zipfile

import kestra_api_client as models
from kestra_api_client.kestra_client import KestraClient

HOST, USER, PASSWORD = sys.argv[1:4]
T, NS = "main", "wire.old"


def connect(password=PASSWORD):
    made = KestraClient(models.Configuration(host=HOST, username=USER, password=password))
    shown = base64.b64encode(f"{USER}:{password}".encode()).decode()
    # its dashboards, blueprints and tests send no credentials of themselves
    made.api_client.set_default_header("Authorization", f"Basic {shown}")
    return made


client = connect()
flows, executions, logs = client.flows, client.executions, client.logs


def source(flow_id, message="hello"):
    task = f"{{id: out, type: io.kestra.plugin.core.log.Log, message: {message}}}"
    return f"id: {flow_id}\nnamespace: {NS}\ntasks: [{task}]\n"


def made_flow(flow_id):
    return flows.bulk_update_flows(False, False, T, NS, source(flow_id))[0].id


def made_pause():
    flows.bulk_update_flows(
        False, False, T, NS, source("pause").replace("log.Log, message: hello", "flow.Pause")
    )
    found = read(executions.create_execution_without_preload_content(NS, "pause", False, T))
    return until(found["id"], "PAUSED")


def read(response, status=200):
    """The JSON of an answer that came with a status."""
    body = response.read()
    assert response.status == status, (response.status, body)
    return json.loads(body)


def read_text(response):
    body = response.read()
    assert response.status == 200, (response.status, body)
    return body.decode()


def ran(flow_id):
    """The id of an execution of a flow that has succeeded."""
    made_flow(flow_id)
    got = read(executions.create_execution_without_preload_content(NS, flow_id, True, T))
    assert got["state"]["current"] == "SUCCESS", got
    return got["id"]


def state(execution_id):
    return executions.get_execution(execution_id, T).state.current.value


def until(execution_id, wanted):
    ends = time.monotonic() + 60
    while state(execution_id) != wanted:
        assert time.monotonic() < ends, state(execution_id)
        time.sleep(0.05)
    return execution_id


def refused(status, call):
    try:
        call()
        got = None
    except models.exceptions.ApiException as error:
        got = error.status
    assert got == status, got


def check_flow_create_get_update_delete():
    text = source("life")
    assert flows.create_flow(T, text).revision == 1
    assert flows.get_flow(NS, "life", True, False, T)["source"] == text
    update = flows.update_flow_without_preload_content  # its two shapes of the answer both fit
    assert read(update("life", NS, T, source("life", "other")))["revision"] == 2
    assert [one.revision for one in flows.list_flow_revisions(NS, "life", T)] == [1, 2]
    flows.delete_flow(NS, "life", T)
    refused(404, lambda: flows.get_flow(NS, "life", False, False, T))


def check_flow_search_and_lists():
    made_flow("found")
    assert "found" in {one.id for one in flows.search_flows(1, 50, T, namespace=NS).results}
    told = flows.search_flows(1, 50, T, q="found", namespace=NS).results
    assert [one.id for one in told] == ["found"]
    assert flows.search_flows_by_source_code(1, 50, T, q="hello", namespace=NS).total >= 1
    assert "found" in {one.id for one in flows.list_flows_by_namespace(NS, T)}
    assert NS in flows.list_distinct_namespaces(T)


def check_flow_parts_and_graphs():
    made_flow("parts")
    assert flows.get_task_from_flow(NS, "parts", "out", T).id == "out"
    assert flows.get_flow_dependencies(NS, "parts", False, False, T).nodes[0].id == "parts"
    assert flows.generate_flow_graph(NS, "parts", T).nodes
    assert flows.generate_flow_graph_from_source(T, source("parts")).nodes


def check_flow_validation():
    good, bad = source("v"), source("v").replace("log.Log", "log.Nope")
    assert flows.validate_flows(T, good)[0].constraints is None
    assert "log.Nope" in flows.validate_flows(T, bad)[0].constraints
    yaml = {"_content_type": "application/x-yaml"}
    task = "id: a\ntype: io.kestra.plugin.core.log.Log\n"
    assert flows.validate_task("TASKS", T, task + "message: x\n", **yaml).constraints is None
    assert "message" in flows.validate_task("TASKS", T, task, **yaml).constraints
    trigger = "id: a\ntype: io.kestra.plugin.core.trigger.Schedule\ncron: '0 0 1 1 *'\n"
    assert flows.validate_trigger(T, trigger, **yaml).constraints is None


def check_flow_bulk_acts():
    place = [models.IdWithNamespace(namespace=NS, id=made_flow("bulk"))]
    assert flows.disable_flows_by_ids(T, place).count == 1
    assert flows.get_flow(NS, "bulk", False, False, T)["disabled"] is True
    assert flows.enable_flows_by_ids(T, place).count == 1
    assert flows.get_flow(NS, "bulk", False, False, T)["disabled"] is False
    assert flows.delete_flows_by_ids(T, place).count == 1
    refused(404, lambda: flows.get_flow(NS, "bulk", False, False, T))


def check_flow_export_and_import():
    place = [models.IdWithNamespace(namespace=NS, id=made_flow("moved"))]
    packed = bytes(flows.export_flows_by_ids(T, place))
    [name] = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert name.startswith(f"{NS}.moved."), name
    flows.delete_flow(NS, "moved", T)
    assert flows.import_flows(T, ("flows.zip", packed)) == []
    assert flows.get_flow(NS, "moved", False, False, T)["id"] == "moved"


def check_flow_with_inputs_and_triggers_on_the_wire():
    """It declares an input's `defaults` as a map, and has a pattern that Python cannot compile."""
    text = source("wide") + "inputs: [{id: name, type: STRING, defaults: world}]\n"
    text += "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdef}]\n"
    made = read(flows.create_flow_without_preload_content(T, text))
    assert made["inputs"][0]["defaults"] == "world"
    assert made["source"] == text
    for call in (
        executions.trigger_execution_by_get_webhook_without_preload_content,
        executions.trigger_execution_by_post_webhook_without_preload_content,
        executions.trigger_execution_by_put_webhook_without_preload_content,
    ):
        started = read(call(NS, "wide", "abcdef", T))
        assert started["trigger"]["id"] == "hook"
        assert started["inputs"] == {"name": "world"}
    flows.delete_flow(NS, "wide", T)


def check_execution_start_on_the_wire():
    """It declares the answer, one execution, as a list."""
    made_flow("start")
    start = executions.create_execution_without_preload_content
    got = read(start(NS, "start", True, T, labels=["team:data"]))
    assert (got["flowId"], got["state"]["current"]) == ("start", "SUCCESS")
    assert {"key": "team", "value": "data"} in got["labels"]
    older = read(executions.trigger_execution_without_preload_content(NS, "start", True, T))
    assert older["state"]["current"] == "SUCCESS"
    checked = executions.validate_new_execution_inputs_without_preload_content(NS, "start", [], T)
    assert read(checked)["id"] == "start"
    read(start(NS, "nothing", True, T), 404)


def check_execution_get_and_search():
    found = ran("seen")
    assert executions.get_execution(found, T).task_run_list[0].task_id == "out"
    seen = executions.search_executions(
        1, 10, T, namespace=NS, flow_id="seen", state=["SUCCESS"], sort=["state.startDate:desc"]
    )
    assert (seen.total, seen.results[0].id) == (1, found)
    assert executions.search_executions_by_flow_id(NS, "seen", 1, 10, T).results[0].id == found
    place = models.ExecutionRepositoryInterfaceFlowFilter(namespace=NS, id="seen")
    assert [one.id for one in executions.get_latest_executions(T, [place])] == [found]
    assert executions.get_execution_flow_graph(found, T).nodes
    assert NS in executions.list_executable_distinct_namespaces(T)
    refused(404, lambda: executions.get_execution("nothing", T))


def check_execution_flow_on_the_wire():
    """It checks the type of a task by a pattern that Python cannot compile."""
    found = ran("of")
    of_flow = executions.get_flow_from_execution_without_preload_content(NS, "of", T)
    of_execution = executions.get_flow_from_execution_by_id_without_preload_content(found, T)
    assert read(of_flow)["id"] == read(of_execution)["id"] == "of"
    listed = read(executions.list_flow_executions_by_namespace_without_preload_content(NS, T))
    assert "of" in {one["id"] for one in listed}


def check_execution_follow_on_the_wire():
    """It reads a stream of events as one JSON value."""
    body = executions.follow_execution_without_preload_content(ran("followed"), T).read()
    assert b"id: end\n" in body
    assert b'"current": "SUCCESS"' in body


def check_execution_kill():
    found = made_pause()
    executions.kill_execution(found, True, T)
    until(found, "KILLED")
    found = made_pause()
    assert executions.kill_executions_by_ids(T, [found]).count == 1
    until(found, "KILLED")


def check_execution_resume_and_restart():
    found = made_pause()
    executions.resume_execution(found, T)
    until(found, "SUCCESS")
    refused(409, lambda: executions.resume_execution(found, T))
    found = made_pause()
    executions.kill_execution(found, True, T)
    until(found, "KILLED")
    assert executions.restart_execution(found, T).id == found
    until(found, "PAUSED")


def check_execution_replay():
    found = ran("again")
    other = executions.replay_execution(found, T).id
    assert other != found
    until(other, "SUCCESS")
    assert executions.replay_executions_by_ids(T, [found]).count == 1


def check_execution_labels_and_states():
    found = ran("labelled")
    label = models.Label(key="k", value="v")
    executions.set_labels_on_terminated_execution(found, T, [label])
    assert "k" in {one.key for one in executions.get_execution(found, T).labels}
    assert executions.update_execution_status(found, models.StateType.WARNING, T).id == found
    assert state(found) == "WARNING"
    run = executions.get_execution(found, T).task_run_list[0].id
    asked = models.ExecutionControllerStateRequest(taskRunId=run, state="FAILED")
    executions.update_task_run_state(found, T, asked)
    until(found, "FAILED")


def check_execution_expression():
    found = ran("evaluated")
    run = executions.get_execution(found, T).task_run_list[0].id
    assert executions.eval_task_run_expression(found, run, T, "{{ flow.id }}").result == "evaluated"


def check_execution_delete():
    found, others = ran("gone"), [ran("gone"), ran("gone")]
    executions.delete_execution(found, True, True, True, T)
    refused(404, lambda: executions.get_execution(found, T))
    assert executions.delete_executions_by_ids(True, True, True, T, others).count == 2
    assert executions.search_executions(1, 10, T, namespace=NS, flow_id="gone").total == 0


def check_logs():
    found = ran("told")
    [line] = logs.list_logs_from_execution(found, T)
    assert (line.message, line.level.value) == ("hello", "INFO")
    assert logs.search_logs(1, 10, T, namespace=NS, flow_id="told").results[0].message == "hello"
    assert b"INFO hello" in bytes(logs.download_logs_from_execution(found, T))
    followed = logs.follow_logs_from_execution_without_preload_content(found, T).read()
    assert b'"message": "hello"' in followed
    logs.delete_logs_from_execution(found, T)
    assert logs.list_logs_from_execution(found, T) == []


def check_triggers():
    text = source("timed") + "triggers:\n  - {id: daily, cron: '0 0 1 1 *', "
    flows.create_flow_without_preload_content(
        T, text + "type: io.kestra.plugin.core.trigger.Schedule}\n"
    ).read()
    search = client.triggers.search_triggers_for_flow
    [found] = search(1, 10, NS, "timed", T).results
    assert (found.trigger_id, found.next_execution_date.year > 2000) == ("daily", True)
    found.disabled = True
    assert client.triggers.update_trigger(T, found).disabled is True
    assert search(1, 10, NS, "timed", T).results[0].disabled is True
    refused(409, lambda: client.triggers.unlock_trigger(NS, "timed", "daily", T))
    page = read(client.triggers.search_triggers_without_preload_content(1, 10, T, namespace=NS))
    assert page["results"][0]["trigger"]["id"] == "daily"
    flows.delete_flow(NS, "timed", T)


def check_kv():
    kv = client.kv
    kv.set_key_value(NS, "one", T, '"v"')
    kv.set_key_value(NS, "two", T, '"w"')
    # it declares a value as a map, whatever its type
    assert "v" in read(kv.get_key_value_without_preload_content(NS, "one", T))["value"]
    assert {"one", "two"} <= {entry.key for entry in kv.list_keys(NS, T)}
    assert kv.delete_key_value(NS, "one", T) is True
    asked = models.KVControllerApiDeleteBulkRequest(keys=["two"])
    assert kv.delete_key_values(NS, T, asked).keys == ["two"]
    assert kv.list_keys(NS, T) == []


def check_namespaces_and_secrets():
    spaces, name = client.namespaces, "wire.made"
    assert spaces.create_namespace(T, models.Namespace(id=name, deleted=False)).id == name
    told = models.Namespace(id=name, deleted=False, description="d")
    for found in (spaces.update_namespace(name, T, told), spaces.get_namespace(name, T)):
        assert found.additional_properties["description"] == "d"  # it forgets its own field
    assert name in {one.id for one in spaces.search_namespaces(1, 50, T, q="made").results}
    assert name in spaces.autocomplete_namespaces(T, q="made")
    assert spaces.inherited_variables(name, T) == {}
    assert spaces.inherited_plugin_defaults(name, T) == []
    secret = models.ApiSecretValue(key="S", value="x", description="d", tags=[])
    assert spaces.put_secrets(name, T, secret)[0].key == "S"
    changed = models.ApiSecretMetaEE(key="S", description="e", tags=[])
    assert spaces.patch_secret(name, T, "S", changed)[0].key == "S"
    assert spaces.list_namespace_secrets(name, 1, 10, [], T).results[0].key == "S"
    assert spaces.get_inherited_secrets(name, T)[name] == ["S"]
    spaces.delete_secret(name, "S", T)
    assert spaces.list_namespace_secrets(name, 1, 10, [], T).total == 0
    spaces.delete_namespace(name, T)
    refused(404, lambda: spaces.get_namespace(name, T))


def check_namespace_files():
    files = client.files
    files.create_namespace_directory(NS, T, "/d")
    files.create_namespace_file(NS, "/d/a.txt", T, ("a.txt", b"hey"))
    assert bytes(files.get_file_content(NS, "/d/a.txt", T)) == b"hey"
    assert files.get_file_metadatas(NS, T, "/d/a.txt").size == 3
    assert [one.file_name for one in files.list_namespace_directory_files(NS, T, "/d")] == ["a.txt"]
    assert files.search_namespace_files(NS, "a.txt", T) == ["/d/a.txt"]
    files.move_file_directory(NS, "/d/a.txt", "/d/b.txt", T)
    packed = io.BytesIO(bytes(files.export_namespace_files(NS, T)))
    assert zipfile.ZipFile(packed).read("d/b.txt") == b"hey"
    files.delete_file_directory(NS, "/d", T)
    refused(404, lambda: files.get_file_content(NS, "/d/b.txt", T))


def check_dashboards():
    text = "id: dash\ntitle: T\ntimeWindow: {default: P30D, max: P365D}\ncharts: []\n"
    boards = client.dashboards
    assert boards.validate_dashboard(T, text).constraints is None
    assert boards.create_dashboard(T, text).title == "T"
    assert boards.update_dashboard("dash", T, text.replace("T\n", "U\n", 1)).title == "U"
    assert boards.get_dashboard("dash", T).title == "U"
    # any chart of anybody's dashboard stops the client's own reading: its pattern is one of Java's
    found = read(boards.search_dashboards_without_preload_content(1, 50, T))
    assert "U" in {one["title"] for one in found["results"]}
    boards.delete_dashboard("dash", T)
    refused(404, lambda: boards.get_dashboard("dash", T))


def check_metrics():
    found = ran("measured")
    assert client.metrics.list_flow_metrics(NS, "measured", T) == []
    assert client.metrics.list_tasks_with_metrics(NS, "measured", T) == []
    assert client.metrics.search_by_execution(1, 10, found, T).total == 0


def check_plugins_and_configuration():
    plugins, name = client.plugins, "io.kestra.plugin.core.log.Log"
    assert "io.kestra.plugin.core" in {one.group for one in plugins.list_plugins()}
    assert name in plugins.get_plugin_icons()
    assert "STRING" in {one.type for one in plugins.get_all_input_types()}
    assert "definitions" in plugins.get_schemas_from_type("FLOW", False)
    shown = read(plugins.get_plugin_documentation_without_preload_content(name, False))
    assert "message" in shown["markdown"]
    assert client.misc.get_configuration().version


def check_access():
    assert USER in {one.username for one in client.users.list_users(1, 50).results}
    assert "viewer" in {one.id for one in client.roles.search_roles(1, 50, T).results}
    asked = models.IAMGroupControllerApiCreateGroupRequest(name="old clients")
    group = client.groups.create_group(T, asked)
    assert group.id in {one.id for one in client.groups.search_groups(1, 50, T).results}
    client.groups.delete_group(group.id, T)
    assert client.bindings.search_bindings(1, 10, T).total >= 0
    refused(401, lambda: connect("wrong horse").flows.list_distinct_namespaces(T))


def check_blueprints():
    kind, room = models.BlueprintControllerKind.FLOW, client.blueprints
    page = room.search_blueprints(1, 2, kind, T, sort="title:asc")
    assert page.total > 2
    assert [one.title for one in page.results] == sorted(one.title for one in page.results)
    name = page.results[0].id
    assert name in {one.id for one in room.search_blueprints(1, 50, kind, T, q=name).results}
    tag = page.results[0].tags[0]
    assert name in {one.id for one in room.search_blueprints(1, 50, kind, T, tags=[tag]).results}
    found = room.get_blueprint(name, kind, T)
    assert (found.id, found.kind) == (name, kind)
    assert found.included_tasks[0] in found.source
    assert read_text(room.get_blueprint_source_without_preload_content(name, kind, T)) == (
        found.source
    )
    assert room.get_blueprint_graph(name, kind, T)["nodes"]
    refused(404, lambda: room.get_blueprint("nope", kind, T))
    assert room.search_blueprints(1, 10, models.BlueprintControllerKind.APP, T).total == 0


def check_blueprint_tags():
    kind, room = models.BlueprintControllerKind.FLOW, client.blueprint_tags
    every = {one.id for one in room.list_blueprint_tags(kind, T)}
    told = client.blueprints.search_blueprints(1, 50, kind, T).results
    assert every == {tag for one in told for tag in one.tags}
    assert {one.id for one in room.list_blueprint_tags(kind, T, q=told[0].id)} < every


def outcome(check):
    try:
        check()
    except Exception:
        return traceback.format_exc()
    return None


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}
sys.stdout.write(json.dumps({name: outcome(check) for name, check in CHECKS.items()}))
