"""Inputs, variables, outputs and what a trigger gave, when they are too large for a row."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.database.schema import executions as table
from app.errors import Invalid
from app.service import executions, kept, kv, operations, purging, reopen, resuming, search
from app.storage.paths import execution_folder
from tests.support.api import app_on

BIG = "x" * 300_000

ECHO = """
id: echo
namespace: company.team
inputs: [{id: given, type: STRING}, {id: password, type: SECRET, required: false}]
tasks:
  - id: set
    type: io.kestra.plugin.core.execution.SetVariables
    variables: {big: "{{ inputs.given }}", small: "1"}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, condition: "{{ kv('fail') == 'yes' }}"}
  - id: size
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.given | length }} {{ vars.big | length }} {{ vars.small }}"
outputs: [{id: all, type: STRING, value: "{{ inputs.given }}"}]
"""

CALLER = """
id: caller
namespace: company.team
inputs: [{id: given, type: STRING}]
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: echo
    inputs: {given: "{{ inputs.given }}"}
  - id: size
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.call.outputs.all | length }} {{ outputs.call.state }}"
"""

LISTENER = """
id: listener
namespace: company.team
tasks:
  - {id: size, type: io.kestra.plugin.core.debug.Return,
     format: "{{ trigger.outputs.all | length }} {{ trigger.state }}"}
triggers:
  - {id: after, type: io.kestra.plugin.core.trigger.Flow, states: [SUCCESS],
     conditions: [{type: io.kestra.plugin.core.condition.ExecutionFlow,
                   namespace: company.team, flowId: echo}]}
