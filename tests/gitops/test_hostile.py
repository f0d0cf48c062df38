"""Hostile repositories and addresses: refused with a reason, nothing of them is executed. T16."""

import resource
import subprocess
import time
from pathlib import Path

import pytest

from app.errors import Invalid
from app.gitops import mirror
from app.gitops.address import check_address
from app.gitops.mirror import Mirror
from app.service.gitops import sources, sync
from app.service.gitops.models import NewSource, read
from tests.support.git_servers import PASSWORD, GitHttp
from tests.support.repository import flow, run


def write_tree(repository, entries):
    """A commit of a tree that no honest Git would write: (mode, type, blob, name) lines."""
    folder = str(repository.bare)
    text = b"".join(
        f"{mode} {kind} {blob}\t".encode() + name + b"\0" for mode, kind, blob, name in entries
    )
    tree = subprocess.run(
        ["git", "-C", folder, "mktree", "-z", "--missing"], input=text, capture_output=True,
        check=True,
    ).stdout.decode().strip()  # fmt: skip
    identity = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"]
    sha = run("git", "-C", folder, *identity, "commit-tree", tree, "-m", "x").strip()
    run("git", "-C", folder, "update-ref", "refs/heads/main", sha)
    return sha


def blob(repository, data):
    command = ["git", "-C", str(repository.bare), "hash-object", "-w", "--stdin"]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_t16_links_climbing_paths_and_submodules_are_named_and_nothing_is_applied(team):
    good, link = blob(team.repository, flow("a").encode()), blob(team.repository, b"/etc/passwd")
    inner = write_tree(team.repository, [("100644", "blob", good, b"up.yaml")])
    tree = run("git", "-C", str(team.repository.bare), "rev-parse", f"{inner}^{{tree}}").strip()
    write_tree(
        team.repository,
        [
            ("100644", "blob", good, b"a.yaml"),
            ("120000", "blob", link, b"link.yaml"),
            ("040000", "tree", tree, b".."),
            ("160000", "commit", "1" * 40, b"module.yaml"),
        ],
    )

    seen = team.follow()

    words = " ".join(seen.problems)
    assert "link.yaml: symbolic links are not followed" in words
    assert "../up.yaml: its path leaves" in words
    assert "module.yaml: submodules are not followed" in words
    assert not team.has_flow("a")


def test_a_name_that_is_not_utf8_is_shown_and_refused(team):
    good = blob(team.repository, flow("a").encode())
    names = [b"a\xff.yaml", b"b\n.yaml"]
    write_tree(team.repository, [("100644", "blob", good, name) for name in names])

    seen = team.follow()

    words = " ".join(seen.problems)
    assert "a\\xff.yaml: its name is not UTF-8" in words
    assert seen.health == "Degraded"


def test_t16_a_large_blob_is_refused_by_its_size_unread(team):
    large = blob(team.repository, b"x" * 6_000_000)
    write_tree(team.repository, [("100644", "blob", large, b"a.yaml")])

    seen = team.follow()

    assert "a.yaml: 6000000 bytes are more than 1000000" in " ".join(seen.problems)


def test_very_many_files_are_refused_with_their_limit(team):
    team.set(git_max_files=20)
    team.repository.commit({f"docs/{n}.md": "x" for n in range(21)})

    seen = team.follow()

    assert seen.problems == ["more than 20 files below /"]


def test_a_billion_files_of_three_small_trees_are_refused_and_never_listed(team):
    """Each tree holds the one below a thousand times: nothing may try to write them all down."""
    entries = [("100644", "blob", blob(team.repository, b"x"), b"%d.txt" % n) for n in range(1000)]
    for _ in range(3):
        sha = write_tree(team.repository, entries)
        tree = run("git", "-C", str(team.repository.bare), "rev-parse", f"{sha}^{{tree}}").strip()
        entries = [("040000", "tree", tree, b"d%d" % n) for n in range(1000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    seen = team.follow()

    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert seen.problems == ["more than 100000 files below /"]
    assert grown_mb < 300
    assert time.process_time() - began < 20


def test_hooks_filters_and_attributes_of_a_repository_are_never_run(team, tmp_path):
    canary = tmp_path / "canary"
    script = f"#!/bin/sh\ntouch {canary}\n"
    attributes = "* filter=evil diff=evil merge=evil\n"
    config = f'[filter "evil"]\n smudge = touch {canary}\n clean = touch {canary}\n'
    files = {".gitattributes": attributes, ".gitconfig": config, "a.yaml": flow("a")}
    team.repository.commit(
        {**files, ".gitmodules": f'[submodule "x"]\n url = ext::touch {canary}\n'}
    )

    for name in ("post-checkout", "post-merge", "reference-transaction", "fsmonitor-watchman"):
        hook = team.repository.bare / "hooks" / name
        hook.write_text(script)
        hook.chmod(0o755)

    seen = team.follow()

    assert (seen.sync_state, team.has_flow("a")) == ("Synced", True)
    assert not canary.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x", "--upload-pack=touch /tmp/x", "-u", "fd::3", "file:///etc",
        "https://user:password@host/x", "ssh://-oProxyCommand=x/y", "git@-oProxyCommand=x:y",
        "ftp://host/x", "git://host/x", "/etc/passwd", "https://host/a b", "", "http://",
    ],
)  # fmt: skip
def test_an_address_that_git_must_not_have_is_refused(url):
    with pytest.raises(Invalid):
        check_address(url)


