"""Clone on real Git servers: HTTP with a password, SSH with host keys, local repositories."""

import base64
import os
import shutil
import stat
from pathlib import Path

import pytest

from app.service import search
from tests.conftest import make_driver
from tests.support.git_servers import PASSWORD, USER, GitHttp, GitSsh
from tests.support.repository import Repository

FLOW = """
id: cloning
namespace: company.team
tasks:
  - id: wd
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
{before}
      - id: clone
        type: io.kestra.plugin.git.Clone
{clone}
      - id: look
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
        commands:
          - git -C {at} for-each-ref --format='%(refname)'
          - git -C {at} rev-parse HEAD
          - cat {at}/.git/config
          - ls -A {at}
          - cat {at}/*.txt
          - git -C {at} status --porcelain --branch
"""
OLD_FILE = """      - id: old
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {type: io.kestra.plugin.core.runner.Process}
        commands: ["mkdir -p %s", "echo kept > %s/old.txt"]
"""


@pytest.fixture
def driver(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = make_driver(
        f"sqlite:///{tmp_path / 'test.db'}",
        tmp_path / "data",
        SECRET_GIT=_secret(PASSWORD),
        PATH=os.environ["PATH"],
    )
    settings = made.rt.settings.model_copy(
        update={"git_allow_file_protocol": True, "outgoing_allow_private": True}
    )
    object.__setattr__(made.rt, "settings", settings)
    yield made
    made.process.stop()
    made.rt.database.close()


def _secret(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path)
    made.commit({"one.txt": "first\n"}, "One")
    made.git("tag", "-a", "v1", "-m", "v1")
    made.git("push", "-q", "origin", "v1")
    made.commit({"two.txt": "second\n"}, "Two")
    made.git("checkout", "-q", "-b", "feature/only")
    made.commit({"three.txt": "third\n"}, "Three")
    made.git("checkout", "-q", "main")
    return made


def clone(driver, *lines, at=".", before=""):
    """Runs the flow; state and the log of what lies in the folder."""
    text = FLOW.format(clone="\n".join(f"        {x}" for x in lines), at=at, before=before)
    execution = driver.run(text)
    return driver.state(execution), "\n".join(driver.messages(execution)), execution


def sha_of(repository, name):
    return repository.git("rev-parse", f"{name}^{{commit}}").strip()


def test_a_repository_is_cloned_at_its_default_branch(driver, repository):
    state, log, execution = clone(driver, f"url: {repository.url}")

    assert state == "SUCCESS"
    assert "first" in log
    assert "second" in log
    outputs = driver.outputs(execution, "clone")
    assert outputs["commitId"] == sha_of(repository, "main")
    assert outputs["branch"] == "main"
    assert "## main...origin/main" in log


def test_a_commit_whole_or_short_is_checked_out_detached(driver, repository):
    first = sha_of(repository, "v1")

    for name in (first, first[:8]):
        state, log, _ = clone(driver, f"url: {repository.url}", f"commit: '{name}'")

        assert state == "SUCCESS"
        assert first in log
        assert "second" not in log
        assert "## HEAD (no branch)" in log


def test_a_tag_is_checked_out_at_its_commit(driver, repository):
    state, log, execution = clone(driver, f"url: {repository.url}", "tag: v1")

    assert state == "SUCCESS"
    assert "second" not in log
    assert driver.outputs(execution, "clone")["commitId"] == sha_of(repository, "v1")


@pytest.mark.parametrize("folder", [".", "sub/dir"])
def test_files_that_are_there_stay(driver, repository, folder):
    lines = [f"url: {repository.url}", *([f"directory: {folder}"] if folder != "." else [])]

    state, log, _ = clone(driver, *lines, at=folder, before=OLD_FILE % (folder, folder))

    assert state == "SUCCESS"
    assert "kept" in log
    assert "second" in log


def test_a_single_branch_brings_no_other(driver, repository):
    state, log, _ = clone(
        driver, f"url: {repository.url}", "branch: feature/only", "cloneAllBranches: false"
    )

    assert state == "SUCCESS"
    assert "refs/remotes/origin/feature/only" in log
    assert "refs/remotes/origin/main" not in log


@pytest.mark.parametrize("more", [[], ["branch: main"], ["commit: '{first}'"]])
def test_no_tags_are_fetched_when_none_are_wanted(driver, repository, more):
    first = sha_of(repository, "v1")[:9]
    lines = [line.format(first=first) for line in more]

    state, log, _ = clone(driver, f"url: {repository.url}", "noTags: true", *lines)

    assert state == "SUCCESS"
    assert "refs/tags" not in log


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["cloneAllBranches: false"], "`branch` must be set"),
        (["tag: v1", "noTags: true"], "`tag` cannot be used with `noTags: true`"),
        (["commit: deadbeef"], "Cannot resolve commit SHA: deadbeef"),
        (["commit: no-sha"], "Cannot resolve commit SHA: no-sha"),
        (["tag: none"], "Cannot resolve tag: none"),
        (["branch: none"], "Remote branch none not found"),
        (["branch: --upload-pack=x"], "is no name of a branch"),
        (["directory: ../out"], "leaves its folder"),
        (["directory: /tmp/out"], "must be relative"),
        (["gitConfig: {core.sshCommand: touch /tmp/x}"], "core.sshCommand is not allowed"),
    ],
)
def test_what_cannot_be_cloned_says_why(driver, repository, lines, message):
    state, log, _ = clone(driver, f"url: {repository.url}", *lines)

    assert state == "FAILED"
    assert message in log


