"""What a script of the process runner may not do, run as a process of its own and warm."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from app.service import operations
from tests.conftest import make_driver

FLOW = """
id: confined
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.Script
    {timeout}taskRunner: {{type: io.kestra.plugin.core.runner.Process, warm: {warm}}}
    script: |
{body}
"""
#: forks twice, leaves its session, tells its id, sleeps for long
ESCAPE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(1); os.close(2)
        open({path!r}, "w").write(str(os.getpid()))
        time.sleep(300)
    os._exit(0)
os.wait()
while not os.path.exists({path!r}) or not open({path!r}).read():
    time.sleep(0.01)
"""


@pytest.fixture(params=["cold", "warm"])
def warm(request):
    return request.param == "warm"


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def allow(driver, **settings):
    object.__setattr__(driver.rt, "settings", driver.rt.settings.model_copy(update=settings))


def text_of(body, warm, timeout=""):
    lines = "\n".join("      " + line for line in body.splitlines())
    timeout = f"timeout: {timeout}\n    " if timeout else ""
    return FLOW.format(body=lines, warm=str(warm).lower(), timeout=timeout)


def run(driver, body, warm, timeout=""):
    return driver.run(text_of(body, warm, timeout))


def is_gone(pid, seconds=5.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_what_left_the_session_dies_when_the_script_ends(driver, tmp_path, warm):
    path = tmp_path / "pid"
    execution = run(driver, ESCAPE.format(path=str(path)), warm)

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert is_gone(int(path.read_text()))


def test_what_left_the_session_dies_at_a_timeout(driver, tmp_path, warm):
    path = tmp_path / "pid"
    execution = run(driver, ESCAPE.format(path=str(path)) + "\ntime.sleep(300)", warm, "PT1.5S")

    assert driver.state(execution) == "FAILED"
    assert is_gone(int(path.read_text()))


def test_what_left_the_session_dies_at_a_kill(driver, tmp_path, warm):
    path = tmp_path / "pid"
    driver.save(text_of(ESCAPE.format(path=str(path)) + "\ntime.sleep(300)", warm))
    execution = driver.start("company.team", "confined")
    worker = threading.Thread(target=driver.work)
    worker.start()
    ends = time.monotonic() + 20
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.02)

    operations.kill(driver.rt, execution)
    driver.process.kill(execution)
    worker.join(20)
    driver.work()

    assert driver.state(execution) == "KILLED"
    assert is_gone(int(path.read_text()))


def test_a_script_that_fills_memory_fails_alone(driver, warm):
    allow(driver, runners_process_memory_mb=256)
    body = "held = []\nwhile True:\n    held.append(bytearray(16 << 20))"
    execution = run(driver, body, warm, "PT30S")

    text = " ".join(driver.messages(execution))
    assert driver.state(execution) == "FAILED"
    assert "MemoryError" in text or "exit code 137" in text
    assert driver.state(run(driver, "print(1)", warm)) == "SUCCESS"


def test_a_fork_bomb_is_bounded_and_cleared_away(driver, warm):
    allow(driver, runners_process_processes=60)
    body = """
import os, time
for n in range(2000):
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(300)
    except OSError as error:
        print("bounded at", n)
        raise SystemExit(0)
print("never bounded")
"""
    execution = run(driver, body, warm, "PT60S")

    text = " ".join(driver.messages(execution))
    assert "bounded at" in text
    assert int(text.split()[-1]) < 1900
    assert left_in(driver.rt.settings.data_dir) == []


def left_in(data_dir):
    """Processes whose working directory is one of an attempt of this server, not of any other."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            where = (folder / "cwd").readlink()
        except OSError:
            continue
        if where.is_relative_to(data_dir) and "/work/attempt-" in str(where):
            found.append(folder.name)
    return [pid for pid in found if not is_gone(pid, 2)]


def test_a_script_cannot_read_the_environment_of_what_started_it(driver, warm, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_CANARY", "canary-value")
    body = """
import os
pid = os.getpid()
while pid > 1:
    stat = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    pid = int(stat[1])
    try:
        print(open(f"/proc/{pid}/environ").read())
    except OSError as error:
        print(type(error).__name__)
"""
    execution = run(driver, body, warm)

    text = " ".join(driver.messages(execution))
    assert driver.state(execution) == "SUCCESS"
    assert text.count("PermissionError") >= 2  # the guard and the launcher at least
    assert "canary-value" not in text


def test_no_script_sees_the_environment_of_an_earlier_one(driver, warm):
    secret = """
id: earlier
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.Script
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    env: {PASSWORD: canary-of-another-run}
    script: print("x")
"""
    driver.run(secret)
    body = """
needle = "-".join(("canary", "of", "another", "run")).encode()
found = 0
with open("/proc/self/mem", "rb") as memory:
    for line in open("/proc/self/maps"):
        span, rights = line.split()[:2]
        if "w" not in rights or "[v" in line:
            continue
        low, high = (int(part, 16) for part in span.split("-"))
        try:
            memory.seek(low)
            found += memory.read(high - low).count(needle + b'"')
        except (OSError, ValueError, OverflowError):
            continue
print("found", found)
"""
    execution = run(driver, body, warm)

    assert "found 0" in driver.messages(execution)


def test_a_secret_that_is_printed_in_pieces_is_masked(database_url, tmp_path, warm):
    driver = make_driver(database_url, tmp_path, SECRET_TOKEN="czNjcjN0LXZhbHVl")
    body = """
