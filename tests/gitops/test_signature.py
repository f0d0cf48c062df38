"""Signed commits and tags, with the real gpg and ssh-keygen; T12."""

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from app.errors import Invalid
from app.service.gitops import fetching, sources
from app.service.gitops.models import NewSource
from tests.support.repository import flow, run


@pytest.fixture
def path(team):
    object.__setattr__(team.rt, "environ", {"PATH": os.environ["PATH"]})


@pytest.fixture
def ssh(tmp_path, path):
    """An SSH key, its line of allowed signers, and how Git signs with it."""
    for name in ("mine", "other"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name))
    words = (tmp_path / "mine.pub").read_text().split()
    allowed = f'ada@example.org namespaces="git" {words[0]} {words[1]}'

    def settings(name="mine"):
        return ["-c", "gpg.format=ssh", "-c", f"user.signingKey={tmp_path / name}"]

    return allowed, settings


@pytest.fixture
def gpg(tmp_path, path):
    """A GPG key, its armored public half, and how Git signs with it."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    env = {**os.environ, "GNUPGHOME": str(home)}
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    name = "Ada <ada@example.org>"
    subprocess.run([*command, "--quick-gen-key", name, "ed25519", "sign"], env=env, check=True,
                   capture_output=True)  # fmt: skip
    public = subprocess.run(["gpg", "--armor", "--export"], env=env, check=True,
                            capture_output=True, text=True).stdout  # fmt: skip
    script = tmp_path / "gpg.sh"
    script.write_text(f'#!/bin/sh\nGNUPGHOME={home} exec gpg "$@"\n')
    script.chmod(0o755)
    yield public, ["-c", f"gpg.program={script}", "-c", "user.signingKey=ada@example.org"]
    subprocess.run(["gpgconf", "--kill", "all"], env=env, check=False)


def commit(team, files, settings, message="Signed"):
    for name, text in files.items():
        (team.repository.tree / name).write_text(text)
    team.repository.git("add", "-A")
    team.repository.git(*settings, "commit", "-q", "--allow-empty", "-S", "-m", message)
    team.repository.git("push", "-q", "origin", "HEAD")
    return team.repository.git("rev-parse", "HEAD").strip()


def test_t12_an_unsigned_commit_is_not_applied_and_a_signed_one_is(team, ssh):
    allowed, settings = ssh
    verify = {"policy": "head", "ssh": allowed}
    team.repository.commit({"a.yaml": flow("a")})

    team.follow(source={"verify": verify})
    unsigned, condition = team.has_flow("a"), team.source().conditions["Verified"]
    signed = commit(team, {"a.yaml": flow("a")}, [*settings()], "Same again, signed")
    seen = team.look()

    assert not unsigned
    assert (condition["status"], condition["reason"]) == (False, "NotVerified")
    assert "is not signed with an allowed key" in condition["message"]
    assert (seen.applied_sha, team.source().last_error) == (signed, None)


def test_a_commit_signed_with_another_key_is_refused(team, ssh):
    allowed, settings = ssh
    team.repository.commit({"a.yaml": flow("a")})
    commit(team, {"a.yaml": flow("a", message="forged")}, settings("other"))

    team.follow(source={"verify": {"policy": "head", "ssh": allowed}})

    assert not team.has_flow("a")
    assert "not signed" in team.source().last_error


def test_a_gpg_signature_of_a_given_key_is_taken(team, gpg):
    public, settings = gpg
    team.repository.commit({"a.yaml": flow("a")})
    sha = commit(team, {"a.yaml": flow("a", message="signed")}, settings)

    seen = team.follow(source={"verify": {"policy": "head", "gpg": public}})

    assert (seen.applied_sha, team.source().last_error) == (sha, None)


def test_a_good_gpg_signature_of_a_key_that_was_not_given_is_refused(team, gpg, ssh):
    _, settings = gpg
    allowed, _ = ssh
    team.repository.commit({"a.yaml": flow("a")})
    commit(team, {"a.yaml": flow("a", message="signed")}, settings)

    team.follow(source={"verify": {"policy": "head", "ssh": allowed}})

    assert not team.has_flow("a")


@pytest.mark.parametrize(("policy", "is_applied"), [("tag", True), ("tag_and_head", False)])
def test_a_signed_tag_is_enough_only_where_the_policy_says_so(team, ssh, policy, is_applied):
    allowed, settings = ssh
    team.repository.commit({"a.yaml": flow("a")})
    team.repository.git(*settings(), "tag", "-s", "-m", "one", "v1.0.0")
    team.repository.git("push", "-q", "origin", "v1.0.0")
    verify = {"policy": policy, "ssh": allowed}

    team.follow(source={"ref": {"semver": "^1.0"}, "verify": verify})

    assert team.has_flow("a") is is_applied


def test_a_signed_tag_under_another_name_is_refused(team, ssh):
    """Who may push tags would else bring an old version back as the newest one."""
    allowed, settings = ssh
    team.repository.commit({"a.yaml": flow("a")})
    team.repository.git(*settings(), "tag", "-s", "-m", "one", "v1.0.0")
    team.repository.git("push", "-q", "origin", "v1.0.0:refs/tags/v1.9.0")

    team.follow(source={"ref": {"semver": "^1.0"}, "verify": {"policy": "tag", "ssh": allowed}})

    assert team.source().last_error == "refs/tags/v1.9.0 leads to the signed tag 'v1.0.0'"
    assert not team.has_flow("a")


def test_a_remote_that_lies_about_the_commit_of_a_signed_tag_is_refused(team, ssh, monkeypatch):
    allowed, settings = ssh
    team.repository.commit({"a.yaml": flow("a")})
    team.repository.git(*settings(), "tag", "-s", "-m", "one", "v1.0.0")
    team.repository.git("push", "-q", "origin", "v1.0.0")
    evil = team.repository.commit({"a.yaml": flow("a", message="evil")})
    asked = fetching.resolve
    monkeypatch.setattr(fetching, "resolve", lambda *given: replace(asked(*given), sha=evil))

    team.follow(source={"ref": {"tag": "v1.0.0"}, "verify": {"policy": "tag", "ssh": allowed}})

    assert "refs/tags/v1.0.0 is of" in team.source().last_error
    assert not team.has_flow("a")


def test_an_unsigned_tag_is_refused_and_a_plain_tag_too(team, ssh):
    allowed, _ = ssh
    team.repository.commit({"a.yaml": flow("a")})
    team.repository.git("tag", "v1.0.0")
    team.repository.git("push", "-q", "origin", "v1.0.0")

    team.follow(source={"ref": {"tag": "v1.0.0"}, "verify": {"policy": "tag", "ssh": allowed}})

    assert "no annotated tag" in team.source().last_error
    assert not team.has_flow("a")


def test_a_policy_without_keys_is_refused(team):
    new = {"name": "x", "url": team.repository.url, "verify": {"policy": "head"}}

    with pytest.raises(Invalid, match="verify: needs"):
        sources.add(team.rt, NewSource.model_validate(new))


def test_the_newest_tag_of_a_range_is_followed(team):
    for version in ("v1.0.0", "v1.1.0", "v2.0.0"):
        team.repository.commit({"a.yaml": flow("a", message=version)})
        team.repository.git("tag", version)
        team.repository.git("push", "-q", "origin", version)

    team.follow(source={"ref": {"semver": "^1.0"}})
    first = team.flow("a").source
    team.repository.git("tag", "v1.9.0")
    team.repository.git("push", "-q", "origin", "v1.9.0")
    team.look()

    assert "v1.1.0" in first
    assert "v2.0.0" in team.flow("a").source