"""


def ready(driver, *flows, fail="no"):
    for text in (ECHO, *flows):
        driver.save(text)
    set_key(driver, fail)


def set_key(driver, value):
    with driver.rt.database.transaction() as tx:
        kv.put_in(tx, driver.rt, {"namespace": "company.team", "key": "fail", "value": value})


def started(driver, **inputs):
    execution_id = driver.start("company.team", "echo", given=BIG, **inputs)
    driver.work()
    return execution_id


def row_of(driver, execution_id):
    return executions.get(driver.rt, execution_id)


def client_of(driver):
    settings = driver.rt.settings.model_copy(update={"auth_enabled": False})
    return app_on(replace(driver.rt, settings=settings)).test_client()


def files_of(driver, execution_id):
    row = row_of(driver, execution_id)
    return list(driver.rt.storage.list(kept.folder_of(row)))


def test_inputs_variables_and_outputs_are_files_that_expressions_read(driver):
    ready(driver)

    row = row_of(driver, started(driver))

    assert row.state == "SUCCESS"
    for column in (row.inputs, row.variables, row.outputs):
        assert column.startswith("kestra:///company/team/echo/executions/" + row.id)
    assert driver.outputs(row.id, "size") == {"value": "300000 300000 1"}


def test_variables_that_were_replaced_go_when_no_step_can_look_at_them(driver):
    ready(driver)
    again = ECHO.replace(
        "  - {id: fail,",
        """  - id: again
    type: io.kestra.plugin.core.execution.SetVariables
    variables: {other: "{{ inputs.given }}"}
  - {id: fail,""",
    )
    driver.save(again)
    row = row_of(driver, started(driver))
    before = len(files_of(driver, row.id))
    driver.work_timers(3_601)

    assert row.state == "SUCCESS"
    assert before - len(files_of(driver, row.id)) == 1
    assert driver.rt.storage.exists(row.variables)


def test_the_api_shows_them_as_if_they_were_in_the_row(driver):
    ready(driver)
    row = row_of(driver, started(driver))
    client = client_of(driver)

    shown = client.get(f"/api/v1/main/executions/{row.id}").json
    listed = client.get("/api/v1/main/executions/search").json["results"][0]
    outputs = client.get(f"/api/v1/main/outputs/executions/{row.id}").json

    for found in (shown, listed):
        assert found["inputs"]["given"] == found["outputs"]["all"] == BIG
        assert found["variables"] == {"big": BIG, "small": "1"}
    assert outputs == {"all": BIG}


def test_an_answer_leaves_out_what_makes_it_too_large(driver):
    ready(driver)
    row = row_of(driver, started(driver))

    shown = kept.Shown(driver.rt, most=400_000)

    assert shown.map(row.inputs)["given"] == BIG
    assert shown.map(row.outputs) is None
    assert shown.map({"small": 1}) == {"small": 1}


def test_the_files_go_with_the_execution(driver):
    ready(driver)
    execution_id = started(driver)
    assert len(files_of(driver, execution_id)) == 3

    operations.delete(driver.rt, execution_id, logs=True, metrics=True, storage=True)

    folder = execution_folder("company.team", "echo", execution_id)
    assert list(driver.rt.storage.list(folder)) == []


def test_a_restart_keeps_them(driver):
    ready(driver, fail="yes")
    execution_id = started(driver)
    assert row_of(driver, execution_id).state == "FAILED"
    set_key(driver, "no")

    reopen.restart(driver.rt, execution_id)
    driver.work()

    assert driver.outputs(execution_id, "size") == {"value": "300000 300000 1"}


def test_a_replay_has_its_own_and_outlives_the_first_execution(driver):
    ready(driver)
    first = started(driver)
    size = next(r.id for r in search.whole(driver.rt, first)[1] if r.task_id == "size")

    whole = reopen.replay(driver.rt, first)
    part = reopen.replay(driver.rt, first, task_run_id=size)
    changed = resuming.replay_with_inputs(driver.rt, first, {"password": "s3cret-1"})
    operations.delete(driver.rt, first, logs=True, metrics=True, storage=True)
    driver.work()

    for execution_id in (whole, part, changed):
        assert row_of(driver, execution_id).state == "SUCCESS"
        assert driver.outputs(execution_id, "size") == {"value": "300000 300000 1"}


def test_a_caller_gets_a_copy_of_large_outputs(driver):
    ready(driver, CALLER)
    execution_id = driver.start("company.team", "caller", given=BIG)
    driver.work()
    with driver.rt.database.reading() as tx:
        child = tx.execute(select(table.c.id).where(table.c.caller_id == execution_id)).scalar()

    call = next(r for r in search.whole(driver.rt, execution_id)[1] if r.task_id == "call")
    operations.delete(driver.rt, child, logs=True, metrics=True, storage=True)

    assert call.outputs is None
    assert kept.outputs_of(driver.rt, call)["outputs"] == {"all": BIG}
    assert driver.outputs(execution_id, "size") == {"value": "300000 SUCCESS"}


def test_a_flow_trigger_hands_large_outputs_on(driver):
    ready(driver, LISTENER)
    started(driver)
    driver.work()

    with driver.rt.database.reading() as tx:
        row = tx.execute(select(table).where(table.c.flow_id == "listener")).one()
    assert row.trigger["kept"]["outputs"].startswith("kestra:///company/team/listener/")
    assert driver.outputs(row.id, "size") == {"value": "300000 SUCCESS"}
    client = client_of(driver)
    trigger = client.get(f"/api/v1/main/executions/{row.id}").json["trigger"]
    assert trigger["variables"]["outputs"] == {"all": BIG}
    assert "kept" not in trigger


def test_secrets_in_a_file_are_encrypted(driver):
    ready(driver)
    row = row_of(driver, started(driver, password="s3cret-value"))

    texts = [driver.rt.storage.open(uri).read().decode() for uri in files_of(driver, row.id)]

    assert not any("s3cret-value" in text for text in texts)
    assert json.loads(driver.rt.storage.open(row.inputs).read())["password"]["type"].endswith(
        "aes_encrypted"
    )


def test_the_same_key_with_another_large_input_is_refused(driver):
    ready(driver)
    first = executions.start(driver.rt, "company.team", "echo", {"given": BIG}, idempotency_key="k")

    again = executions.start(driver.rt, "company.team", "echo", {"given": BIG}, idempotency_key="k")

    assert again == first
    with pytest.raises(Invalid, match="another body"):
        executions.start(
            driver.rt, "company.team", "echo", {"given": BIG + "y"}, idempotency_key="k"
        )


def test_a_task_that_purges_the_files_leaves_what_belongs_to_the_rows(driver):
    text = ECHO.replace(
        "  - id: size",
        """\
  - {id: purge, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}
  - id: size""",
    )
    driver.save(text)
    set_key(driver, "no")

    row = row_of(driver, started(driver))

    assert driver.outputs(row.id, "size") == {"value": "300000 300000 1"}


def test_retention_removes_the_files(driver):
    ready(driver)
    execution_id = started(driver)
    driver.clock.advance(3 * 86_400)
    settings = driver.rt.settings.model_copy(update={"retention_days": 1})
    rt = replace(driver.rt, settings=settings)

    assert purging.purge_executions(rt) == 1

    folder = execution_folder("company.team", "echo", execution_id)
    assert list(driver.rt.storage.list(folder)) == []