@pytest.mark.parametrize("ref", ["--upload-pack=x", "-x", "a..b", "refs/heads/../x", "main:evil"])
def test_a_ref_is_never_an_option(team, ref):
    with pytest.raises(Invalid, match="ref"):
        read({"name": "x", "url": team.repository.url, "ref": ref}, NewSource)


def test_a_password_is_nowhere_to_be_seen_after_a_failure(team, tmp_path):
    team.keep_secret("TOKEN", PASSWORD)
    server = GitHttp(team.repository.bare.parent)
    auth = {"username": "somebody-else", "passwordSecret": "TOKEN"}
    server.is_away = False
    try:
        data = {"name": "web", "url": server.url("none.git"), "auth": auth}
        row = sources.add(team.rt, NewSource.model_validate(data))
        assert sync.work(team.rt, row.id)
    finally:
        server.stop()

    seen = sources.find(team.rt, "web")
    assert seen.last_error
    for text in (seen.last_error, str(seen._mapping)):
        assert PASSWORD not in text
    for path in (tmp_path / "mirrors").rglob("config"):
        assert PASSWORD not in path.read_text()


def test_a_denied_remote_is_not_asked_again_for_an_hour(team):
    server = GitHttp(team.repository.bare.parent)
    try:
        data = {"name": "web", "url": server.url("remote.git")}
        row = sources.add(team.rt, NewSource.model_validate(data))
        assert sync.work(team.rt, row.id)
    finally:
        server.stop()

    seen = sources.find(team.rt, "web")
    assert (seen.next_poll_at - team.rt.clock()).total_seconds() > 3000
    assert not seen.conditions["Fetched"]["status"]


def test_a_broken_mirror_is_made_anew_and_a_remote_that_is_away_costs_nothing(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    mirror = sources.mirror_of(team.rt, team.source().id)
    for name in ("objects", "refs"):
        run("rm", "-rf", str(mirror.folder / name))
    sha = team.repository.commit({"a.yaml": flow("a", message="new")})

    seen = team.look()
    moved = team.repository.bare.rename(team.repository.bare.with_name("away.git"))
    team.look()

    assert seen.applied_sha == sha
    assert Mirror(mirror.folder).has(sha)
    moved.rename(team.repository.bare)
    left = sorted(p.name for p in Path(mirror.folder.parent).iterdir())
    assert left == [mirror.folder.name, f"{mirror.folder.stem}.lock"]


def test_patterns_that_never_end_are_refused_in_time(team, monkeypatch):
    """Anybody's fork may hold them: a worker would be busy with its pull request for ever."""
    monkeypatch.setattr(mirror, "IGNORE_TIMEOUT_S", 0.5)
    deep = "/".join(["d"] * 40)
    team.repository.commit({".kestraignore": "**/" * 20 + "b\n", f"{deep}/a.yaml": flow("a")})

    seen = team.follow()

    assert seen.problems == ["the patterns of ignored files took over 0.5 s"]


def test_names_that_begin_with_a_colon_are_names(team):
    files = {":(exclude)c.yaml": flow("c"), ":!d.yaml": flow("d")}
    team.repository.commit({**files, ".kestraignore": ":!d*\n"})

    seen = team.follow()

    assert (seen.sync_state, seen.problems) == ("Synced", [])
    assert (team.has_flow("c"), team.has_flow("d")) == (True, False)
