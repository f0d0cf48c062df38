"""Script triggers: a script at an interval, an execution when its end is as wanted."""

import pytest

from app.service import executions, search

FLOW = """
id: watched
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ trigger.exitCode }}}} {{{{ trigger.condition }}}} {{{{ trigger.vars ?? '' }}}}"
triggers:
  - id: watch
    type: io.kestra.plugin.scripts.{kind}
    exitCondition: "{condition}"
    {body}
    {more}
"""


def started(driver):
    return search.list_ids(driver.rt, search.Wanted(flow_id="watched"))


def poll(driver):
    driver.poll()
    driver.clock.advance(61)


def watch(driver, kind, condition, body, more=""):
    driver.save(FLOW.format(kind=kind, condition=condition, body=body, more=more))
    poll(driver)


def said(driver):
    (execution,) = started(driver)
    return driver.outputs(execution, "say")["value"]


def test_an_exit_code_that_is_waited_for_starts_an_execution(driver):
    watch(driver, "shell.ScriptTrigger", "exit 1", "script: exit 1")

    assert said(driver).startswith("1 exit 1")


def test_outputs_that_fit_start_an_execution(driver):
    body = 'commands: [\'echo "::{{\\"outputs\\":{{\\"is\\":\\"toto\\"}}}}::"\']'
    watch(driver, "shell.CommandsTrigger", "to+", body.format())

    assert said(driver).split(" ", 2)[:2] == ["0", "to+"]
    assert "toto" in said(driver)


@pytest.mark.parametrize(
    ("condition", "starts"),
    [("exit 0", True), ("EXIT  0", True), ("exit 3", False), ("x", False), ("[", False)],
)
def test_only_what_fits_starts_one(driver, condition, starts):
    watch(driver, "python.ScriptTrigger", condition, "script: print(1)")

    assert bool(started(driver)) is starts


def test_python_commands_are_watched_too(driver):
    watch(driver, "python.CommandsTrigger", "exit 3", "commands: [exit 3]")

    assert said(driver).startswith("3 exit 3")


@pytest.mark.parametrize(("edge", "count"), [("true", 2), ("false", 3)])
def test_at_an_edge_only_the_first_match_of_several_starts_one(driver, tmp_path, edge, count):
    flag = tmp_path / "flag"
    body, more = f"script: test -e {flag}", f"edge: {edge}"
    flag.touch()
    watch(driver, "shell.ScriptTrigger", "exit 0", body, more)
    poll(driver)
    flag.unlink()
    poll(driver)
    flag.touch()
    poll(driver)

    assert len(started(driver)) == count


def test_another_worker_knows_the_last_match(driver, tmp_path):
    watch(driver, "shell.ScriptTrigger", "exit 0", "script: 'true'")
    driver.__post_init__()  # another process
    poll(driver)

    assert len(started(driver)) == 1


def test_a_changed_condition_begins_anew(driver):
    watch(driver, "shell.ScriptTrigger", "exit 0", "script: 'true'")
    watch(driver, "shell.ScriptTrigger", "exit  0", "script: 'true'")

    assert len(started(driver)) == 2


def test_a_script_that_cannot_run_is_a_warning_and_starts_nothing(driver):
    watch(driver, "shell.ScriptTrigger", "exit 0", "script: '{{ nothing }}'")

    assert started(driver) == []
    lines = search.list_logs(driver.rt, {"flow_id": "watched"})
    assert any("was not evaluated" in line.message for line in lines)


def test_an_output_that_shows_a_secret_is_stored_sealed(driver, monkeypatch):
    monkeypatch.setitem(driver.rt.environ, "SECRET_WORD", "aHVzaCBodXNoIGh1c2g=")
    text = """script: |
      echo '::{{"outputs":{{"is":"WORD"}}}}::'""".format()
    watch(driver, "shell.ScriptTrigger", "exit 0", text.replace("WORD", "{{ secret('WORD') }}"))

    (execution,) = started(driver)
    variables = executions.get(driver.rt, execution).trigger["variables"]
    assert "hush hush" not in str(variables)
    assert "is" in variables["vars"]
