"""What a secret leaves behind, wherever a flow hands it: nothing readable."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from app.database.schema import executions as table
from app.database.schema import metadata
from app.errors import Invalid
from app.service import executions, inputs, kv, webhook_start
from tests.support.api import app_on

SECRET = "hush-Hush-4711"

LEAKY = """
id: leaky
namespace: company.team
inputs:
  - {id: password, type: SECRET}
  - {id: list, type: ARRAY, itemType: SECRET, required: false}
  - {id: copy, type: STRING, defaults: "x {{ inputs.password }} y"}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.password }}"}
  - {id: vars, type: io.kestra.plugin.core.execution.SetVariables,
     variables: {kept: "{{ inputs.password }}", deep: {list: ["{{ inputs.copy }}"]}}}
  - {id: labels, type: io.kestra.plugin.core.execution.Labels, labels: {a: "{{ inputs.password }}"}}
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: child,
     inputs: {text: "{{ vars.kept }}", address: {line: "{{ inputs.password | upper }}"}}}
  - {id: metric, type: io.kestra.plugin.core.metric.Publish,
     metrics: [{type: counter, name: n, value: 1, tags: {t: "{{ inputs.password }}"}}]}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, allowFailure: true,
     errorMessage: "no: {{ inputs.password }} {{ vars.deep.list[0] }}"}
  - {id: wrong, type: io.kestra.plugin.core.log.Log, allowFailure: true,
     message: "{{ inputs.password | number }}"}
  - {id: key, type: io.kestra.plugin.core.kv.Set, key: kept, value: {a: "{{ inputs.password }}"}}
  - {id: get, type: io.kestra.plugin.core.kv.Get, key: kept}
  - id: choose
    type: io.kestra.plugin.core.flow.Switch
    value: "{{ inputs.password }}"
    cases: {other: [{id: no, type: io.kestra.plugin.core.log.Log, message: no}]}
    defaults: [{id: yes, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.choose }}"}]
  - {id: uses, type: io.kestra.plugin.core.execution.Assert,
     conditions: ["{{ vars.kept == inputs.password }}",
                  "{{ kv('kept').a == inputs.password and outputs.get.value.a == kv('kept').a }}",
                  "{{ outputs.choose.value == inputs.password and outputs.choose.defaults }}",
                  "{{ outputs.call.outputs.sealed == inputs.password }}"]}
outputs: [{id: sealed, type: SECRET, value: "{{ inputs.password }}"}]
"""

CHILD = """
id: child
namespace: company.team
inputs:
  - {id: text, type: STRING}
  - {id: address, type: FORM, inputs: [{id: line, type: STRING}]}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log,
     message: "{{ inputs.text }} {{ inputs.address }}"}
outputs: [{id: sealed, type: SECRET, value: "{{ inputs.text }}"}]
"""

LISTENER = """
id: listener
namespace: other.place
inputs: [{id: text, type: STRING}]
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log,
     message: "{{ trigger.outputs.sealed }} {{ inputs.text }}"}
  - {id: uses, type: io.kestra.plugin.core.execution.Assert,
     conditions: ["{{ trigger.outputs.sealed == inputs.text }}"]}
triggers:
  - {id: after, type: io.kestra.plugin.core.trigger.Flow, states: [WARNING],
     inputs: {text: "{{ trigger.outputs.sealed }}"},
     conditions: [{type: io.kestra.plugin.core.condition.ExecutionFlow,
                   namespace: company.team, flowId: leaky}]}
"""


def ran(driver):
    for source in (CHILD, LISTENER, LEAKY):
        driver.save(source)
    execution_id = driver.start("company.team", "leaky", password=SECRET, list=[SECRET + "-2"])
    driver.work()
    return execution_id


def every_cell(driver):
    """Every value of every table, as text."""
    with driver.rt.database.reading() as tx:
        for one in metadata.sorted_tables:
            for row in tx.execute(text(f'select * from "{one.name}"')):
                yield one.name, str(tuple(row))


def client_of(driver):
    settings = driver.rt.settings.model_copy(update={"auth_enabled": False})
    return app_on(replace(driver.rt, settings=settings)).test_client()


def test_no_row_and_no_file_holds_a_secret(driver):
    execution_id = ran(driver)

    leaks = [cell for cell in every_cell(driver) if "hush-hush" in cell[1].lower()]
    files = [uri for uri in driver.rt.storage.list("")
             if b"hush-hush" in driver.rt.storage.open(uri).read().lower()]  # fmt: skip
    assert leaks == []
    assert files == []
    assert driver.state(execution_id) == "WARNING"
    assert dict(driver.runs(execution_id))["uses"] == "SUCCESS"


def test_a_case_that_is_named_in_the_flow_is_taken_though_a_secret_equals_it(driver):
    execution_id = driver.run("""
