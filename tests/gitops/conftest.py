"""A repository and a driver that may read it, for the tests of GitOps."""

import sys
import threading

import pytest
from werkzeug.serving import make_server

from app.api.app import create_app
from app.cli import main
from app.service.gitops import sync
from tests.conftest import make_driver
from tests.support.following import Team
from tests.support.git_host import GitHost
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


@pytest.fixture
def team(tmp_path, repository):
    """A team on SQLite: what is not about rows needs no second database."""
    driver = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    made = Team(driver, repository)
    yield made
    driver.process.stop()
    driver.rt.database.close()


@pytest.fixture
def host():
    made = GitHost()
    yield made
    made.stop()


@pytest.fixture
def trunkline(team, monkeypatch, capsys):
    """Runs a command against a server of this test; exit code, what it printed, its errors."""
    team.set(auth_enabled=False)
    server = make_server("127.0.0.1", 0, create_app(team.rt), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def work(done):
        woken = team.driver.publisher.sources
        while not done.wait(0.02):
            while woken:
                sync.work(team.rt, woken.pop(0))

    def run(*arguments):
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(sys, "argv", ["trunkline", "--server", address, *map(str, arguments)])
        capsys.readouterr()
        done = threading.Event()
        worker = threading.Thread(target=work, args=(done,))
        worker.start()
        with pytest.raises(SystemExit) as ended:
            main.main()
        done.set()
        worker.join()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    yield run
    server.shutdown()
