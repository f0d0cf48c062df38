"""A Git process ends within its time, with its children, in the environment that it is given."""

import time
from pathlib import Path

import pytest

from app.gitops.process import run


def test_what_takes_too_long_is_killed_with_its_children(tmp_path):
    script = "sleep 61 & echo $! > child; wait"
    began = time.monotonic()

    done = run(["sh", "-c", script], tmp_path, {}, 1)

    assert done.code is None
    assert time.monotonic() - began < 30
    assert is_gone(int((tmp_path / "child").read_text()))


def is_gone(pid, seconds=10.0):
    """Dead within a time: the kernel ends what was killed a moment after it closed its files."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_the_environment_is_the_one_that_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("A_SECRET", "hidden")

    done = run(["env"], tmp_path, {"GIVEN": "1"}, 10)

    names = {line.partition(b"=")[0].decode() for line in done.out.splitlines()}
    assert {"PATH", "GIVEN"} <= names
    assert not {"GIT_DIR", "A_SECRET"} & names


@pytest.mark.parametrize("command", [["no-such-program"], ["sh", "-c", "exit 3"]])
def test_a_failure_is_a_code(command, tmp_path):
    assert run(command, tmp_path, {}, 10).code in (3, 127)
    assert run(["env"], Path("/no/such/folder"), {}, 10).code == 127
