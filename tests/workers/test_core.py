"""Core tasks, run as flows."""

import pytest

from app.database import namespaces
from app.service import claiming, executions, operations, search, trigger_state
from app.service.settle import settle
from tests.conftest import make_driver
from workers.attempt import run_step

HEAD = "id: core\nnamespace: company.team\n"


@pytest.fixture
def small(database_url, tmp_path):
    made = make_driver(database_url, tmp_path, migrated=True, SECRET_TOKEN="czNjcjN0LXY=")
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, tasks, more=""):
    return driver.run(HEAD + more + "tasks:\n" + tasks)


EXIT = """
  - id: if
    type: io.kestra.plugin.core.flow.If
    condition: "true"
    then:
      - {id: exit, type: io.kestra.plugin.core.execution.Exit, state: %s}
      - {id: never, type: io.kestra.plugin.core.log.Log, message: never}
  - {id: end, type: io.kestra.plugin.core.log.Log, message: never}
"""


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("SUCCESS", "SUCCESS"),
        ("WARNING", "WARNING"),
        ("FAILED", "FAILED"),
        ("CANCELED", "CANCELLED"),
    ],
)
def test_exit_ends_the_execution_and_its_parents(driver, written, state):
    execution = run(driver, EXIT % written)

    assert driver.state(execution) == state
    assert driver.runs(execution) == [("if", state), ("exit", state)]


def test_exit_as_killed_kills(driver):
    execution = run(driver, EXIT % "KILLED")
    driver.work_timers(30)

    assert driver.state(execution) == "KILLED"
    assert ("end", "SUCCESS") not in driver.runs(execution)


def test_nothing_follows_work_that_an_exit_outran(driver):
    tasks = """
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: long
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - {id: slow, type: io.kestra.plugin.core.storage.Write, content: x}
          - {id: never, type: io.kestra.plugin.core.log.Log, message: never}
      - {id: exit, type: io.kestra.plugin.core.execution.Exit, state: WARNING}
"""
    driver.save(HEAD + "tasks:" + tasks)
    execution = driver.start("company.team", "core")
    while driver.publisher.jobs:  # the routed step last: it runs while the others exit
        jobs = driver.publisher.jobs
        jobs.sort(key=lambda job: job.task_id == "slow")
        driver.work_one(jobs.pop(0))
    driver.work_timers(60)

    assert driver.state(execution) == "WARNING"
    assert "never" not in [task for task, _ in driver.runs(execution)]


BESIDE = """
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: slow, type: io.kestra.plugin.core.storage.Write, content: x}
      - {id: exit, type: io.kestra.plugin.core.execution.Exit, state: WARNING}
"""


def hold_slow(driver):
    """Starts the flow of BESIDE with listeners; its slow step is held while the Exit is done."""
    more = "listeners: [{tasks: [{id: told, type: io.kestra.plugin.core.log.Log, message: told}]}]"
    driver.save(HEAD + more + "\ntasks:" + BESIDE)
    execution = driver.start("company.team", "core")
    held = None
    while driver.publisher.jobs:
        job = driver.publisher.jobs.pop(0)
        if job.task_id != "slow":
            driver.work_one(job)
            continue
        place = (job.execution_id, job.sequence, job.pos, job.attempt)
        claim = claiming.claim(driver.rt, *place, driver.process.owner)
        settle(driver.rt, claim.progress)
        held = claim.step
    return execution, held


def test_an_exit_waits_for_what_a_worker_holds_and_runs_listeners(driver):
    execution, held = hold_slow(driver)
    before = driver.state(execution)

    settle(driver.rt, run_step(driver.process, held, fuse=True))
    driver.work()

    assert before == "RUNNING"
    assert driver.state(execution) == "WARNING"
    found = dict(driver.runs(execution))
    assert (found["slow"], found["exit"], found["told"]) == ("SUCCESS", "WARNING", "SUCCESS")


def test_an_exit_that_waits_can_be_killed(driver):
    execution, held = hold_slow(driver)

    operations.kill(driver.rt, execution)
    settle(driver.rt, run_step(driver.process, held, fuse=True))
    driver.work_timers(30)

    assert driver.state(execution) == "KILLED"


