"""A host whose key is not known: its fingerprint is shown, a person trusts it, the test is good."""

import pytest

from app.gitops.host_keys import is_unknown, name_of, read, shortened
from app.service import secrets
from tests.support.api import app_on
from tests.support.git_servers import GitSsh
from tests.support.repository import flow


@pytest.fixture(scope="module")
def ssh(tmp_path_factory):
    made = GitSsh(tmp_path_factory.mktemp("ssh"))
    yield made
    made.stop()


@pytest.fixture
def ask(team, ssh):
    """Tries the team's repository over SSH; `auth` beside the key."""
    team.set(auth_enabled=False)
    team.repository.commit({"a.yaml": flow("a")})
    secrets.put(team.rt, team.rt.settings.system_namespace, "KEY", ssh.key)
    client = app_on(team.rt).test_client()

    def ask(url=None, **auth):
        auth = {"privateKeySecret": "KEY", "hostKeyChecking": "yes", **auth}
        body = {"name": "x", "url": url or ssh.url(team.repository.bare), "auth": auth}
        answer = client.post("/api/v1/main/gitops/sources/test", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    ask.client = client
    return ask


def test_an_unknown_host_shows_its_key_and_is_good_once_that_is_trusted(ask, ssh):
    asked = ask()
    key = asked["hostKey"]
    again = ask(knownHosts=key["line"])

    assert "No ED25519 host key is known" in asked["error"]
    assert key == {
        "host": f"[127.0.0.1]:{ssh.port}",
        "type": "ssh-ed25519",
        "fingerprint": ssh.fingerprint,
        "line": ssh.known_hosts(),
    }
    assert again["files"] == ["a.yaml"]
    assert "hostKey" not in again


def test_the_key_that_opens_the_repository_is_not_shown_to_an_unknown_host(ask, ssh):
    before = (ssh.folder / "log").read_text().count("Accepted publickey")
    ask()

    assert (ssh.folder / "log").read_text().count("Accepted publickey") == before


def test_another_key_than_the_configured_one_is_an_error_and_never_offered(ask, ssh, team):
    asked = ask(knownHosts=ssh.known_hosts("other"))
    new = ask(knownHosts=ssh.known_hosts("other"), hostKeyChecking="accept-new")

    for answer in (asked, new):
        assert "hostKey" not in answer
        assert (
            f"another key than the one that is known: ED25519 {ssh.fingerprint}"
            in (answer["error"])
        )
        assert "what the host publishes" in answer["advice"]
        assert "/tmp" not in str(answer)
        assert "@@" not in str(answer)


@pytest.mark.parametrize("names", ["[127.0.0.1]:{port}", "[127.0.0.*]:{port}"])
def test_a_host_with_a_line_of_another_kind_on_record_is_not_offered(ask, ssh, names):
    authority = ssh.known_hosts("other").split(" ", 1)[1]

    answer = ask(knownHosts=f"@cert-authority {names.format(port=ssh.port)} {authority}")

    assert "No ED25519 host key is known" in answer["error"]
    assert "hostKey" not in answer


def test_a_source_that_names_hosts_alone_goes_on_with_the_login_of_its_connection(ask, ssh, team):
    auth = {"privateKeySecret": "KEY", "hostKeyChecking": "yes"}
    made = ask.client.post("/api/v1/main/gitops/connections", json={"name": "host", "auth": auth})
    body = {"name": "x", "url": ssh.url(team.repository.bare), "connection": "host"}

    def tried(**more):
        answer = ask.client.post("/api/v1/main/gitops/sources/test", json={**body, **more})
        return answer.get_json()

    unknown = tried()
    known = tried(auth={"knownHosts": unknown["hostKey"]["line"], "hostKeyChecking": "yes"})

    assert made.status_code == 200
    assert known["files"] == ["a.yaml"]


def test_no_key_is_asked_for_where_the_host_does_not_answer(ask):
    answer = ask(url="ssh://git@127.0.0.1:1/x.git")

    assert answer["error"]
    assert "hostKey" not in answer


def test_a_host_is_named_as_ssh_names_it():
    assert name_of("git@Git.Example.org:team/flows.git") == "git.example.org"
    assert name_of("ssh://git@git.example.org:22/x") == "git.example.org"
    assert name_of("ssh://git@git.example.org:2222/x") == "[git.example.org]:2222"
    assert name_of("https://git.example.org/x") == ""


def test_a_line_that_is_none_is_refused_and_other_words_stay_as_they_are():
    for line in ("", "host ssh-ed25519", "host ssh-ed25519 ***"):
        with pytest.raises(ValueError, match="known_hosts"):
            read(line)
    assert shortened("fatal: not found") == "fatal: not found"
    assert not is_unknown("Host key verification failed.")
