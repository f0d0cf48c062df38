"""The environment of a process holds passwords: who runs as the same user may not read it."""

import os
import subprocess
import sys

import httpx
import pytest

from tests.support.postgres import free_port
from tests.telemetry.conftest import wait_for

#: root that is no more than any user where the memory of others is concerned
CAPABILITIES = "-sys_ptrace,-sys_admin,-perfmon"
PLAIN = ("setpriv", f"--bounding-set={CAPABILITIES}", f"--inh-caps={CAPABILITIES}")


def read_environ(pid):
    """What a process of the same user gets to see."""
    command = [*PLAIN, "cat", f"/proc/{pid}/environ"]
    return subprocess.run(command, capture_output=True, check=False)


@pytest.fixture
def start(tmp_path):
    """Starts a process with a secret in its environment; ends it after the test."""
    started = []

    def begin(*command):
        environ = {
            **os.environ,
            "TRUNKLINE_DATA_DIR": str(tmp_path),
            "TRUNKLINE_BROKER_URL": "redis://:hidden-secret@127.0.0.1:1/0",
        }
        with (tmp_path / "log").open("ab") as log:
            made = subprocess.Popen([*PLAIN, *command], env=environ, stdout=log, stderr=log)
        started.append(made)
        return made

    yield begin
    for process in started:
        process.kill()
        process.wait(30)


def test_the_environment_of_another_program_can_be_read(start):
    program = start("sleep", "60")

    assert b"hidden-secret" in wait_for(lambda: read_environ(program.pid).stdout, "sleep")


def test_that_of_flower_cannot(start):
    port = free_port()
    program = start(sys.executable, "-m", "app.cli.main", "flower", "--port", str(port))
    health = f"http://127.0.0.1:{port}/healthcheck"
    wait_for(lambda: httpx.get(health, verify=False).is_success, "Flower")
    found = read_environ(program.pid)

    assert found.returncode != 0
    assert b"Permission denied" in found.stderr
    assert found.stdout == b""