def test_exit_is_refused_within_a_working_directory(small):
    tasks = """
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks: [{id: exit, type: io.kestra.plugin.core.execution.Exit}]
"""
    with pytest.raises(Exception, match="Only runnable tasks"):
        small.save(HEAD + "tasks:" + tasks)


def test_assert_names_what_failed_and_counts(small):
    tasks = """
  - id: check
    type: io.kestra.plugin.core.execution.Assert
    conditions: ["{{ 1 == 1 }}", "{{ 1 == 2 }}"]
    errorMessage: "no good"
"""
    execution = run(small, tasks)

    assert small.state(execution) == "FAILED"
    assert small.outputs(execution, "check") == {"failed": 1, "success": 1}
    assert "Assertion `{{ 1 == 2 }}` failed!" in small.messages(execution)
    assert "no good" in small.messages(execution)


def test_variables_are_set_in_depth_and_unset(driver):
    tasks = """
  - id: set
    type: io.kestra.plugin.core.execution.SetVariables
    variables: {a: {y: "{{ 1 + 1 }}"}, fresh: [1]}
  - {id: seen, type: io.kestra.plugin.core.debug.Return, format: "{{ vars.a }} {{ vars.fresh }}"}
  - {id: unset, type: io.kestra.plugin.core.execution.UnsetVariables, variables: [a, fresh]}
  - id: gone
    type: io.kestra.plugin.core.debug.Return
    format: "{{ vars.a ?? 'no' }} {{ vars.b }}"
"""
    execution = run(driver, tasks, "variables: {a: {x: 1}, b: kept}\n")

    assert driver.outputs(execution, "seen")["value"] == '{"x":1,"y":2} [1]'
    assert driver.outputs(execution, "gone")["value"] == "no kept"


@pytest.mark.parametrize(
    "task",
    [
        "type: io.kestra.plugin.core.execution.SetVariables, variables: {b: 1}, overwrite: false",
        "type: io.kestra.plugin.core.execution.UnsetVariables, variables: [nope]",
    ],
)
def test_variables_that_must_not_change_or_are_missing_fail(small, task):
    execution = run(small, f"  - {{id: t, {task}}}\n", "variables: {b: kept}\n")

    assert small.state(execution) == "FAILED"


def test_parallel_branches_lose_no_label_and_no_variable(driver):
    branches = "".join(
        f"""
      - id: s{n}
        type: io.kestra.plugin.core.execution.SetVariables
        variables: {{v{n}: {n}}}
      - id: l{n}
        type: io.kestra.plugin.core.execution.Labels
        labels: {{k{n}: "{n}"}}"""
        for n in range(5)
    )
    tasks = f"  - id: p\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:{branches}\n"
    execution = run(driver, tasks)
    row = executions.get(driver.rt, execution)

    assert {f"k{n}" for n in range(5)} <= set(row.labels)
    assert row.variables == {f"v{n}": n for n in range(5)}


def test_return_counts_its_length(small):
    execution = run(small, "  - {id: r, type: io.kestra.plugin.core.debug.Return, format: abcd}\n")
    with small.rt.database.reading() as tx:
        rows = tx.exec_driver_sql("select name, value from metrics order by name").all()

    assert [row[0] for row in rows] == ["duration", "length"]
    assert rows[1][1] == 4
    assert small.state(execution) == "SUCCESS"


def test_metrics_are_published(small):
    tasks = """
  - id: m
    type: io.kestra.plugin.core.metric.Publish
    metrics:
      - {type: counter, name: rows, value: "{{ 2 * 3 }}", tags: {kind: x}}
      - {type: timer, name: spent, value: PT2S}
"""
    execution = run(small, tasks)
    with small.rt.database.reading() as tx:
        rows = tx.exec_driver_sql("select name, kind, value from metrics order by name").all()

    assert [tuple(row) for row in rows] == [("rows", "counter", 6.0), ("spent", "timer", 2000.0)]
    assert len(small.outputs(execution, "m")["metrics"]) == 2