import sys, time
value = "{{ secret('TOKEN') }}"
for part in ("x" * 63_990, value[:5], value[5:], "y" * 20_000, value, chr(10)):
    sys.stdout.write(part)
    sys.stdout.flush()
    time.sleep(0.01)
"""
    execution = run(driver, body, warm)
    text = "".join(driver.messages(execution))
    driver.process.stop()
    driver.rt.database.close()

    assert "s3cr3t" not in text
    assert "t-value" not in text
    assert text == "x" * 63_990 + "******" + "y" * 20_000 + "******"


def test_a_script_dies_with_its_worker(tmp_path, warm):
    path = tmp_path / "pid"
    worker = worker_of(tmp_path, ESCAPE.format(path=str(path)) + "\ntime.sleep(300)", 60, warm)
    pid = wait_for(path)

    worker.kill()
    worker.wait(10)

    assert is_gone(pid, 10)


def test_a_script_dies_at_its_deadline_while_the_worker_is_stopped(tmp_path, warm):
    path = tmp_path / "pid"
    worker = worker_of(tmp_path, ESCAPE.format(path=str(path)) + "\ntime.sleep(300)", 3, warm)
    pid = wait_for(path)

    worker.send_signal(signal.SIGSTOP)
    try:
        assert is_gone(pid, 10)
    finally:
        worker.kill()
        worker.wait(10)


def test_nothing_starts_once_the_lease_is_over(tmp_path, warm):
    path = tmp_path / "made"
    worker = worker_of(tmp_path, f"open({str(path)!r}, 'w')", -1, warm)

    assert worker.wait(20) != 0
    assert not path.exists()


WORKER = """
import sys, threading, time, json
sys.path.insert(0, {root!r})
from pathlib import Path
from workers.runner import process
from workers.runner.process import Warm

class Lease:
    deadline = time.monotonic() + {seconds}
    cancelled = threading.Event()

folder = Path({folder!r})
warm = Warm(sys.executable, "script.py", {{}}) if {warm} else None
code = process.run([sys.executable, "script.py"], folder, {{}}, print, Lease(), warm=warm)
sys.exit(code)
"""


def worker_of(folder, script, seconds, warm):
    """A process that runs a script under a lease of some seconds, renewed by nobody."""
    (folder / "script.py").write_text(script)
    root = str(Path(__file__).parents[2])
    text = WORKER.format(root=root, folder=str(folder), seconds=seconds, warm=warm)
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.DEVNULL)


def wait_for(path, seconds=20.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} did not come")


@pytest.fixture
def own_users(monkeypatch):
    """A driver whose scripts get a user of their own; its folder is one that they can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can switch to another user")
    folder = Path(tempfile.mkdtemp(prefix="trunkline-users-test-"))
    folder.chmod(0o711)
    made = make_driver(f"sqlite:///{folder / 'test.db'}", folder)
    allow(made, runners_process_shared_user=False)
    yield made
    made.process.stop()
    made.rt.database.close()
    shutil.rmtree(folder)


def shell(driver, commands, more=""):
    text = f"""
id: confined
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    failFast: false
    {more}
    commands: {json.dumps(commands)}
"""
    return driver.run(text)


def test_a_script_has_a_user_of_its_own_and_no_way_to_the_servers_files(own_users):
    data = own_users.rt.settings.data_dir
    (data / "encryption.key").write_text("canary-key")
    (data / "encryption.key").chmod(0o600)
    commands = ["id -u", f"cat {data}/encryption.key", f"touch {data}/mine", f"ls {data}/storage",
                "echo made > out.txt", "cat in.txt"]  # fmt: skip
    execution = shell(
        own_users, commands, "inputFiles: {in.txt: given}\n    outputFiles: ['*.txt']"
    )

    messages = own_users.messages(execution)
    found = own_users.outputs(execution, "run")["outputFiles"]
    assert 61000 <= int(messages[0]) < 62000
    assert "canary-key" not in " ".join(messages)
    assert not (data / "mine").exists()
    assert sum("denied" in text for text in messages) == 3
    assert own_users.rt.storage.open(found["out.txt"]).read() == b"made\n"
    assert "given" in messages


def test_a_script_cannot_write_outside_of_its_folder(own_users, warm):
    data = own_users.rt.settings.data_dir
    body = f"""
import os
for path in ({str(data / "mine")!r}, "/etc/trunkline-mine", "../mine", "/proc/1/oom_score_adj"):
    try:
        open(path, "w").write("x")
        print("wrote", path)
    except OSError as error:
        print(type(error).__name__)
open("own.txt", "w").write("x"); print(os.listdir("."))
"""
    execution = run(own_users, body, warm) if warm else ""
    if not warm:  # another user may not reach the interpreter of these tests, but the system's
        given = f"inputFiles: {{probe.py: {json.dumps(body)}}}"
        execution = shell(own_users, ["/usr/bin/python3 probe.py"], given)

    messages = own_users.messages(execution)
    assert messages.count("PermissionError") == 4, messages
    assert "own.txt" in messages[-1]


def test_a_worker_that_cannot_switch_user_refuses_scripts(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)  # it refuses before it does anything
    driver = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    allow(driver, runners_process_shared_user=False)

    execution = shell(driver, ["echo never"])
    driver.process.stop()
    driver.rt.database.close()

    assert driver.state(execution) == "FAILED"
    assert "shared-user" in " ".join(driver.messages(execution))


def test_the_runner_can_be_forbidden_by_namespace(driver):
    allow(driver, runners_process_forbidden="company")

    execution = shell(driver, ["echo never"])

    assert driver.state(execution) == "FAILED"
    assert "not allowed here" in " ".join(driver.messages(execution))
