"""What expressions of a task see of its execution: the error, files that it changed itself."""

import io
import json

from app.service import reopen, search
from app.service.inputs import Upload

ERRORS = """
id: errors
namespace: company.team
tasks:
  - id: seq
    type: io.kestra.plugin.core.flow.AllowFailure
    tasks: [{id: bad, type: io.kestra.plugin.core.execution.Fail, errorMessage: "it broke"}]
    errors:
      - id: each
        type: io.kestra.plugin.core.flow.ForEach
        values: [x]
        tasks:
          - {id: tell, type: io.kestra.plugin.core.debug.Return,
             format: "{{ error.taskId }}: {{ error.message }} {{ taskrun.value }}"}
outputs: [{id: none, type: STRING, value: "{{ error.taskId ?? 'none' }}"}]
"""

QUIET = """
id: quiet
namespace: company.team
tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: "{{ error is defined }}"}]
"""

FILES = """
id: files
namespace: company.team
tasks:
  - {id: w, type: io.kestra.plugin.core.storage.Write, content: first}
  - {id: up, type: io.kestra.plugin.core.namespace.UploadFiles,
     namespace: company.team, filesMap: {"in/a.txt": "{{ outputs.w.uri }}"}}
  - {id: seen, type: io.kestra.plugin.core.debug.Return,
     format: "{{ read('in/a.txt') }} {{ read(outputs.up.files['in/a.txt']) }}"}
  - {id: where, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.up.files }}"}
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    namespaceFiles: {enabled: true}
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["cat in/a.txt >&2; echo; echo"]
  - {id: gone, type: io.kestra.plugin.core.namespace.DeleteFiles,
     namespace: company.team, files: ["in/**"]}
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "{{ fileExists('in/a.txt') }}"}
"""


def test_tasks_of_errors_see_what_failed_first(driver):
    execution = driver.run(ERRORS)

    assert driver.outputs(execution, "tell") == {"value": "bad: it broke x"}
    assert driver.state(execution) == "WARNING"


def test_without_a_failure_there_is_no_error(driver):
    assert driver.outputs(driver.run(QUIET), "t") == {"value": "false"}


def test_what_runs_after_the_end_sees_the_outputs_of_the_execution(driver):
    execution = driver.run("""
id: after
namespace: company.team
outputs:
  - {id: o, type: STRING, value: "{{ outputs.t.value }}"}
  - {id: s, type: SECRET, value: hidden}
tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: given}]
afterExecution:
  - {id: last, type: io.kestra.plugin.core.output.OutputValues,
     values: {o: "{{ execution.outputs.o }} {{ execution.state }}"}}
  - {id: secret, type: io.kestra.plugin.core.log.Log, message: "it is {{ execution.outputs.s }}"}
""")

    assert driver.outputs(execution, "last") == {"values": {"o": "given SUCCESS"}}
    assert "it is ******" in driver.messages(execution)


def test_an_execution_without_inputs_knows_no_such_name(driver):
    execution = driver.run(QUIET.replace("error is defined", "inputs is defined"))
    other = driver.run(QUIET.replace("error is defined", "inputs.gone"))

    assert driver.outputs(execution, "t") == {"value": "false"}
    assert driver.state(other) == "FAILED"
    told = "Unable to find `inputs` used in the expression `{{ inputs.gone }}` at line 1"
    assert told in driver.messages(other)


def test_an_execution_sees_the_namespace_files_that_it_changed_itself(driver):
    execution = driver.run(FILES)

    assert driver.outputs(execution, "seen") == {"value": "first first"}
    assert driver.outputs(execution, "where") == {
        "value": '{"in/a.txt":"kestra:///company/team/_files/in/a.txt"}'
    }
    assert driver.messages(execution)[-2:] == ["first", "false"]
    assert driver.outputs(execution, "after") == {"value": "false"}


def test_a_script_tells_how_much_it_said(driver):
    outputs = driver.outputs(driver.run(FILES), "script")

    assert (outputs["stdOutLineCount"], outputs["stdErrLineCount"]) == (2, 1)


READS = """
id: reads
namespace: company.team
inputs: [{id: file, type: FILE}]
tasks:
  - {id: w, type: io.kestra.plugin.core.storage.Write, content: data}
  - {id: r, type: io.kestra.plugin.core.debug.Return,
     format: "{{ read(outputs.w.uri) }} {{ read(inputs.file) }}"}
"""


def replayed(driver, execution_id, task_id):
    """A replay from a task on."""
    runs = search.whole(driver.rt, execution_id)[1]
    run = next((run.id for run in runs if run.task_id == task_id), None)
    made = reopen.replay(driver.rt, execution_id, task_run_id=run)
    driver.work()
    return made


def test_a_replay_reads_the_files_of_the_executions_that_it_came_from(driver):
    first = driver.run(READS, file=Upload("x.txt", io.BytesIO(b"file")))

    second = replayed(driver, first, "r")
    third = replayed(driver, second, None)
    fourth = replayed(driver, third, "r")

    for execution_id in (second, third, fourth):
        assert driver.outputs(execution_id, "r") == {"value": "data file"}


def test_an_execution_does_not_read_the_files_of_another_one_of_its_flow(driver):
    first = driver.run(READS, file=Upload("x.txt", io.BytesIO(b"file")))
    uri = driver.outputs(first, "w")["uri"]

    other = driver.start("company.team", "reads", file=uri)
    driver.work()

    assert driver.state(other) == "FAILED"
    assert "didn't belong to the current execution" in driver.messages(other)[-1]


WHOLE = """
id: whole
namespace: company.team
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: x}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a]
    tasks: [{id: inner, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs }}"}]
  - {id: own, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs | keys }}"}
  - {id: all, type: io.kestra.plugin.core.debug.Return, format: "{{ printContext() }}"}
"""


def test_all_outputs_at_once_are_those_of_the_tasks_that_have_ended(driver):
    execution = driver.run(WHOLE)

    assert driver.outputs(execution, "inner") == {"value": '{"first":{"value":"x"}}'}
    own = driver.outputs(execution, "own")["value"]
    assert sorted(json.loads(own)) == ["each", "first", "inner"]
    assert '"first":{"value":"x"}' in driver.outputs(execution, "all")["value"]