id: equal
namespace: company.team
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.Switch
    value: "{{ secret('TOKEN') }}"
    cases: {s3cr3t-value: [{id: mine, type: io.kestra.plugin.core.log.Log, message: taken}]}
""")

    assert driver.messages(execution_id) == ["taken"]


def test_a_key_holds_the_type_of_what_is_hidden_and_only_its_own_name_opens_it(driver):
    driver.run("""
id: keys
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.kv.Set, key: mine, value: "{{ secret('TOKEN') }}"}
""")
    row = kv.get(driver.rt, "company.team", "mine")
    kv.put(driver.rt, {"namespace": "company.team", "key": "moved", "value": row.value})
    moved = kv.get(driver.rt, "company.team", "moved")

    assert row.type == "STRING"
    assert "s3cr3t" not in str(row.value)
    assert kv.opened(driver.rt, row, lambda _value: None) == "s3cr3t-value"
    assert kv.opened(driver.rt, moved, lambda _value: None) == row.value


def test_a_flow_trigger_hands_a_secret_on_encrypted(driver):
    ran(driver)

    with driver.rt.database.reading() as tx:
        row = tx.execute(select(table).where(table.c.flow_id == "listener")).one()
    assert row.state == "SUCCESS"
    assert row.trigger["variables"]["outputs"]["sealed"]["type"].endswith("aes_encrypted")
    assert driver.messages(row.id)[0] == "****** ******"


@pytest.mark.parametrize("path", ["/executions/{}", "/executions/search", "/outputs/executions/{}",
                                  "/logs/{}", "/metrics/{}"])  # fmt: skip
def test_no_answer_shows_it(driver, path):
    execution_id = ran(driver)

    answer = client_of(driver).get("/api/v1/main" + path.format(execution_id))

    assert answer.status_code == 200
    assert "hush" not in answer.get_data(as_text=True).lower()


@pytest.mark.parametrize("expression", [
    "{{ inputs.password }}", "{{ vars.kept }}", "{{ vars }}", "{{ inputs.copy | upper }}",
    "{{ inputs.password | base64encode }}", "{{ outputs.call }}", "{{ inputs.password | number }}",
    "{{ inputs.list }}", "{{ inputs.password | sha256 | length }}", "{{ inputs }}",
])  # fmt: skip
def test_the_console_masks_it(driver, expression):
    execution_id = ran(driver)

    answer = client_of(driver).post(f"/api/v1/main/executions/{execution_id}/eval", data=expression)

    shown = answer.get_data(as_text=True).lower()
    assert "hush" not in shown
    assert "ahvzac1i" not in shown


def test_a_form_is_shown_without_the_secrets_of_its_defaults(driver):
    driver.save(LEAKY.replace("defaults: \"x {{ inputs.password }} y\"",
                              "defaults: \"{{ secret('TOKEN') }}\""))  # fmt: skip

    answer = client_of(driver).post(
        "/api/v1/main/executions/company.team/leaky/validate", data={"password": SECRET}
    )

    assert [item.get("value") for item in answer.json["inputs"]] == ["******", None, "******"]
    assert "s3cr3t" not in answer.get_data(as_text=True)


def test_the_same_key_with_the_same_secret_gives_the_first_execution(driver):
    for source in (CHILD, LEAKY):
        driver.save(source)
    place = (driver.rt, "company.team", "leaky")

    first = executions.start(*place, {"password": SECRET}, idempotency_key="k")

    assert executions.start(*place, {"password": SECRET}, idempotency_key="k") == first
    with pytest.raises(Invalid, match="another body"):
        executions.start(*place, {"password": SECRET + "x"}, idempotency_key="k")


ECHO = """
id: echo
namespace: other.place
inputs: [{id: data, type: JSON, required: false}]
tasks:
  - {id: show, type: io.kestra.plugin.core.debug.Return,
     format: "{{ inputs.data ?? trigger.body }}"}
triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abcdef}]
"""


def test_what_was_encrypted_for_one_flow_is_not_opened_by_another(driver):
    stolen = executions.get(driver.rt, ran(driver)).inputs["password"]

    execution_id = driver.run(ECHO, data=stolen)

    assert SECRET not in str(driver.outputs(execution_id, "show"))
    assert driver.state(execution_id) == "SUCCESS"


@pytest.mark.parametrize("value", ["no base64 !", "00000000.AAAA", 7, None])
def test_what_only_looks_encrypted_stops_nothing(driver, value):
    forged = {"type": "io.kestra.datatype:aes_encrypted", "value": value}
    driver.save(ECHO)

    started = webhook_start.start(
        driver.rt, "other.place", "echo", "abcdef",
        body=json.dumps({"x": forged}).encode(), headers={}, parameters={},
    )  # fmt: skip
    execution_id = started[0]
    driver.work()

    assert driver.state(execution_id) == "SUCCESS"
    with pytest.raises(inputs.InvalidInputs):
        driver.start("other.place", "echo", data="{")