@pytest.mark.parametrize("url", ["ext::sh -c id", "--upload-pack=x", "https://u:pw@localhost/x"])
def test_a_dangerous_address_starts_no_process(driver, url):
    state, log, _ = clone(driver, f"url: '{url}'")

    assert state == "FAILED"
    assert "refused" in log or "options" in log or "credentials" in log
    assert "pw@" not in log


def test_settings_are_written_to_the_repository(driver, repository):
    state, log, _ = clone(
        driver,
        f"url: {repository.url}",
        "gitConfig: {core.fileMode: false, noDot: 1, user.name: '{{ flow.id }}', x.y: [a, b]}",
    )

    assert state == "SUCCESS"
    assert "fileMode = false" in log.replace("filemode", "fileMode")
    assert "name = cloning" in log
    assert "noDot is no `section.name`" in log


@pytest.fixture
def http(repository):
    server = GitHttp(repository.bare.parent)
    yield server
    server.stop()


def test_a_private_repository_needs_its_token_which_is_written_nowhere(driver, http):
    url = f"url: {http.url('remote.git')}"

    refused, why, _ = clone(driver, url, f"username: {USER}", "password: wrong")
    state, log, execution = clone(
        driver, url, f"username: {USER}", "password: \"{{ secret('GIT') }}\""
    )

    assert refused == "FAILED"
    assert "Authentication failed" in why
    assert state == "SUCCESS"
    assert "second" in log
    assert PASSWORD not in log
    rows = search.list_logs(driver.rt, {"execution_id": execution})
    assert PASSWORD not in str(rows)


def test_a_password_without_a_name_is_not_sent(driver, http):
    state, log, _ = clone(driver, f"url: {http.url('remote.git')}", f"password: {PASSWORD}")

    assert state == "FAILED"
    assert PASSWORD not in log


@pytest.fixture
def ssh(tmp_path):
    if shutil.which("sshd") is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("sshd is required here and is not installed")
        pytest.skip("sshd is not installed")
    server = GitSsh(tmp_path / "ssh")
    yield server
    server.stop()


def key_of(server):
    text = "\n".join("          " + line for line in server.key.splitlines())
    return "privateKey: |\n" + text


def ssh_clone(driver, server, repository, *lines):
    return clone(driver, f"url: {server.url(repository.bare)}", key_of(server), *lines)


