"""Script tasks on real processes."""

import os
import threading
import time
from pathlib import Path

import pytest

from app.service import search
from tests.conftest import make_driver
from workers.runner import process

RUNNER = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
FLOW = """
id: script
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.{type}
    {runner}
{body}
"""


@pytest.fixture
def driver(tmp_path):
    """On SQLite alone: what a script does has nothing to do with the database."""
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def run(driver, type_, body):
    return driver.run(FLOW.format(type=type_, runner=RUNNER, body=body))


def test_outputs_lines_and_exit_code_of_a_shell(driver):
    body = """    commands:
      - echo one
      - echo two >&2
      - 'echo ''::{"outputs":{"n":1,"none":null}}::'''
"""
    execution = run(driver, "shell.Commands", body)

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "run") == {
        "vars": {"n": 1, "none": None},
        "exitCode": 0,
        "stdOutLineCount": 2,
        "stdErrLineCount": 1,
    }
    assert sorted(driver.messages(execution)) == ["one", "two"]


def test_a_failing_command_fails_the_task_and_keeps_its_outputs(driver):
    body = """    commands:
      - 'echo ''::{"outputs":{"kept":true}}::'''
      - exit 66
      - echo never
"""
    execution = run(driver, "shell.Commands", body)

    assert driver.state(execution) == "FAILED"
    outputs = driver.outputs(execution, "run")
    assert (outputs["vars"], outputs["exitCode"]) == ({"kept": True}, 66)
    assert driver.messages(execution) == ["Command failed with exit code 66"]


def test_a_python_script_reads_and_writes_files(driver):
    body = """    inputFiles: {in/data.txt: "hello"}
    outputFiles: ["out/*.txt"]
    script: |
      import os, pathlib
      assert null is None and true is True
      pathlib.Path("out").mkdir()
      text = pathlib.Path("in/data.txt").read_text()
      pathlib.Path("out/copy.txt").write_text(text.upper())
"""
    execution = run(driver, "python.Script", body)
    uri = driver.outputs(execution, "run")["outputFiles"]["out/copy.txt"]

    assert driver.rt.storage.open(uri).read() == b"HELLO"


def test_before_commands_are_logged_at_debug(driver):
    body = """    beforeCommands: ["echo before"]
    commands: ["echo after"]
"""
    execution = run(driver, "shell.Commands", body)
    rows = search.list_logs(driver.rt, {"execution_id": execution})

    assert [(row.message, row.level) for row in rows] == [("before", 1), ("after", 2)]


def test_a_script_sees_nothing_of_the_workers_secrets(driver, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_ENCRYPTION_KEY", "canary")
    execution = run(driver, "shell.Commands", "    commands: [env]\n")

    assert "canary" not in "\n".join(driver.messages(execution))


def test_a_name_that_leaves_the_directory_is_refused(driver):
    body = '    inputFiles: {"../x": "y"}\n    commands: [echo no]\n'

    assert driver.state(run(driver, "shell.Commands", body)) == "FAILED"


def test_a_timeout_kills_the_whole_process_group(driver, tmp_path):
    marker = tmp_path / "pid"
    body = f"""    timeout: PT0.5S
    commands:
      - sleep 60 & echo $! > {marker}
      - sleep 60
"""
    execution = run(driver, "shell.Commands", body)
    pid = int(marker.read_text())

    assert driver.state(execution) == "FAILED"
    assert "Timeout after PT0.5S" in driver.messages(execution)
    assert not _is_alive(pid)


def _is_alive(pid):
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.05)
    return True


class Lease:
    def __init__(self, seconds):
        self.deadline = time.monotonic() + seconds
        self.cancelled = threading.Event()


def test_a_script_dies_at_the_deadline_of_its_lease(tmp_path):
    began = time.monotonic()
    code = process.run(["sleep", "30"], tmp_path, os.environ, lambda *_: None, Lease(seconds=0.3))

    assert code == 137
    assert time.monotonic() - began < 5


def test_carriage_returns_end_lines_and_a_last_line_needs_no_end(tmp_path):
    lines = []
    command = ["/bin/sh", "-c", "printf 'a\\rb\\r\\nc\\nd'"]
    process.run(command, tmp_path, os.environ, lambda _, text: lines.append(text), Lease(10))

    assert lines == ["a", "b", "c", "d"]


def test_thousands_of_lines_arrive_complete_and_in_order(tmp_path):
    lines = []
    command = ["/bin/sh", "-c", "seq 1 20000"]
    process.run(command, tmp_path, os.environ, lambda _, text: lines.append(text), Lease(30))

    assert lines == [str(n) for n in range(1, 20001)]
