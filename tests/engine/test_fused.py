"""A chain of steps in one process trusts what it knows of the execution, and looks at its gate."""

import pytest

from app.database import executions as rows
from app.database.batch import Overtaken
from app.service import claiming, operations
from app.service.settle import settle
from workers.attempt import run_step

FLOW = """
id: fused
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.kv.Set, key: k, value: v}
  - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
"""


@pytest.fixture
def claimed(driver):
    """An execution, and its first step in the hands of a process."""
    driver.save(FLOW)
    execution = driver.start("company.team", "fused")
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    claim = claiming.claim(driver.rt, *place, driver.process.owner)
    assert claim is not None
    return execution, claim.step


def run(driver, step):
    done = run_step(driver.process, step, fuse=True)
    settle(driver.rt, done)
    return done


def test_the_next_step_is_born_in_the_same_process(driver, claimed):
    execution, step = claimed

    done = run(driver, step)

    assert done.fused.task.id == "b"
    assert driver.runs(execution) == [("a", "SUCCESS"), ("b", "RUNNING")]


def test_a_pause_that_came_meanwhile_holds_the_next_step_back(driver, claimed):
    execution, step = claimed
    operations.pause(driver.rt, execution)

    done = run(driver, step)

    assert done.fused is None
    assert driver.publisher.jobs == []
    assert driver.runs(execution) == [("a", "SUCCESS"), ("b", "CREATED")]
    operations.resume(driver.rt, execution)
    driver.work()
    assert driver.state(execution) == "SUCCESS"


def test_a_kill_that_came_meanwhile_starts_no_step(driver, claimed):
    execution, step = claimed
    operations.kill(driver.rt, execution)

    done = run(driver, step)

    assert done.fused is None
    assert driver.runs(execution) == [("a", "SUCCESS")]
    assert driver.state(execution) == "KILLED"


def test_a_second_end_of_the_same_attempt_is_overtaken(driver, claimed):
    execution, step = claimed
    run(driver, step)

    again = run(driver, step)

    assert again is None
    assert driver.runs(execution) == [("a", "SUCCESS"), ("b", "RUNNING")]


def test_the_lock_that_travels_with_the_writes_asks_for_an_open_gate(driver, claimed):
    execution, _ = claimed

    with driver.rt.database.transaction() as tx:
        rows.share_open(tx, execution)
    operations.pause(driver.rt, execution)

    with pytest.raises(Overtaken), driver.rt.database.transaction() as tx:
        rows.share_open(tx, execution)


SCRIPT = "{id: %s, type: io.kestra.plugin.scripts.shell.Script, script: 'true', taskRunner: %s}"
HERE = "{type: io.kestra.plugin.core.runner.Process}"
THERE = "{type: io.kestra.plugin.scripts.runner.docker.Docker}"


def scripts(*runners):
    tasks = "\n".join(f"  - {SCRIPT % (f's{n}', runner)}" for n, runner in enumerate(runners))
    return f"id: scripts\nnamespace: company.team\ntasks:\n{tasks}"


def begin(driver, text):
    driver.save(text)
    execution = driver.start("company.team", "scripts")
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    claim = claiming.claim(driver.rt, *place, driver.process.owner)
    return execution, claim.step


def test_a_routed_step_for_the_same_queue_needs_no_message(driver):
    execution, step = begin(driver, scripts(HERE, HERE))

    done = run(driver, step)

    assert (done.fused.task.id, done.fused.slot, driver.publisher.jobs) == ("s1", "script", [])
    assert driver.runs(execution) == [("s0", "SUCCESS"), ("s1", "RUNNING")]


def test_a_routed_step_for_another_queue_goes_there(driver):
    execution, step = begin(driver, scripts(HERE, THERE))

    done = run(driver, step)

    assert done.fused is None
    assert [(job.queue, job.pos) for job in driver.publisher.jobs] == [("docker", 1)]
    assert driver.runs(execution) == [("s0", "SUCCESS"), ("s1", "CREATED")]


def test_a_process_of_a_queue_keeps_its_slot_over_steps_in_process(driver):
    log = "  - {id: log, type: io.kestra.plugin.core.log.Log, message: hi}\n"
    first, second = scripts(HERE, HERE).rsplit("\n", 1)
    _execution, step = begin(driver, f"{first}\n{log}{second}")

    between = run(driver, step).fused
    last = run(driver, between).fused

    assert (between.task.id, last.task.id, last.queue) == ("log", "s1", "script")