def test_a_new_host_is_remembered_and_a_changed_key_fails(driver, ssh, repository):
    strict, why, _ = ssh_clone(driver, ssh, repository, "strictHostKeyChecking: 'YES'")
    state, log, _ = ssh_clone(driver, ssh, repository)
    known = Path(driver.rt.settings.data_dir, "known_hosts")
    remembered = known.read_text()
    known.write_text(ssh.known_hosts("other") + "\n")
    changed, reason, _ = ssh_clone(driver, ssh, repository)

    assert (strict, state, changed) == ("FAILED", "SUCCESS", "FAILED")
    assert "Host key verification failed" in why
    assert "second" in log
    assert ssh.known_hosts().split()[2] in remembered
    assert "HOST IDENTIFICATION HAS CHANGED" in reason or "verification failed" in reason
    assert "PRIVATE KEY" not in log + reason


def test_given_host_keys_are_trusted(driver, ssh, repository):
    state, _, _ = ssh_clone(
        driver,
        ssh,
        repository,
        f"knownHosts: '{ssh.known_hosts()}'",
        "strictHostKeyChecking: 'YES'",
    )

    assert state == "SUCCESS"


def test_private_files_are_gone_after_the_task(driver, ssh, repository, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    ssh_clone(driver, ssh, repository)

    left = [p for p in folder.rglob("*") if "trunkline-git" in str(p)]
    assert left == []
    assert stat.S_ISDIR(folder.stat().st_mode)


def module(repository, url, name="part"):
    """A commit whose submodule is the repository's own first commit, at an address."""
    sha = repository.git("rev-list", "--max-parents=0", "main").strip()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{sha},{name}")
    text = f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n'
    (repository.tree / ".gitmodules").write_text(text)
    repository.git("add", ".gitmodules")
    repository.git("commit", "-q", "-m", "Module")
    repository.git("push", "-q", "origin", "main")


@pytest.fixture
def foreign(repository):
    server = GitHttp(repository.bare.parent)
    yield server
    server.stop()


TOKEN = (f"username: {USER}", "password: \"{{ secret('GIT') }}\"", "cloneSubmodules: true")


def test_a_submodule_of_the_same_host_is_cloned_with_the_credentials(driver, http, repository):
    module(repository, "../remote.git")

    state, log, _ = clone(driver, f"url: {http.url('remote.git')}", *TOKEN)

    assert state == "SUCCESS", log


def test_a_submodule_of_another_host_never_sees_the_credentials(driver, http, foreign, repository):
    module(repository, foreign.url("remote.git"))

    refused, why, _ = clone(driver, f"url: {http.url('remote.git')}", *TOKEN)
    foreign.is_open = True
    state, log, _ = clone(driver, f"url: {http.url('remote.git')}", *TOKEN)

    assert (refused, state) == ("FAILED", "SUCCESS"), log
    assert "could not read Username" in why
    assert any(http.seen)
    assert foreign.seen
    assert not any(foreign.seen)


def test_a_redirection_to_another_host_never_sees_the_credentials(driver, http, foreign):
    http.moved_to = foreign.url("").rstrip("/")

    state, log, _ = clone(driver, f"url: {http.url('remote.git')}", *TOKEN)

    assert state == "FAILED"
    assert "Authentication failed" in log
    assert any(http.seen)
    assert foreign.seen
    assert not any(foreign.seen)


def test_a_submodule_over_ssh_is_offered_the_key_on_the_same_host_only(
    driver, ssh, repository, tmp_path
):
    other = GitSsh(tmp_path / "other-ssh")
    shutil.copy(ssh.folder / "user.pub", other.folder / "authorized")
    try:
        module(repository, ssh.url(repository.bare))
        state, log, _ = ssh_clone(driver, ssh, repository, "cloneSubmodules: true")
        module(repository, other.url(repository.bare))
        refused, why, _ = ssh_clone(driver, ssh, repository, "cloneSubmodules: true")
    finally:
        other.stop()

    assert state == "SUCCESS", log
    assert refused == "FAILED"
    assert "Permission denied" in why
