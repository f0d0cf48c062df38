"""Outputs that are too large for a row: kept in storage, read like others, or refused."""

from sqlalchemy import select

from app.database.schema import task_runs

TEXT = """
id: large
namespace: company.team
inputs: [{id: given, type: STRING}]
tasks:
  - {id: big, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.given }}"}
  - {id: size, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.big.value | length }}"}
"""

TWICE = TEXT.replace("inputs.given", """inputs.given | replace({'x': '\\"'})""")


def row_of(driver, execution_id, task_id):
    where = (task_runs.c.execution_id == execution_id) & (task_runs.c.task_id == task_id)
    with driver.rt.database.reading() as tx:
        return tx.execute(select(task_runs).where(where)).one()


def test_large_outputs_go_to_storage_and_are_read_from_there(driver):
    execution = driver.run(TEXT, given="x" * 300_000)

    row = row_of(driver, execution, "big")
    assert row.outputs is None
    assert "/kept/" in row.outputs_uri
    assert driver.outputs(execution, "size") == {"value": "300000"}


def test_small_outputs_stay_in_the_row(driver):
    execution = driver.run(TEXT, given="x" * 200_000)

    assert row_of(driver, execution, "big").outputs_uri is None
    assert driver.outputs(execution, "size") == {"value": "200000"}


def test_outputs_beyond_the_limit_fail_the_task_and_name_the_limit(driver):
    execution = driver.run(TWICE, given="x" * 6_000_000)  # quotes: twice as long as JSON

    assert driver.runs(execution) == [("big", "FAILED")]
    assert "The outputs are larger than the limit of 10 MB" in driver.messages(execution)
    assert row_of(driver, execution, "big").outputs is None
