"""Values of loops that show a secret: opened in expressions, and readable nowhere."""

from dataclasses import replace

import pytest

from app.service.crypto import Keyring
from app.service.iteration_names import hidden, opened, shown
from app.service.masking import Masks
from tests.engine.test_secret_values import client_of, every_cell

PARTS = ["hush-Alpha-4711", "hush-Beta-4712", "hush-Gamma-4713"]

CALLED = """
id: called
namespace: company.team
inputs: [{id: text, type: STRING}]
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log,
     message: "called {{ inputs.text }} {{ trigger.taskRunValue }}"}
  - {id: uses, type: io.kestra.plugin.core.execution.Assert,
     conditions: ["{{ inputs.text == trigger.taskRunValue }}"]}
"""

# what each child checks about the value that it sees, in the iteration it stands in
CHILD = """
      - {id: log, type: io.kestra.plugin.core.log.Log, message: "now {{ taskrun.value }}"}
      - {id: hash, type: io.kestra.plugin.core.debug.Return,
         format: "{{ taskrun.value | sha256 }}"}
      - {id: keep, type: io.kestra.plugin.core.output.OutputValues,
         values: {n: "{{ taskrun.iteration }}"}}
"""

EACH = """
id: each
namespace: company.team
inputs: [{id: password, type: SECRET}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.KIND
    values: "{{ inputs.password | split(',') }}"
    tasks:CHILD
      - id: inner
        type: io.kestra.plugin.core.flow.ForEach
        values: [plain, "{{ taskrun.value }}/in"]
        tasks:
          - {id: deep, type: io.kestra.plugin.core.log.Log,
             message: "deep {{ taskrun.value }} of {{ parents[0].taskrun.value }}"}
          - {id: check, type: io.kestra.plugin.core.execution.Assert,
             conditions: ["{{ taskrun.value == 'plain' or
                              taskrun.value == parents[0].taskrun.value ~ '/in' }}",
                          "{{ tasks.check[parents[0].taskrun.value][taskrun.value].state ==
                              'RUNNING' }}"]}
      - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team,
         flowId: called, inputs: {text: "{{ taskrun.value }}"}}
  - id: uses
    type: io.kestra.plugin.core.execution.Assert
    conditions:
      - "{{ outputs.keep | length == 3 }}"
      - "{{ outputs.keep[(inputs.password | split(','))[1]].values.n == '1' }}"
      - "{{ outputs.hash[(inputs.password | split(','))[2]].value ==
            (inputs.password | split(','))[2] | sha256 }}"
"""


def each(kind):
    source = EACH.replace("KIND", kind).replace("tasks:CHILD", "tasks:" + CHILD.rstrip())
    if kind != "ForEach":
        source = source.replace('values: "{{ inputs', 'value: "{{ inputs')
    if kind != "EachParallel":
        return source.replace(
            "      - {id: call",
            "      - {id: sibling, type: io.kestra.plugin.core.execution.Assert,\n"
            '         conditions: ["{{ outputs.hash[taskrun.value].value =='
            ' taskrun.value | sha256 }}",\n'
            '                      "{{ currentEachOutput(outputs.keep).values.n =='
            " taskrun.iteration ~ '' }}\"]}\n      - {id: call",
        )
    return source


def run_each(driver, kind="ForEach"):
    driver.save(CALLED)
    driver.save(each(kind))
    execution_id = driver.start("company.team", "each", password=",".join(PARTS))
    driver.work()
    return execution_id


@pytest.mark.parametrize("kind", ["ForEach", "EachSequential", "EachParallel"])
def test_the_flow_works_and_nothing_is_readable(driver, kind):
    execution_id = run_each(driver, kind)

    leaks = [cell for cell in every_cell(driver) if "hush-" in cell[1].lower()]
    assert [run for run in driver.runs(execution_id) if run[1] != "SUCCESS"] == []
    assert driver.state(execution_id) == "SUCCESS"
    assert leaks == []
    assert driver.messages(execution_id).count("now ******") == 3
    assert "deep plain of ******" in driver.messages(execution_id)


@pytest.mark.parametrize("path", [
    "/executions/{}", "/executions/{}/taskruns", "/outputs/tasks/{}", "/logs/{}", "/logs/search",
    "/executions/{}/graph", "/executions/{}/follow", "/logs/{}/follow", "/logs/{}/download",
])  # fmt: skip
def test_no_answer_shows_a_value(driver, path):
    execution_id = run_each(driver)

    answer = client_of(driver).get("/api/v1/main" + path.format(execution_id))

    assert answer.status_code == 200
    assert "hush" not in answer.get_data(as_text=True).lower()
    assert "encrypted-iteration" not in answer.get_data(as_text=True)


def test_iterations_are_told_apart_by_their_numbers(driver):
    execution_id = run_each(driver, "EachParallel")

    runs = client_of(driver).get(f"/api/v1/main/executions/{execution_id}").json["taskRunList"]
    named = {(run["taskId"], run["value"]) for run in runs if run["taskId"] in ("log", "keep")}
    assert named == {(task, f"****** {n}") for task in ("log", "keep") for n in range(3)}
    assert {run["value"] for run in runs if run["taskId"] == "deep"} == {"plain", "****** 1"}
    assert {run["iteration"] for run in runs if run.get("value") == "****** 2"} == {2}