def test_a_log_is_fetched_as_rows(small):
    tasks = """
  - {id: a, type: io.kestra.plugin.core.log.Log, message: [one, two]}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: three, level: ERROR}
  - {id: all, type: io.kestra.plugin.core.log.Fetch}
  - {id: some, type: io.kestra.plugin.core.log.Fetch, tasksId: [a]}
  - {id: high, type: io.kestra.plugin.core.log.Fetch, level: ERROR}
"""
    execution = run(small, tasks)
    text = small.rt.storage.open(small.outputs(execution, "all")["uri"]).read().decode()

    assert [small.outputs(execution, name)["size"] for name in ("all", "some", "high")] == [3, 2, 1]
    assert 'message: "one"' in text.replace(':"', ': "')


def test_logs_are_purged_up_to_a_date(small):
    first = run(small, "  - {id: a, type: io.kestra.plugin.core.log.Log, message: old}\n")
    tasks = """
  - id: purge
    type: io.kestra.plugin.core.log.PurgeLogs
    namespace: company
    endDate: "{{ now() }}"
"""
    execution = small.run("id: purge\nnamespace: company.team\ntasks:" + tasks)

    assert small.outputs(execution, "purge") == {"count": 1}
    assert small.messages(first) == []


def test_executions_are_purged_by_state_and_date(small):
    run(small, "  - {id: a, type: io.kestra.plugin.core.storage.Write, content: x}\n")
    tasks = """
  - id: none
    type: io.kestra.plugin.core.execution.PurgeExecutions
    endDate: "{{ now() }}"
    states: [FAILED]
  - id: some
    type: io.kestra.plugin.core.execution.PurgeExecutions
    namespace: company.team
    flowId: core
    endDate: "{{ now() }}"
"""
    execution = small.run("id: purge\nnamespace: company.team\ntasks:" + tasks)

    assert small.outputs(execution, "none")["executionsCount"] == 0
    assert small.outputs(execution, "some")["executionsCount"] == 1
    assert small.outputs(execution, "some")["storagesCount"] == 1


def test_executions_are_counted_by_flow(small):
    run(small, "  - {id: a, type: io.kestra.plugin.core.log.Log, message: x}\n")
    tasks = """
  - id: count
    type: io.kestra.plugin.core.execution.Count
    flows: [{namespace: company.team, flowId: core}, {namespace: company.team, flowId: nobody}]
    startDate: "{{ now() | dateAdd(-1, 'DAYS') }}"
    expression: "{{ count >= 0 }}"
"""
    execution = small.run("id: counting\nnamespace: company.team\ntasks:" + tasks)

    outputs = small.outputs(execution, "count")
    assert [row["count"] for row in outputs["results"]] == [1, 0]
    assert outputs["total"] == 1


def test_a_paused_execution_is_resumed_by_a_task(small):
    paused = run(small, "  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n")
    task = f"id: r, type: io.kestra.plugin.core.execution.Resume, executionId: {paused}"
    small.run(f"id: resumer\nnamespace: company.team\ntasks: [{{{task}}}]")

    assert small.state(paused) == "SUCCESS"


def test_a_trigger_is_toggled(small):
    trigger = """
triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "@yearly"}
"""
    off = "  - {id: t, type: io.kestra.core.tasks.trigger.Toggle, trigger: yearly, enabled: %s}\n"
    run(small, off % "false" + trigger)
    is_off = trigger_state.list_of_flow(small.rt, "company.team", "core")[0].disabled
    run(small, off % "true" + trigger)

    assert is_off is True
    assert trigger_state.list_of_flow(small.rt, "company.team", "core")[0].disabled is False


def test_a_log_goes_to_a_file_when_asked_to(driver):
    tasks = """
  - id: a
    type: io.kestra.plugin.core.log.Log
    message: ["Hello World!", "{{ secret('TOKEN') }}"]
    logToFile: true
"""
    execution = run(driver, tasks)
    attempt = search.whole(driver.rt, execution)[2][0]
    text = driver.rt.storage.open(attempt.log_uri).read().decode()

    assert "INFO Hello World!" in text
    assert "s3cr" not in text
    assert driver.messages(execution) == []


