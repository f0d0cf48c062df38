"""Rollbacks and pins; executions that stay with the commit and the files they began with."""

import pytest

from app.database import namespaces
from app.errors import Conflict, Invalid
from app.model.filter import Filter, Group, Operator
from app.service import executions, reopen, resuming, search
from app.service.gitops import bindings, pins, sources
from tests.support.repository import flow


@pytest.fixture
def followed(team):
    """Two commits of a flow and a file, the second one applied."""
    files = {"acme.team/flows/a.yaml": flow("a"), "acme.team/files/x.txt": "1"}
    team.first = team.repository.commit(files)
    team.follow(layout="namespace-first")
    files = {"acme.team/flows/a.yaml": flow("a", message="2"), "acme.team/files/x.txt": "2"}
    team.second = team.repository.commit(files)
    team.look()
    return team


def test_a_rollback_applies_the_earlier_commit_and_holds_it(followed):
    pins.pin(followed.rt, "team", followed.first[:10], actor="ada", reason="it broke")
    followed.look()
    followed.repository.commit({"acme.team/flows/a.yaml": flow("a", message="3")})

    held = followed.look()

    assert held.applied_sha == followed.first
    assert (held.pin["behind"], held.pin["by"]) == (2, "ada")
    assert "hello" in followed.flow("a").source
    assert followed.file("x.txt") == b"1"


def test_an_unpinned_binding_follows_its_source_again(followed):
    pins.pin(followed.rt, "team", followed.first, actor="ada")
    followed.look()

    pins.unpin(followed.rt, "team")
    seen = followed.look()

    assert (seen.applied_sha, seen.pin) == (followed.second, None)
    with pytest.raises(Conflict, match="not pinned"):
        pins.unpin(followed.rt, "team")


def test_a_pin_may_end_by_itself_at_the_commit_after_the_bad_one(followed):
    pins.pin(followed.rt, "team", followed.first, actor="ada", auto_unpin=True)
    held = followed.look()
    fixed = followed.repository.commit({"acme.team/flows/a.yaml": flow("a", message="3")})

    seen = followed.look()

    assert held.applied_sha == followed.first
    assert (seen.applied_sha, seen.pin) == (fixed, None)


def test_a_commit_that_is_not_in_the_history_cannot_be_pinned(followed):
    followed.repository.git("checkout", "-q", "-b", "side")
    other = followed.repository.commit({"acme.team/flows/a.yaml": flow("a", message="side")})
    pins.pin(followed.rt, "team", other, actor="ada")

    seen = followed.look()

    assert seen.applied_sha == followed.second
    assert "not in the history" in seen.problems[0]


@pytest.mark.parametrize("text", ["", "main", "abc", "--all", "f" * 41, "1234567"])
def test_what_is_no_known_commit_is_refused(followed, text):
    with pytest.raises(Invalid, match="sha"):
        pins.pin(followed.rt, "team", text, actor="ada")


def test_t11_an_execution_keeps_its_commit_and_files_while_a_sync_replaces_them(followed):
    execution_id = followed.driver.start("acme.team", "a")
    row = executions.get(followed.rt, execution_id)
    third = {"acme.team/flows/a.yaml": flow("a", message="3"), "acme.team/files/x.txt": "3"}
    followed.repository.commit(third)
    followed.look()
    followed.driver.work()

    with followed.rt.database.reading() as tx:
        kept = namespaces.list_files(tx, "acme.team", row.snapshot)[0].uri
        now = namespaces.list_files(tx, "acme.team")[0].uri

    assert (row.commit, followed.driver.state(execution_id)) == (followed.second, "SUCCESS")
    assert followed.driver.messages(execution_id) == ["2"]
    assert followed.rt.storage.open(kept).read() == b"2"
    assert followed.rt.storage.open(now).read() == b"3"


SLOW = """\
id: a
namespace: acme.team
tasks:
  - {id: before, type: io.kestra.plugin.core.log.Log, message: "{{ read('x.txt') }}"}
  - {id: hold, type: io.kestra.plugin.core.flow.Pause}
  - {id: after, type: io.kestra.plugin.core.log.Log, message: "{{ read('x.txt') }}"}
"""


def test_t11_tasks_of_a_running_execution_read_the_files_that_it_began_with(followed):
    files = {"acme.team/flows/a.yaml": SLOW, "acme.team/files/x.txt": "as it began"}
    followed.repository.commit(files)
    followed.look()
    execution_id = followed.driver.start("acme.team", "a")
    followed.driver.work()
    paused = followed.driver.state(execution_id)

    followed.repository.commit({"acme.team/files/x.txt": "replaced"})
    followed.look()
    resuming.resume_with_inputs(followed.rt, execution_id, {})
    followed.driver.work()
    later = followed.driver.start("acme.team", "a")
    followed.driver.work()

    assert paused == "PAUSED"
    assert followed.driver.messages(execution_id) == ["as it began"] * 2
    assert followed.driver.messages(later) == ["replaced"]


def test_executions_are_found_by_their_commit(followed):
    execution_id = followed.driver.start("acme.team", "a")
    bindings.release(followed.rt, "team", [])
    followed.driver.save(flow("a", message="by hand"))
    followed.driver.start("acme.team", "a")

    wanted = Filter(field="commit", operator=Operator.EQUALS, value=followed.second)
    of_commit = search.Wanted(where=Group((wanted,)))
    found = search.list_executions(followed.rt, of_commit, page=1, size=9)[0]

    assert [row.id for row in found] == [execution_id]


def test_a_replay_runs_the_same_commit_and_files_or_the_latest(followed):
    first = followed.driver.start("acme.team", "a")
    followed.driver.work()
    third = {"acme.team/flows/a.yaml": flow("a", message="3"), "acme.team/files/x.txt": "3"}
    newest = followed.repository.commit(third)
    followed.look()

    same = reopen.replay(followed.rt, first)
    latest = reopen.replay(followed.rt, first, latest=True)
    followed.driver.work()

    rows = [executions.get(followed.rt, name) for name in (first, same, latest)]
    assert [row.commit for row in rows] == [followed.second, followed.second, newest]
    assert [row.revision for row in rows] == [2, 2, 3]
    assert rows[0].snapshot == rows[1].snapshot < rows[2].snapshot
    assert followed.driver.messages(latest) == ["3"]


def test_an_edit_made_by_hand_is_no_commit(followed):
    bindings.alter(followed.rt, "team", editMode="OVERWRITE", selfHeal=False)
    followed.driver.save(flow("a", message="by hand"))

    execution_id = followed.driver.start("acme.team", "a")

    assert executions.get(followed.rt, execution_id).commit is None
    assert "by hand" in followed.flow("a").source


def test_a_pin_ends_by_itself_also_where_the_head_was_not_known_when_it_was_set(team):
    """A source that was just changed is looked at anew: it has no head until then."""
    first = team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="bad")})
    team.look()
    sources.change(team.rt, "team", sources.settings_of(team.source()))
    pins.pin(team.rt, "team", first, actor="ada", auto_unpin=True)
    held = team.look()
    good = team.repository.commit({"a.yaml": flow("a", message="good")})

    seen = team.look()

    assert (held.applied_sha, held.pin["sha"]) == (first, first)
    assert (seen.applied_sha, seen.pin) == (good, None)
