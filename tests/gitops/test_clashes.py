"""A file where a folder is, a folder where a file is: no execution could have such files."""

import io

import pytest

from app.service import namespace_files
from app.service.gitops import bindings
from tests.support.repository import flow


def paths(team):
    found = namespace_files.entries(team.rt, "acme").items()
    return [path for path, entry in found if not entry.is_folder]


@pytest.mark.parametrize(("live", "new"), [("x/y.txt", "x"), ("x", "x/y.txt"), ("x/", "x")])
def test_a_file_that_could_not_lie_beside_another_is_named_and_not_brought(team, live, new):
    if live.endswith("/"):
        namespace_files.make_folder(team.rt, "acme", live)
    else:
        namespace_files.write(team.rt, "acme", live, io.BytesIO(b"by hand"))
    team.repository.commit({f"_files/{new}": "from git", "a.yaml": flow("a")})

    seen = team.follow(onInvalid="QUARANTINE")

    assert team.has_flow("a")
    assert f"_files/{new}: {live} is in acme" in seen.problems[0]
    assert seen.health == "Degraded"
    assert paths(team) == [live] * (not live.endswith("/"))


def test_a_folder_that_becomes_a_file_in_git_does_so_where_the_folder_goes(team):
    team.repository.commit({"_files/x/y": "one", "a.yaml": flow("a")})
    team.follow()
    (team.repository.tree / "_files/x/y").unlink()
    (team.repository.tree / "_files/x").rmdir()
    team.repository.commit({"_files/x": "a file"})
    kept = team.look()
    before = paths(team)

    bindings.alter(team.rt, "team", prune=True)
    team.poll()

    assert "_files/x: x/y is in acme" in str(kept.problems)
    assert (before, paths(team)) == (["x/y"], ["x"])
    assert team.file("x", "acme") == b"a file"
    assert team.binding().sync_state == "Synced"
