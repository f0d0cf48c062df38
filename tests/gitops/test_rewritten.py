"""What somebody who may push, or administers, does at the worst moment: the reconciler's answer.

Each ends at the newest commit or at a stated reason, and never deletes what it was not told to.
"""

import shutil

import pytest

from app.service import executions, search
from app.service.gitops import bindings, pins, sources, sync
from app.service.gitops.models import NewSource
from tests.support.git_servers import PASSWORD, USER, GitHttp
from tests.support.repository import Repository, flow, run

PUSHED = flow(
    "told", more="triggers: [{id: push, type: trunkline.git.Push, source: team}]\n"
)  # fmt: skip


class Watched(GitHttp):
    """A Git server that does something of its own at one of its requests."""

    def __init__(self, folder):
        super().__init__(folder)
        self.at, self.act = "git-upload-pack", None

    def _serve(self, handler):
        if self.act is not None and handler.command == "POST" and self.at in handler.path:
            act, self.act = self.act, None
            act()
        super()._serve(handler)


@pytest.fixture
def server(team):
    made = Watched(team.repository.bare.parent)
    team.keep_secret("TOKEN", PASSWORD)
    yield made
    made.stop()


def follow_over(team, server, **binding):
    auth = {"kind": "token", "username": USER, "passwordSecret": "TOKEN"}
    return team.follow(source={"url": server.url("remote.git"), "auth": auth}, **binding)


def rewrite(repository, files, message="Another history"):
    """An unrelated history with these files takes the place of `main`; its commit."""
    repository.git("checkout", "-q", "--orphan", "other")
    repository.git("rm", "-rfq", "--ignore-unmatch", ".")
    for name, text in files.items():
        (repository.tree / name).write_text(text)
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", message)
    repository.git("push", "-qf", "origin", "HEAD:main")
    return repository.git("rev-parse", "HEAD").strip()


def forget_the_old(team):
    """The remote drops what no branch holds, and the worker is another machine."""
    run("git", "-C", str(team.repository.bare), "reflog", "expire", "--expire=now", "--all")
    run("git", "-C", str(team.repository.bare), "gc", "-q", "--prune=now")
    shutil.rmtree(team.rt.settings.data_dir / "mirrors")


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_an_unrelated_history_is_applied_as_any_newest_commit(team, is_forgotten):
    team.repository.commit({"a.yaml": flow("a"), "told.yaml": PUSHED})
    team.follow()
    sha = rewrite(team.repository, {"a.yaml": flow("a", message="anew"), "told.yaml": PUSHED})
    if is_forgotten:
        forget_the_old(team)

    binding = team.look()
    team.driver.work()

    assert (binding.applied_sha, binding.sync_state) == (sha, "Synced")
    assert (team.source().applied_sha, team.source().last_error) == (sha, None)
    assert "anew" in team.flow("a").source


def test_a_history_that_leaves_most_flows_out_deletes_none(team):
    names = [f"f{n}" for n in range(10)]
    team.repository.commit({f"{name}.yaml": flow(name) for name in names})
    team.follow(prune=True)
    rewrite(team.repository, {"other.yaml": flow("other")})

    binding = team.look()

    assert binding.sync_state == "OutOfSync"
    assert all(team.has_flow(name) for name in names)
    assert not team.has_flow("other")


def test_a_push_by_force_in_the_middle_of_a_fetch_ends_at_the_last_commit(team, server):
    team.repository.commit({"a.yaml": flow("a")})
    follow_over(team, server)
    team.repository.commit({"a.yaml": flow("a", message="second")})
    last = []
    server.act = lambda: last.append(
        rewrite(team.repository, {"a.yaml": flow("a", message="third")})
    )

    team.look()
    binding = team.look()

    assert (binding.applied_sha, binding.sync_state) == (last[0], "Synced")
    assert "third" in team.flow("a").source


def test_a_source_that_is_deleted_while_it_is_read_applies_nothing_more(team, server):
    team.repository.commit({"a.yaml": flow("a")})
    follow_over(team, server)
    team.repository.commit({"a.yaml": flow("a", message="later"), "b.yaml": flow("b")})
    row = sources.ask_fetch(team.rt, "team")
    server.act = lambda: sources.remove(team.rt, "team")

    sync.work(team.rt, row.id)

    assert "later" not in team.flow("a").source
    assert not team.has_flow("b")
    with pytest.raises(bindings.BindingNotFound):
        team.binding()


def test_a_credential_that_is_rotated_while_it_is_used_fails_once_and_goes_on(team, server):
    team.repository.commit({"a.yaml": flow("a")})
    follow_over(team, server)
    sha = team.repository.commit({"a.yaml": flow("a", message="later")})
    team.keep_secret("TOKEN", "of-yesterday")

    away = team.look()
    failed = team.source()
    team.keep_secret("TOKEN", PASSWORD)
    back = team.look()

    assert (away.sync_state, away.health) == ("Unknown", "Degraded")
    assert "of-yesterday" not in str(failed.last_error)
    assert failed.last_error
    assert (back.applied_sha, team.source().last_error) == (sha, None)


