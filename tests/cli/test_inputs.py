"""Inputs and labels given on the command line."""

import json

import pytest

ASKING = """\
id: asking
namespace: team.a
inputs:
  - {id: n, type: INT, defaults: 1}
  - {id: doc, type: FILE, required: false}
  - {id: ship, type: FORM, inputs: [{id: country, type: STRING, defaults: FR}]}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "n {{ inputs.n }}"}
"""
WAITING = """\
id: waiting
namespace: team.a
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: reason, type: STRING}, {id: count, type: INT, defaults: 2}]
outputs:
  - {id: told, type: STRING, value: "{{ outputs.ask.onResume.reason }}"}
"""


@pytest.fixture
def flows(run, served, tmp_path):
    for name, text in {"asking": ASKING, "waiting": WAITING}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert run("flow", "deploy", str(tmp_path)).code == 0
    return served


def paused(run):
    execution = run("flow", "run", "team.a", "waiting").out.split()[1]
    for _ in range(200):
        if "PAUSED" in run("execution", "list").out:
            return execution
    raise AssertionError("it is not paused")


def test_a_pause_is_resumed_with_the_inputs_that_it_asks_for(run, flows):
    execution = paused(run)

    done = run("execution", "resume", execution, "--input", "reason=it is due", "--wait")

    assert done.code == 0
    assert json.loads(run("execution", "get", execution).out)["outputs"] == {"told": "it is due"}


def test_an_input_that_a_pause_does_not_know_resumes_nothing(run, flows):
    execution = paused(run)

    found = run("execution", "resume", execution, "--input", "reson=typo")

    assert found.code == 1
    assert found.err == "error: there is no input 'reson'; there are: reason, count\n"
    assert json.loads(run("execution", "get", execution).out)["state"]["current"] == "PAUSED"


def test_an_input_that_a_flow_does_not_know_starts_nothing(run, flows):
    found = run("flow", "run", "team.a", "asking", "--input", "m=3", "--input", "n=2")

    assert found.code == 1
    assert "there is no input 'm'; there are: n, doc, ship, ship.country" in found.err
    assert run("execution", "list").out == ""


def test_a_form_is_given_as_a_map_or_by_its_inputs(run, flows):
    by_name = run("flow", "run", "team.a", "asking", "--input", "ship.country=DE", "--wait")
    as_map = run("flow", "run", "team.a", "asking", "--input", 'ship={"country": "IT"}', "--wait")

    assert (by_name.code, as_map.code) == (0, 0)


def test_each_wrong_input_is_told_once_in_a_line_of_its_own(run, flows, tmp_path):
    more = ASKING.replace("id: asking", "id: more").replace("defaults: 1}", "max: 3}")
    (tmp_path / "more.yaml").write_text(more.replace("defaults: FR", "validator: '[A-Z]+'"))
    run("flow", "deploy", str(tmp_path / "more.yaml"))

    found = run("flow", "run", "team.a", "more", "--input", "n=9", "--input", "ship.country=x")

    assert found.code == 1
    first, second = found.err.splitlines()
    assert first.startswith("error: Invalid input for `n`, ")
    assert second.startswith("error: Invalid input for `ship.country`, ")


@pytest.mark.parametrize("label", ["novalue", ":x", "x:"])
def test_a_label_without_a_key_or_a_value_is_wrong_use(run, flows, label):
    assert run("flow", "run", "team.a", "asking", "--label", label).code == 2