def test_an_encrypted_output_is_hidden_in_the_log(small):
    flow = """
id: child
namespace: company.team
inputs: [{id: token, type: SECRET}]
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: "got {{ inputs.token }}"}]
outputs: [{id: token, type: SECRET, value: "{{ inputs.token }}"}]
"""
    small.save(flow)
    tasks = """
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: child
    inputs: {token: top-secret-value}
  - {id: l, type: io.kestra.plugin.core.log.Log, message: "it is {{ outputs.sub.outputs.token }}"}
"""
    execution = run(small, tasks)

    assert "it is ******" in small.messages(execution)
    assert "top-secret-value" not in str(small.outputs(execution, "sub"))


STATE = """
  - {id: first, type: io.kestra.plugin.core.state.Get}
  - {id: set, type: io.kestra.plugin.core.state.Set, data: {n: "{{ 1 }}"}}
  - {id: add, type: io.kestra.plugin.core.state.Set, data: {m: "x"}}
  - {id: get, type: io.kestra.plugin.core.state.Get}
  - {id: gone, type: io.kestra.plugin.core.state.Delete}
  - {id: again, type: io.kestra.plugin.core.state.Delete, errorOnMissing: true}
"""


def test_a_state_is_merged_read_and_removed(small):
    execution = run(small, STATE)

    assert small.outputs(execution, "first") == {"count": 0, "data": {}}
    assert small.outputs(execution, "get") == {"count": 2, "data": {"n": "1", "m": "x"}}
    assert small.outputs(execution, "gone") == {"deleted": True}
    assert small.state(execution) == "FAILED"


def test_expired_keys_are_purged(small):
    tasks = """
  - {id: a, type: io.kestra.plugin.core.kv.Set, key: short, value: 1, ttl: PT1S}
  - {id: b, type: io.kestra.plugin.core.kv.Set, key: long, value: 1}
"""
    run(small, tasks)
    small.clock.advance(5)
    purge = """
  - {id: old, type: io.kestra.plugin.core.kv.PurgeKV, namespaces: [company]}
  - {id: rest, type: io.kestra.plugin.core.kv.PurgeKV, keyPattern: "l*", expiredOnly: false}
"""
    execution = run(small, purge)

    assert small.outputs(execution, "old") == {"size": 1}
    assert small.outputs(execution, "rest") == {"size": 1}


@pytest.mark.parametrize(
    ("kind", "value", "state"),
    [
        ("NUMBER", "12", "SUCCESS"),
        ("NUMBER", "twelve", "FAILED"),
        ("DATE", "2026-01-01", "SUCCESS"),
        ("DATE", "yesterday", "FAILED"),
        ("DURATION", "PT5M", "SUCCESS"),
        ("JSON", '{"a": 1}', "SUCCESS"),
        ("'{{ \"COLOUR\" }}'", "red", "FAILED"),
    ],
)
def test_a_key_is_set_with_its_type(small, kind, value, state):
    task = f"type: io.kestra.plugin.core.kv.Set, key: k, value: '{value}', kvType: {kind}"
    execution = run(small, f"  - {{id: s, {task}}}\n")

    assert small.state(execution) == state


FILES = """
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: hello
  - id: up
    type: io.kestra.plugin.core.namespace.UploadFiles
    namespace: company.team
    filesMap: {"a/b/one.txt": "{{ outputs.write.uri }}", "two.txt": "{{ outputs.write.uri }}"}
  - {id: read, type: io.kestra.plugin.core.debug.Return, format: "%s"}
  - id: down
    type: io.kestra.plugin.core.namespace.DownloadFiles
    namespace: company.team
    files: "**.txt"
  - id: flat
    type: io.kestra.plugin.core.namespace.DownloadFiles
    namespace: company.team
    files: ["*.txt"]
  - id: del
    type: io.kestra.plugin.core.namespace.DeleteFiles
    namespace: company.team
    files: ["a/**"]
  - id: rest
    type: io.kestra.plugin.core.namespace.DownloadFiles
    namespace: company.team
    files: "**"
"""


