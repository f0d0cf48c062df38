"""Pure steps are evaluated one after the other and recorded in one transaction."""

import pytest
from sqlalchemy import event, select, text

from app import failpoints
from app.database.schema import attempts, task_runs
from app.service import claiming, operations, steps
from app.service.settle import settle
from workers import ahead
from workers.attempt import run_step

FLOW = """
id: ahead
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: one}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.a.value }} two"}
  - {id: skipped, type: io.kestra.plugin.core.log.Log, message: never, runIf: "{{ false }}"}
  - {id: c, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.b.value }} three"}
"""


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """A batch ends where a rule says so, not where a busy machine took a moment more."""
    monkeypatch.setattr(ahead, "MOST_S", 60.0)


def claim(driver, text, flow_id):
    """An execution, and its first step in the hands of a process."""
    driver.save(text)
    execution = driver.start("company.team", flow_id)
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    won = claiming.claim(driver.rt, *place, driver.process.owner)
    assert won is not None
    return execution, won.step


def run(driver, step, *, fuse=True):
    done = run_step(driver.process, step, fuse=fuse)
    settle(driver.rt, done)
    return done


def lines(driver, execution):
    return [text for text in driver.messages(execution) if text.endswith("three")]


def rows(driver, execution):
    with driver.rt.database.reading() as tx:
        wanted = select(task_runs).where(task_runs.c.execution_id == execution)
        return tx.execute(wanted.order_by(task_runs.c.created_at)).all()


def test_steps_and_the_end_of_their_execution_are_one_commit(driver):
    execution, step = claim(driver, FLOW, "ahead")

    done = run(driver, step)

    assert (done.fused, done.jobs, done.steps) == (None, [], 4)
    assert driver.state(execution) == "SUCCESS"
    ends = [("a", "SUCCESS"), ("b", "SUCCESS"), ("skipped", "SKIPPED"), ("c", "SUCCESS")]
    assert driver.runs(execution) == ends


def test_a_later_step_reads_what_is_not_recorded_yet(driver):
    execution = driver.run(FLOW)

    assert driver.outputs(execution, "b") == {"value": "one two"}
    assert lines(driver, execution) == ["one two three"]


def test_rows_are_as_if_each_step_had_been_recorded_by_itself(driver):
    execution = driver.run(FLOW)

    found = rows(driver, execution)[1:]
    assert [row.pos for row in found] == [0, 1, 2, 3]
    assert [row.tries for row in found] == [1, 1, 0, 1]
    assert all((row.attempt, row.owner, row.lease_until, row.lost) == (1, None, None, 0)
               for row in found)  # fmt: skip
    moments = [moment for row in found for moment in (row.created_at, row.ended_at)]
    assert moments == sorted(moments)
    states = [line.split()[0] for row in found[1:2] for line in row.histories.splitlines()]
    assert states == ["CREATED", "RUNNING", "SUCCESS"]
    with driver.rt.database.reading() as tx:
        tries = tx.execute(select(attempts).where(attempts.c.execution_id == execution)).all()
    assert sorted(one.state for one in tries) == ["SKIPPED", "SUCCESS", "SUCCESS", "SUCCESS"]


@pytest.mark.parametrize("act", [operations.pause, operations.kill])
def test_a_gate_that_closed_meanwhile_lets_only_the_held_step_be_recorded(driver, act):
    execution, step = claim(driver, FLOW, "ahead")
    act(driver.rt, execution)

    run(driver, step)

    assert driver.runs(execution)[0] == ("a", "SUCCESS")
    assert all(state == "CREATED" for _, state in driver.runs(execution)[1:])
    assert lines(driver, execution) == []


def test_an_owner_that_lost_its_lease_writes_none_of_them(driver):
    execution, step = claim(driver, FLOW, "ahead")
    settle(driver.rt, steps.give_back(driver.rt, step))

    done = run(driver, step)

    assert done is None
    assert driver.runs(execution) == [("a", "CREATED")]
    driver.work()
    assert driver.state(execution) == "SUCCESS"
    assert lines(driver, execution) == ["one two three"]


