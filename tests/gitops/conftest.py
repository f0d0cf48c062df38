"""A repository and a driver that may read it, for the tests of GitOps."""

import pytest

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
