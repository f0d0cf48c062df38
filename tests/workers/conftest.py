"""Fixtures of Git tasks: one HTTP server for all tests."""

import base64
import shutil

import pytest

from tests.conftest import make_driver
from tests.support.git_servers import PASSWORD, GitHttp
from tests.support.git_tasks import GitWorld


@pytest.fixture(scope="session")
def git_http(tmp_path_factory):
    server = GitHttp(tmp_path_factory.mktemp("git"))
    yield server
    server.stop()


@pytest.fixture
def world(git_http, sqlite_template, tmp_path):
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    secret = base64.b64encode(PASSWORD.encode()).decode()
    driver = make_driver(f"sqlite:///{path}", tmp_path / "data", migrated=True, SECRET_GIT=secret)
    settings = driver.rt.settings.model_copy(update={"outgoing_allow_private": True})
    object.__setattr__(driver.rt, "settings", settings)  # the server is on this machine
    yield GitWorld(driver, git_http, tmp_path)
    driver.process.stop()
    driver.rt.database.close()