def test_files_go_to_a_namespace_come_back_and_are_deleted(small):
    execution = run(small, FILES % "x")
    uri = small.outputs(execution, "down")["files"]["/a/b/one.txt"]

    assert small.rt.storage.open(uri).read() == b"hello"
    assert set(small.outputs(execution, "down")["files"]) == {"/a/b/one.txt", "/two.txt"}
    assert set(small.outputs(execution, "flat")["files"]) == {"/two.txt"}
    assert set(small.outputs(execution, "rest")["files"]) == {"/two.txt"}


def test_expressions_read_the_files_of_their_namespace(small):
    run(small, FILES % "x")
    tasks = """
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ read('two.txt') }}"}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ fileExists(fileURI('no.txt')) }}"}
  - {id: c, type: io.kestra.plugin.core.debug.Return, format: "{{ fileSize('nsfile:///two.txt') }}"}
"""
    execution = run(small, tasks)

    assert [small.outputs(execution, name)["value"] for name in "abc"] == ["hello", "false", "5"]


@pytest.mark.parametrize(("conflict", "state"), [("ERROR", "FAILED"), ("SKIP", "SUCCESS")])
def test_a_file_that_is_there_is_kept_when_asked_to(small, conflict, state):
    tasks = """
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: "%s"}
  - id: up
    type: io.kestra.plugin.core.namespace.UploadFiles
    namespace: company.team
    files: {"one.txt": "{{ outputs.write.uri }}"}
    conflict: %s
"""
    run(small, tasks % ("first", "OVERWRITE"))
    execution = run(small, tasks % ("second", conflict))
    text = "{{ read('one.txt') }}"
    task = f'id: r, type: io.kestra.plugin.core.debug.Return, format: "{text}"'
    reading = run(small, f"  - {{{task}}}\n")

    assert small.state(execution) == state
    assert small.outputs(reading, "r")["value"] == "first"


def test_old_versions_of_files_are_purged(small):
    tasks = """
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: "%s"}
  - id: up
    type: io.kestra.plugin.core.namespace.UploadFiles
    namespace: company.team
    files: {"one.txt": "{{ outputs.write.uri }}"}
"""
    for text in ("a", "b", "c"):
        run(small, tasks % text)
    purge = """
  - {id: p, type: io.kestra.plugin.core.namespace.PurgeFiles, namespaces: [company]}
  - {id: again, type: io.kestra.plugin.core.namespace.PurgeFiles, namespaces: [company]}
  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ read('one.txt') }}"}
"""
    execution = run(small, purge)

    assert small.outputs(execution, "p") == {"size": 2}
    assert small.outputs(execution, "again") == {"size": 0}
    assert small.outputs(execution, "r")["value"] == "c"


def test_the_files_of_an_execution_are_purged(small):
    tasks = """
  - {id: w, type: io.kestra.plugin.core.storage.Write, content: x}
  - {id: p, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}
"""
    execution = run(small, tasks)
    uri = small.outputs(execution, "w")["uri"]

    assert small.outputs(execution, "p") == {"uris": [uri]}
    assert not small.rt.storage.exists(uri)


def test_namespace_variables_come_from_the_parents_too(small):
    with small.rt.database.transaction() as tx:
        now = small.rt.clock()
        namespaces.write(tx, "company", now, variables={"a": "low", "b": "kept"})
        namespaces.write(tx, "company.team", now, variables={"a": "high"})
    text = "{{ namespace.a }} {{ namespace.b }}"
    task = f'id: r, type: io.kestra.plugin.core.debug.Return, format: "{text}"'
    execution = run(small, f"  - {{{task}}}\n")

    assert small.outputs(execution, "r")["value"] == "high kept"


BIG = 123456789012345678901234567890


@pytest.mark.parametrize("value", [str(BIG), f"\"{{{{ '{BIG}' | number('BIGINTEGER') }}}}\""])
def test_a_large_whole_number_of_a_key_keeps_its_digits(driver, value):
    execution = driver.run(
        f"""
id: big
namespace: company.team
tasks:
  - {{id: set, type: io.kestra.plugin.core.kv.Set, key: big, value: {value}, kvType: NUMBER}}
  - {{id: get, type: io.kestra.plugin.core.debug.Return, format: "{{{{ kv('big') }}}}"}}
"""
    )

    assert driver.outputs(execution, "get") == {"value": str(BIG)}