def test_a_crash_before_the_record_leaves_one_row_and_nothing_is_doubled(driver):
    execution, step = claim(driver, FLOW, "ahead")
    failpoints._active["before_record"] = "raise"
    try:
        with pytest.raises(failpoints.FailpointRaised):
            run_step(driver.process, step, fuse=True)
    finally:
        failpoints._active.clear()

    assert driver.runs(execution) == [("a", "RUNNING")]
    assert driver.messages(execution) == []
    settle(driver.rt, steps.give_back(driver.rt, step))
    driver.work()
    assert driver.state(execution) == "SUCCESS"
    assert lines(driver, execution) == ["one two three"]
    assert [row.attempt for row in rows(driver, execution)[1:]] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("task", "recorded"),
    [
        ("{id: x, type: io.kestra.plugin.core.execution.Fail}", "FAILED"),
        ("{id: x, type: io.kestra.plugin.core.kv.Set, key: k, value: v}", "SUCCESS"),
        ("{id: x, type: io.kestra.plugin.core.execution.Labels, labels: {k: v}}", "SUCCESS"),
        ("{id: x, type: io.kestra.plugin.core.debug.Return, format: x, timeout: PT5S}", "SUCCESS"),
    ],
)
def test_what_is_not_pure_or_does_not_end_well_ends_the_batch(driver, task, recorded):
    text = f"""
id: ends
namespace: company.team
tasks:
  - {{id: a, type: io.kestra.plugin.core.log.Log, message: a}}
  - {{id: b, type: io.kestra.plugin.core.log.Log, message: b}}
  - {task}
"""
    execution, step = claim(driver, text, "ends")

    first = run(driver, step)

    assert (first.steps, first.fused.task.id) == (2, "x")
    run(driver, first.fused)
    assert driver.runs(execution)[-1] == ("x", recorded)


def test_states_of_tasks_are_those_of_recorded_steps(driver):
    execution = driver.run("""
id: states
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a, level: ERROR}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
  - {id: c, type: io.kestra.plugin.core.debug.Return, format: "{{ tasks.b.state }}"}
  - {id: d, type: io.kestra.plugin.core.debug.Return, format: "{{ errorLogs() | length }}"}
  - {id: e, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs | keys | length }}"}
""")

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "c") == {"value": "SUCCESS"}
    assert driver.outputs(execution, "d") == {"value": "1"}
    assert driver.outputs(execution, "e") == {"value": "4"}


def test_steps_of_a_loop_read_the_outputs_of_their_own_iteration(driver):
    execution = driver.run("""
id: loop
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [p, q]
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
      - id: b
        type: io.kestra.plugin.core.debug.Return
        format: "{{ outputs.a[taskrun.value].value }}!"
""")

    assert driver.state(execution) == "SUCCESS"
    values = {row.value: row.outputs for row in rows(driver, execution) if row.task_id == "b"}
    assert values == {"p": {"value": "p!"}, "q": {"value": "q!"}}


def test_without_fusing_each_step_is_recorded_by_itself(driver):
    _, step = claim(driver, FLOW, "ahead")

    done = run(driver, step, fuse=False)

    assert (done.steps, done.fused, len(done.jobs)) == (1, None, 1)


def test_a_batch_that_took_its_time_is_recorded_and_the_next_step_goes_on(driver, monkeypatch):
    monkeypatch.setattr(ahead, "MOST_S", 0.0)
    execution, step = claim(driver, FLOW, "ahead")

    done = run(driver, step)

    assert (done.steps, done.fused.task.id) == (1, "b")
    assert driver.runs(execution)[:2] == [("a", "SUCCESS"), ("b", "RUNNING")]
    run(driver, done.fused)
    assert driver.runs(execution)[1] == ("b", "SUCCESS")


GOES_ON = FLOW + "  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it has a trace of statements
def test_a_batch_that_does_not_end_its_sequence_moves_it_on_in_one_write(driver):
    execution, step = claim(driver, GOES_ON, "ahead")
    said = []

    @event.listens_for(driver.rt.database.engine, "checkout")
    def on_checkout(connection, _record, _proxy):
        connection.set_trace_callback(said.append)

    done = run_step(driver.process, step, fuse=True)

    moved = [text for text in said if text.startswith("UPDATE sequences")]
    assert done.steps == 4
    assert len(moved) == 1
    assert driver.runs(execution)[-1] == ("nap", "RUNNING")


def test_outputs_that_are_absent_are_null_however_the_row_was_written(driver):
    alone, _ = claim(driver, GOES_ON, "ahead")
    driver.publisher.jobs.clear()
    together, step = claim(driver, GOES_ON, "ahead")
    run(driver, step)

    for execution in (alone, together):
        with driver.rt.database.reading() as tx:
            query = "select task_id from task_runs where execution_id = :id and outputs is null"
            found = tx.execute(text(query), {"id": execution}).scalars().all()
            births = "select count(*) from executions where id = :id and trigger is null"
            assert tx.execute(text(births), {"id": execution}).scalar() == 1
        absent = [row.task_id for row in rows(driver, execution) if row.outputs is None]
        assert sorted(found) == sorted(absent)
    assert {"skipped", "c", "nap"} <= set(absent)
