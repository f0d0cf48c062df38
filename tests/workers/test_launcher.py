"""The processes that a launcher has ready before it hears of a script."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from workers.runner import launch, process
from workers.runner.process import Warm
from workers.runner.tree import ControlGroups, children, descendants

ENV = {"PATH": "/usr/bin:/bin"}


class Lease:
    def __init__(self):
        self.cancelled = threading.Event()
        self.deadline = time.monotonic() + 60


@pytest.fixture(params=["cold", "warm"])
def warm(request):
    return Warm(sys.executable, "script.py", ENV) if request.param == "warm" else None


@pytest.fixture
def run(tmp_path, warm, monkeypatch):
    """Runs a script by launchers of this test's own; the lines of its output."""
    monkeypatch.setattr(launch, "_launchers", type(launch._launchers)())

    def act(text):
        (tmp_path / "script.py").write_text(text)
        lines = []
        argv = [sys.executable, "script.py"]
        code = process.run(
            argv, tmp_path, ENV, lambda _stream, line: lines.append(line), Lease(), warm=warm
        )
        assert code == 0
        return lines

    yield act
    for one in launch._launchers.values():
        one.close()


def launcher():
    (one,) = launch._launchers.values()
    return one.process.pid


def waiting(of):
    """The guard that waits for the next script, and the process that will be it."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        guards = children(of)
        below = children(guards[0]) if len(guards) == 1 else []
        if len(below) == 1:
            return guards[0], below[0]
        time.sleep(0.01)
    raise AssertionError("nothing waits")


def comes(ready):
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if ready():
            return True
        time.sleep(0.01)
    return False


def groups(guard):
    """The folders that a guard has, where there can be any."""
    mine = ControlGroups()
    mine.drop()
    return [Path(folder.replace(str(os.getpid()), str(guard))) for folder in mine.folders]


def is_dead(pid):
    """Gone, or waited for by nobody yet."""
    try:
        return not Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True


def test_the_process_of_a_script_waits_for_it(run):
    run("")
    guard, child = waiting(launcher())

    found = run("import os; print(os.getpid(), os.getppid())")

    assert found == [f"{child} {guard}"]


@pytest.mark.parametrize("which", [0, 1], ids=["guard", "script"])
def test_one_that_was_killed_while_it_waited_is_replaced(run, which):
    run("")
    guard, child = waiting(launcher())
    killed = (guard, child)[which]
    os.kill(killed, signal.SIGKILL)
    assert comes(lambda: is_dead(killed))

    assert run("print('ran')") == ["ran"]
    assert run("print('ran')") == ["ran"]
    assert comes(lambda: not any(folder.exists() for folder in groups(guard)))


def test_a_guard_that_was_killed_as_it_began_loses_no_script(run):
    run("")
    for _ in range(20):
        guards = []
        while not guards:
            guards = children(launcher())
        for guard in guards:
            os.kill(guard, signal.SIGKILL)

        assert run("print('ran')") == ["ran"]


def test_what_waits_ends_with_its_launcher(run):
    run("")
    pid = launcher()
    waiting(pid)
    ready = descendants(pid)

    os.kill(pid, signal.SIGKILL)

    assert comes(lambda: all(is_dead(one) for one in ready))


def test_what_waits_is_in_its_groups_and_takes_them_with_it(run):
    if not groups(0):
        pytest.skip("no control groups can be made here")
    run("")
    guard, child = waiting(launcher())
    folders = groups(guard)

    def members(folder):
        return (folder / "cgroup.procs").read_text().split()

    assert comes(lambda: all(members(folder) == [str(child)] for folder in folders))
    next(iter(launch._launchers.values())).close()
    assert comes(lambda: not any(folder.exists() for folder in folders))
