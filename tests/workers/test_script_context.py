"""The file that tells a script what its flow knows, as the package `kestra` 2.x reads it."""

import json

FLOW = """id: context
namespace: company.team
labels: {team: data}
variables: {greeting: hi}
inputs:
  - {id: name, type: STRING, defaults: Ada}
  - {id: password, type: SECRET, defaults: squeamish ossifrage}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "one"}
  - id: script
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    outputFiles: ["**", "*.json", ".*"]
    script: |
      MORE
      test -f $FILE || { echo there is none; exit 0; }
      echo "::{\\"outputs\\": {\\"seen\\": $(cat $FILE)}}::"
"""
FILE = "FILE=.kestra-execution-context.json"
HIDDEN = "FILE=.kes''tra-execution-context.json"  # found by the shell and not by us


def test_a_script_finds_what_its_flow_knows_and_no_secret(driver):
    found = driver.run(FLOW.replace("MORE", FILE))

    assert driver.state(found) == "SUCCESS", driver.messages(found)
    outputs = driver.outputs(found, "script")
    seen = outputs["vars"]["seen"]
    assert seen["inputs"]["name"] == "Ada"
    assert seen["vars"] == {"greeting": "hi"}
    assert seen["labels"]["team"] == "data"
    assert seen["outputs"]["first"] == {"value": "one"}
    assert (seen["flow"]["id"], seen["execution"]["id"]) == ("context", found)
    assert seen["taskrun"]["id"]
    assert seen["trigger"] == {}
    assert "ossifrage" not in json.dumps(seen)
    assert not [name for name in outputs["outputFiles"] if "context" in name]


def test_a_script_that_does_not_speak_of_it_costs_nothing(driver):
    found = driver.run(FLOW.replace("MORE", HIDDEN))

    assert "there is none" in driver.messages(found)
