"""What the log says of an attempt that was stopped from outside."""

import threading
import time

import pytest

from app.service import operations
from tests.conftest import make_driver

SCRIPT = """
id: stopped
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ['echo began', 'test -f {go} || sleep 60', 'echo ended']
"""
DIRECTORY = """
id: stopped
namespace: company.team
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - id: run
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
        commands: ['echo began', 'test -f {go} || sleep 60', 'echo ended']
"""


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


@pytest.fixture
def begun(driver):
    """Starts a flow of one script; the execution, and the thread that runs it, once it says so."""

    def start(text):
        driver.save(text)
        execution = driver.start("company.team", "stopped")
        worker = threading.Thread(target=driver.work)
        worker.start()
        ends = time.monotonic() + 20
        while "began" not in written(driver, execution) and time.monotonic() < ends:
            time.sleep(0.02)
        return execution, worker

    return start


def written(driver, execution):
    for held in list(driver.process.held.values()):
        if held.log is not None:
            held.log.flush_late()
    return driver.messages(execution)


def test_a_kill_is_told(driver, begun, tmp_path):
    execution, worker = begun(SCRIPT.format(go=tmp_path / "go"))

    operations.kill(driver.rt, execution)
    driver.process.kill(execution)
    worker.join(20)
    driver.work()

    assert driver.state(execution) == "KILLED"
    assert driver.messages(execution) == ["began", "Killed: the execution was told to end"]


@pytest.mark.parametrize("flow", [SCRIPT, DIRECTORY], ids=["task", "in a directory"])
def test_a_worker_that_is_stopped_is_told_and_the_task_runs_again(driver, begun, tmp_path, flow):
    go = tmp_path / "go"
    execution, worker = begun(flow.format(go=go))

    go.touch()
    for held in list(driver.process.held.values()):
        held.cancel("DRAIN")
    worker.join(20)
    driver.work()

    told = "Interrupted: the worker is being stopped; the task runs again elsewhere or later"
    assert driver.state(execution) == "SUCCESS"
    assert driver.messages(execution) == ["began", told, "began", "ended"]


def test_an_attempt_that_cannot_be_interrupted_is_told_too(driver, begun, tmp_path):
    execution, worker = begun(SCRIPT.format(go=tmp_path / "go"))
    (held,) = driver.process.held.values()

    driver.process._leave(held)

    assert driver.messages(execution)[-1].startswith("Interrupted: the worker is being stopped")
    held.cancel("LOST")
    worker.join(20)