@pytest.mark.parametrize("expression", [
    "{{ taskrun.value }}", "{{ taskrun }}", "{{ outputs.hash }}", "{{ tasks }}",
    "{{ taskrun.value | base64encode }}",
])  # fmt: skip
def test_the_console_masks_a_value(driver, expression):
    execution_id = run_each(driver)
    client = client_of(driver)
    runs = client.get(f"/api/v1/main/executions/{execution_id}").json["taskRunList"]
    run = next(run["id"] for run in runs if run["taskId"] == "keep")

    answer = client.post(f"/api/v1/main/executions/{execution_id}/eval/{run}", data=expression)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "******" in text or "KioqKioq" in text  # the same in base64
    assert "hush" not in text.lower()
    assert "aHVzaC" not in text


LOOP = """
id: loop
namespace: company.team
inputs: [{id: password, type: SECRET}]
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ inputs.password | split(',') }}"
    outputs: [{id: hash, value: "{{ item.value | sha256 }}"}]
    tasks:
      - {id: log, type: io.kestra.plugin.core.log.Log, message: "now {{ item.value }}"}
  - id: uses
    type: io.kestra.plugin.core.execution.Assert
    conditions:
      - "{{ outputs.loop.outputs[1].item.value == (inputs.password | split(','))[1] }}"
      - "{{ outputs.loop.outputs[1].outputs.hash == (inputs.password | split(','))[1] | sha256 }}"
"""


def test_items_of_a_loop_are_hidden_as_well(driver):
    driver.save(LOOP)
    execution_id = driver.start("company.team", "loop", password=",".join(PARTS))
    driver.work()

    leaks = [cell for cell in every_cell(driver) if "hush-" in cell[1].lower()]
    assert dict(driver.runs(execution_id))["uses"] == "SUCCESS"
    assert leaks == []
    assert driver.messages(execution_id).count("now ******") == 3


def test_a_replay_from_within_finds_its_values(driver):
    driver.save(CALLED)
    driver.save(each("ForEach"))
    first = run_each(driver)
    client = client_of(driver)
    runs = client.get(f"/api/v1/main/executions/{first}").json["taskRunList"]
    last = [run["id"] for run in runs if run["taskId"] == "sibling"][-1]

    answer = client.post(f"/api/v1/main/executions/{first}/replay?taskRunId={last}")
    driver.work()

    assert answer.status_code == 200
    assert driver.state(answer.json["id"]) == "SUCCESS"
    assert [cell for cell in every_cell(driver) if "hush-" in cell[1].lower()] == []


def test_what_is_taken_out_of_a_hidden_value_is_hidden_as_well(driver):
    driver.save("""
id: maps
namespace: company.team
inputs: [{id: password, type: SECRET}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [{name: first, word: "{{ inputs.password }}"}, {name: second, word: open}]
    tasks:
      - {id: log, type: io.kestra.plugin.core.log.Log,
         message: "is {{ fromJson(taskrun.value).word }}"}
""")
    execution_id = driver.start("company.team", "maps", password=PARTS[0])
    driver.work()

    assert driver.messages(execution_id) == ["is ******", "is open"]
    assert [cell for cell in every_cell(driver) if "hush-" in cell[1].lower()] == []


@pytest.mark.parametrize("kind", ["ForEach", "Loop"])
def test_without_a_key_values_that_show_a_secret_are_told(driver, kind):
    driver.rt = without_a_key(driver)
    driver.process.rt = driver.rt
    execution_id = driver.run(f"""
id: open
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.{kind}
    values: ["{{{{ secret('TOKEN') }}}}", "b"]
    tasks: [{{id: log, type: io.kestra.plugin.core.log.Log, message: "hello"}}]
""")

    told = [
        line for line in driver.messages(execution_id) if "values of each show a secret" in line
    ]
    assert len(told) == 1
    assert driver.state(execution_id) == "SUCCESS"


def without_a_key(driver):
    settings = driver.rt.settings.model_copy(update={"encryption_key": ""})
    return replace(driver.rt, settings=settings)


RING = Keyring((b"k" * 32,)).at("company.team", "each")


def masks():
    found = Masks()
    found.add("secret-a")
    return found


def test_equal_values_stay_equal_and_others_stay_readable():
    stored = hidden(RING, masks(), ["plain", "secret-a", "secret-a", "x secret-a"])

    assert [shown(value) for value in stored] == ["plain", "****** 1", "****** 1", "****** 2"]
    assert stored[1] == stored[2]
    assert [opened(RING, value) for value in stored] == [
        "plain", "secret-a", "secret-a", "x secret-a",
    ]  # fmt: skip


def test_only_the_values_of_iterations_of_the_same_flow_are_opened():
    stored = hidden(RING, masks(), ["secret-a"])[0]
    output = "encrypted-iteration:0:" + RING.seal("secret-a")["value"]

    assert opened(RING.at("company.team", "other"), stored) == stored
    assert opened(RING, output) == output


@pytest.mark.parametrize("text", [
    "encrypted-iteration:", "encrypted-iteration:1", "encrypted-iteration:1:00000000.A",
])  # fmt: skip
def test_what_only_looks_encrypted_is_a_value_like_others(text):
    assert opened(RING, text) == text


def test_without_a_key_values_stay_readable():
    assert hidden(Keyring(()), masks(), ["secret-a"]) == ("secret-a",)
