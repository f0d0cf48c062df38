"""The command in this process, against an API on a port of its own; a thread works the jobs."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app.api.app import create_app
from app.cli.main import main
from tests.conftest import make_driver
from tests.support.driver import Driver

Run = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command as the shell would."""

    def invoke(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["trunkline", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        found = capsys.readouterr()
        code = left.value.code
        return Outcome(code if isinstance(code, int) else 0, found.out, found.err)

    return invoke


@pytest.fixture
def driver(tmp_path: Path, sqlite_template: Path) -> Iterator[Driver]:
    path = tmp_path / "cli.db"
    shutil.copy(sqlite_template, path)
    made = make_driver(f"sqlite:///{path}", tmp_path, migrated=True)
    settings = made.rt.settings.model_copy(update={"auth_enabled": False})
    object.__setattr__(made.rt, "settings", settings)
    yield made
    made.process.stop()
    made.rt.database.close()


@pytest.fixture
def served(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """The API on a free port, named by the environment; jobs are worked as they come."""
    server = make_server("127.0.0.1", 0, create_app(driver.rt), threaded=True)
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            driver.work()

    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    monkeypatch.setenv("TRUNKLINE_SERVER", f"http://127.0.0.1:{server.server_port}")
    yield driver
    stop.set()
    server.shutdown()
    for thread in threads:
        thread.join(10)
    server.server_close()
