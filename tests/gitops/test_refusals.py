"""Pushes that a remote refuses: the answer says what to do and shows neither address nor secret."""

import pytest

from app.errors import Conflict, Unavailable
from app.gitops.refusal import advice, told
from app.service.gitops import changes
from tests.gitops.test_changes import GRACE, change
from tests.support.git_servers import PASSWORD, USER, GitHttp
from tests.support.repository import flow


@pytest.fixture
def served(team, tmp_path):
    """The team's repository over HTTP with a password, followed and applied."""
    http = GitHttp(team.repository.bare.parent)
    team.keep_secret("GIT_PASSWORD", PASSWORD)
    team.repository.commit({"a.yaml": flow("a")})
    auth = {"username": USER, "passwordSecret": "GIT_PASSWORD"}
    team.follow(source={"url": http.url(team.repository.bare.name), "auth": auth})
    yield http
    http.stop()


def hook(team, text):
    file = team.repository.bare / "hooks" / "pre-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def refused(team, kind):
    with pytest.raises(kind) as caught:
        changes.propose(team.rt, change(flow("a", message="x")), GRACE)
    text = str(caught.value)
    for hidden in (PASSWORD, f"{USER}:", "127.0.0.1", "http://", "hint:"):
        assert hidden not in text
    return text


def test_a_hook_that_declines_is_quoted_with_what_to_do(team, served):
    hook(team, "echo 'only reviewers may push' >&2; exit 1")

    text = refused(team, Conflict)

    assert "only reviewers may push" in text
    assert "propose the change with a pull request" in text


def test_a_secret_that_is_wrong_now_is_told_as_such(team, served):
    team.keep_secret("GIT_PASSWORD", "another")

    assert "another secret" in refused(team, Unavailable)


def test_a_host_that_is_away_may_be_tried_later(team, served):
    served.is_away = True

    assert "try again later" in refused(team, Unavailable)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("! [rejected] a -> b (stale info)", "look at a new plan"),
        ("! [rejected] a -> b (non-fast-forward)", "look at a new plan"),
        ("remote: error: GH006: Protected branch update failed", "pull request"),
        ("git@example.org: Permission denied (publickey).", "right to push"),
        ("fatal: unable to access 'x': The requested URL returned error: 403", "right to push"),
        ("remote: Repository not found.", "check url"),
        ("server certificate verification failed", "`ca`"),
        ("Host key verification failed.", "`knownHosts`"),
        ("remote: error: File big.bin is 200 MB; this exceeds the limit", "smaller"),
        ("Could not resolve host: git.example.org", "try again later"),
        ("something that nobody has seen", ""),
    ],
)
def test_each_refusal_has_its_advice(words, part):
    assert part in advice(words)
    assert bool(advice(words)) == bool(part)


def test_addresses_and_hints_are_left_out():
    text = "To https://u:secret@example.org/a.git\n! [rejected] x\nerror: failed to push some"
    more = "\nhint: Updates were rejected\nfatal: unable to access 'ssh://git@example.org:22/a.git'"

    assert told(text + more) == "! [rejected] x; fatal: unable to access 'the repository'"