def test_a_branch_that_is_deleted_deletes_nothing_and_is_followed_again(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(prune=True, allowEmpty=True)
    run("git", "-C", str(team.repository.bare), "update-ref", "-d", "refs/heads/main")

    away = team.look()
    told = team.source().last_error
    sha = team.repository.commit({"a.yaml": flow("a", message="back")})
    back = team.look()

    assert "main" in told
    assert away.health == "Degraded"
    assert team.has_flow("a")
    assert (back.applied_sha, back.sync_state) == (sha, "Synced")


def test_a_default_branch_of_another_name_is_followed_where_that_was_asked_for(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(source={"ref": "HEAD"})
    team.repository.git("checkout", "-q", "-b", "trunk")
    sha = team.repository.commit({"a.yaml": flow("a", message="trunk")})
    run("git", "-C", str(team.repository.bare), "symbolic-ref", "HEAD", "refs/heads/trunk")

    binding = team.look()

    assert binding.applied_sha == sha
    assert "trunk" in team.flow("a").source


def test_a_flow_of_two_sources_stays_with_the_first(team, tmp_path):
    team.repository.commit({"a.yaml": flow("a", message="ours")})
    team.follow()
    (tmp_path / "other").mkdir()
    other = Repository(tmp_path / "other")
    other.commit({"a.yaml": flow("a", message="theirs"), "b.yaml": flow("b")})
    binding = {"name": "second", "namespace": "acme", "layout": "declared", "adopt": True}
    new = {"name": "second", "url": other.url, "binding": binding}
    sources.add(team.rt, NewSource.model_validate(new))

    refused = team.look("second", "second")
    first = team.look()

    assert "ours" in team.flow("a").source
    assert not team.has_flow("b")
    assert "team" in " ".join(refused.problems)
    assert first.sync_state == "Synced"


def test_paths_that_differ_in_case_only_are_two_files(team):
    files = {"acme.team/files/Readme.md": "upper", "acme.team/files/readme.md": "lower"}
    team.repository.commit(files)

    team.follow(layout="namespace-first")

    assert team.file("Readme.md") == b"upper"
    assert team.file("readme.md") == b"lower"


def test_two_files_of_one_flow_are_refused_with_both_names(team):
    team.repository.commit({"A.yaml": flow("a"), "a.yaml": flow("a", message="other")})

    binding = team.follow()

    assert not team.has_flow("a")
    assert "A.yaml" in " ".join(binding.problems)
    assert "a.yaml" in " ".join(binding.problems)


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "1971-01-01T00:00:00Z"])
def test_the_dates_of_commits_mean_nothing(team, date):
    team.repository.commit({"a.yaml": flow("a")})
    first = team.follow().applied_sha
    pins.pin(team.rt, "team", first, actor="ada", auto_unpin=True)
    team.look()
    (team.repository.tree / "a.yaml").write_text(flow("a", message="odd"))
    team.repository.git("add", "-A")
    run("env", f"GIT_AUTHOR_DATE={date}", f"GIT_COMMITTER_DATE={date}", "git", "-C",
        str(team.repository.tree), "-c", "user.name=Ada", "-c", "user.email=a@b.c",
        "commit", "-qm", "Odd")  # fmt: skip
    team.repository.git("push", "-q", "origin", "HEAD")

    binding = team.look()

    assert binding.applied_sha == team.repository.git("rev-parse", "HEAD").strip()
    assert binding.pin is None


def test_a_long_message_is_cut_where_it_is_kept(team):
    team.repository.commit({"told.yaml": PUSHED})
    team.follow()
    message = team.repository.tree.parent / "message"
    message.write_text("long " * 100_000)
    team.repository.git("commit", "-q", "--allow-empty", "-F", str(message))
    team.repository.git("push", "-q", "origin", "HEAD")

    binding = team.look()
    team.driver.work()
    where = search.Wanted(exact_namespace="acme.team", flow_id="told")
    [told] = search.list_executions(team.rt, where, page=1, size=5)[0]

    assert binding.sync_state == "Synced"
    assert len(team.history()[0].message) <= 2000
    variables = executions.get(team.rt, told.id).trigger["variables"]
    assert 100 < len(variables["message"]) <= 10_000


def test_a_commit_that_is_larger_than_any_honest_one_is_refused(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    message = team.repository.tree.parent / "message"
    message.write_text("long " * 400_000)
    team.repository.git("commit", "-q", "--allow-empty", "-F", str(message))
    team.repository.git("push", "-q", "origin", "HEAD")

    binding = team.look()

    assert binding.health == "Degraded"
    assert "commit" in binding.problems[0]
    assert "1000000 bytes" in binding.problems[0]
    assert team.has_flow("a")


def test_a_worker_that_has_no_place_for_a_copy_says_so(team):
    team.repository.commit({"a.yaml": flow("a")})
    place = team.rt.settings.data_dir / "mirrors"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("in the way")

    seen = team.follow()
    told = team.source().last_error
    place.unlink()
    after = team.look()

    assert "this worker has no place for a copy: " in told
    assert seen.health == "Degraded"
    assert (after.health, team.source().last_error) == ("Healthy", None)


def test_the_copy_of_a_source_that_was_removed_goes_too(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    copy = sources.mirror_of(team.rt, team.source().id).folder
    there = copy.exists()
    team.driver.publisher.sources.clear()

    sources.remove(team.rt, "team")
    done = [sync.work(team.rt, one) for one in team.driver.publisher.sources]

    assert (there, done, copy.exists()) == (True, [False], False)
    assert team.has_flow("a")
