"""Files of Git LFS in a followed repository: fetched where the source says so, else refused."""

import shutil

import pytest

from app.gitops.large import Pointer, address, read_pointer
from tests.support.git_large import Large, put_large
from tests.support.git_servers import PASSWORD, USER

HEAD = "version https://git-lfs.github.com/spec/v1\n"
OID = "a" * 64
NAME = "team/_files/data, [1].txt"

needs_lfs = pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")


@pytest.fixture
def server(team, monkeypatch):
    monkeypatch.setenv("GIT_LFS_SKIP_PUSH", "1")
    (team.repository.tree / "team" / "_files").mkdir(parents=True)
    team.keep_secret("PASSWORD", PASSWORD)
    made = Large(team.repository.bare.parent)
    yield made
    made.stop()


def follow(team, server, **more):
    auth = {"username": USER, "passwordSecret": "PASSWORD"}
    return team.follow(source={"url": server.url("remote.git"), "auth": auth, **more})


@needs_lfs
def test_a_large_file_is_fetched_and_the_same_again_is_not(team, server):
    data = put_large(team.repository, server, name=NAME)

    first = follow(team, server, lfs=True)
    asked = len(server.lfs)
    again = team.look()

    assert (first.sync_state, again.sync_state) == ("Synced", "Synced")
    assert team.file("data, [1].txt") == data
    assert asked > 0
    assert len(server.lfs) == asked
    mirrors = team.rt.settings.data_dir / "mirrors"
    assert [path for path in mirrors.rglob("lfs") if path.is_dir()] == []


@needs_lfs
def test_without_the_setting_a_pointer_is_refused_and_no_file_is_made_of_it(team, server):
    put_large(team.repository, server, name=NAME)

    seen = follow(team, server)

    assert "pointer of Git LFS: set `lfs`" in " ".join(seen.problems)
    assert server.lfs == []
    with pytest.raises(Exception, match="data"):
        team.file("data, [1].txt")


@needs_lfs
def test_bytes_that_the_server_does_not_have_change_nothing(team, server):
    put_large(team.repository, server, name=NAME)
    server.blobs = dict.fromkeys(server.blobs, b"something else")

    seen = follow(team, server, lfs=True)

    assert seen.health == "Degraded"
    assert "Git LFS" in " ".join(seen.problems)
    assert PASSWORD not in " ".join(seen.problems)


def test_a_pointer_is_known_by_its_form():
    good = f"{HEAD}oid sha256:{OID}\nsize 12\n".encode()

    assert read_pointer(good) == Pointer(OID, 12)
    for other in (
        b"",
        b"hello",
        HEAD.encode(),
        good.replace(b"sha256", b"md5"),
        good + b" " * 1024,
    ):
        assert read_pointer(other) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.org/a/b.git", "https://e.org/a/b.git/info/lfs"),
        ("https://e.org/a/b/", "https://e.org/a/b.git/info/lfs"),
        ("ssh://git@e.org/a.git", "ssh://git@e.org/a.git"),
    ],
)
def test_the_server_of_a_repository_is_beside_it(url, expected):
    assert address(url) == expected
