"""Processes that are forked by one that has loaded the product."""

import atexit
import fcntl
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from app.cli import standalone
from app.cli.forked import Forked
from app.errors import Unavailable
from tests.support.postgres import free_port


def _leave(folder: Path, code: int) -> None:
    atexit.register((folder / "at-exit").touch)
    os.write(1, str(os.getsid(0)).encode())
    raise SystemExit(code)


def test_a_forked_process_has_its_session_its_log_and_its_exit_code(tmp_path):
    log = tmp_path / "log"
    run = Forked(partial(_leave, tmp_path, 7), "test", log)

    assert run.wait(30) == 7
    assert run.poll() == 7
    assert log.read_text(encoding="utf-8").strip() == str(run.pid)
    assert (tmp_path / "at-exit").exists()


def test_a_forked_process_ends_by_a_signal_though_its_parent_handles_it(tmp_path):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        run = Forked(partial(time.sleep, 60), "test", tmp_path / "log")
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(0.01)
        ends = time.monotonic() + 30
        while run.poll() is None and time.monotonic() < ends:
            run.send_signal(signal.SIGTERM)  # until the handler of the parent is gone
            time.sleep(0.02)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert run.wait(1) == -signal.SIGTERM


def test_a_server_whose_database_is_newer_says_so_and_ends(tmp_path):
    with sqlite3.connect(tmp_path / "trunkline.db") as database:
        database.execute("create table alembic_version (version_num varchar(32) not null)")
        database.execute("insert into alembic_version values ('9999')")
    command = [sys.executable, "-m", "app.cli.main", "standalone", "--data-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 1
    assert "error: the database stands at 9999" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_server_on_a_data_folder_ends_at_once(tmp_path):
    with (tmp_path / "standalone.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        fcntl.lockf(held, fcntl.LOCK_EX)
        held.write("http://127.0.0.1:1")
        held.flush()
        done = _standalone(tmp_path, free_port())

    assert done.returncode == 3
    assert f"another server uses {tmp_path} and listens on http://127.0.0.1:1;" in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "standalone.lock"]


@pytest.mark.parametrize(
    ("content", "mode"),
    [(["standalone.lock", "trunkline.db"], 0o700), ([], 0o700), (["notes.txt"], 0o755)],
    ids=["data of an earlier version", "empty", "somebody's folder"],
)
def test_an_open_folder_of_data_is_closed_and_another_is_left_alone(
    tmp_path, capsys, content, mode
):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name in content:
        (folder / name).touch()

    standalone._make_private(folder)
    told = capsys.readouterr().err
    standalone._make_private(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == mode
    assert ("owner's alone now" in told) == (mode == 0o700)
    assert capsys.readouterr().err == ""


def test_a_server_waits_for_the_processes_of_one_that_died(tmp_path, capsys):
    held = (tmp_path / "standalone.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    ending = threading.Timer(0.4, held.close)
    ending.start()

    standalone._alone_in(tmp_path, threading.Event()).close()

    assert held.closed
    assert f"a server on {tmp_path} died" in capsys.readouterr().err


def test_a_server_that_waits_for_processes_that_never_end_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(standalone, "DYING_S", 0.2)
    with (tmp_path / "standalone.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="still use"):
            standalone._alone_in(tmp_path, threading.Event())


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        done = _standalone(tmp_path, port)

    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert not (tmp_path / "trunkline.db").exists()


def _standalone(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli.main", "standalone", "--data-dir", str(folder)]
    command += ["--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
