"""Who may propose a change: the permission is asked in the namespace of each changed resource."""

import pytest

from app.service.access import accounts
from tests.support.api import app_on
from tests.support.following import Team
from tests.support.repository import Repository, flow

PASSWORD = "correct horse"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def propose(driver, tmp_path):
    team = Team(driver, Repository(tmp_path))
    files = {"a.yaml": flow("a"), "b.yaml": flow("b", "acme.other")}
    team.repository.commit(files)
    team.follow()
    grants = [{"role": "editor", "namespace": "acme.team"}]
    accounts.create(driver.rt, "ada", password=PASSWORD, grants=grants)
    client = app_on(driver.rt).test_client()

    def send(*edits):
        body = {"binding": "team", "edits": list(edits)}
        path = "/api/v1/main/gitops/changes"
        return client.post(path, json=body, auth=("ada", PASSWORD))

    return send


MINE = {"key": "acme.team/a", "content": flow("a", message="x")}
OTHER = {"key": "acme.other/b", "content": flow("b", "acme.other", message="x")}
FILE = {"kind": "FILE", "key": "acme.other:x.txt", "content": "x"}
BOARD = {"kind": "DASHBOARD", "key": "all", "content": "title: All\n"}


def test_an_editor_proposes_changes_of_their_namespace(propose):
    assert propose(MINE).status_code == 200


@pytest.mark.parametrize("edits", [[OTHER], [MINE, OTHER], [FILE], [BOARD]])
def test_one_resource_elsewhere_is_enough_to_be_refused(propose, edits):
    answer = propose(*edits)

    assert answer.status_code == 403
    assert "git:propose" in answer.get_data(as_text=True)


def test_what_cannot_be_read_is_told_and_not_refused(propose):
    answer = propose({**MINE, "contents": "x"})

    assert answer.status_code == 422
    assert "contents" in answer.get_data(as_text=True)
