"""Sources followed, plans made and applied, on both databases with the real git."""

from itertools import pairwise

import pytest

from app.database import namespaces
from app.errors import Conflict
from app.service import flows, search
from app.service.gitops import bindings, overview, sources, sync
from app.service.gitops.models import NewBinding, NewSource
from tests.support.repository import Repository, flow

PUSH = """triggers:
  - id: pushed
    type: trunkline.git.Push
    branches: [main]
    paths: ["src/*"]
"""


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


@pytest.fixture
def local(driver):
    """The driver, allowed to read repositories of this machine."""
    settings = driver.rt.settings.model_copy(update={"git_allow_file_protocol": True})
    object.__setattr__(driver.rt, "settings", settings)
    return driver


def follow(driver, repository, **binding):
    binding = {"namespace": "acme", "layout": "declared", **binding}
    new = NewSource.model_validate({"name": "team", "url": repository.url, "binding": binding})
    source = sources.add(driver.rt, new)
    return look(driver, source.id)


def look(driver, source_id):
    """One look at the remote; the source and its binding."""
    sources.ask_fetch(driver.rt, source_id)
    assert sync.work(driver.rt, source_id)
    source, found = overview.source(driver.rt, source_id)
    return source, found[0]


def history(driver, binding):
    with driver.rt.database.reading() as tx:
        return sync.git_bindings.history(tx, binding.id, 50)


def source_of(driver, flow_id, namespace="acme.team"):
    return flows.get(driver.rt, namespace, flow_id).source


def test_a_pushed_flow_is_saved_with_its_commit(local, repository):
    sha = repository.commit({"flows/a.yaml": flow("a")}, "Add a")

    source, binding = follow(local, repository)

    saved = flows.get(local.rt, "acme.team", "a")
    assert saved.git["commit"] == sha
    assert saved.git["path"] == "flows/a.yaml"
    assert (source.seen_sha, source.applied_sha, binding.applied_sha) == (sha, sha, sha)
    assert (binding.sync_state, binding.health) == ("Synced", "Healthy")


def test_t6_the_same_commit_again_makes_no_revision_and_no_history(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, binding = follow(local, repository)

    look(local, source.id)

    assert flows.get(local.rt, "acme.team", "a").revision == 1
    assert len(history(local, binding)) == 1


def test_only_the_flow_that_changed_gets_a_revision(local, repository):
    repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    source, _ = follow(local, repository)
    repository.commit({"b.yaml": flow("b", message="changed")})

    look(local, source.id)

    assert flows.get(local.rt, "acme.team", "a").revision == 1
    assert flows.get(local.rt, "acme.team", "b").revision == 2


def test_t4_one_invalid_file_of_many_changes_nothing_and_is_named_with_its_line(local, repository):
    names = [f"f{n}" for n in range(48)]
    repository.commit({f"{name}.yaml": flow(name) for name in names})
    source, _ = follow(local, repository, prune=True)
    changed = {f"{name}.yaml": flow(name, message="new") for name in names}
    bad = flow("bad").replace("core.log.Log", "core.log.Logg")
    repository.commit({**changed, "f0.yaml": None, "bad.yaml": bad, "made.yaml": flow("made")})

    source, binding = look(local, source.id)

    saved = [flows.get(local.rt, "acme.team", name) for name in names]
    assert {(one.revision, "hello" in one.source) for one in saved} == {(1, True)}
    for name in ("bad", "made"):
        with pytest.raises(flows.FlowNotFound):
            flows.get(local.rt, "acme.team", name)
    assert binding.health == "Degraded"
    assert binding.problems[1].startswith("bad.yaml:5:5: ")
    assert history(local, binding)[0].status == "BLOCKED_GUARD"
    assert source.applied_sha != source.seen_sha


def test_quarantine_applies_the_valid_rest_and_keeps_the_last_good_version(local, repository):
    repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    source, _ = follow(local, repository, onInvalid="QUARANTINE", prune=True)
    repository.commit({"a.yaml": flow("a", message="new"), "b.yaml": "id: b\ntasks: 1\n"})

    _, binding = look(local, source.id)

    assert flows.get(local.rt, "acme.team", "a").revision == 2
    assert flows.get(local.rt, "acme.team", "b").revision == 1
    assert binding.health == "Degraded"


def test_a_deleted_file_is_reported_and_only_pruned_where_that_is_asked_for(local, repository):
    repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    source, _ = follow(local, repository)
    repository.commit({"b.yaml": None})

    _, kept = look(local, source.id)
    bindings.alter(local.rt, kept.name, prune=True)
    _, pruned = look(local, source.id)

    assert kept.sync_state == "OutOfSync"
    assert pruned.sync_state == "Synced"
    with pytest.raises(flows.FlowNotFound):
        flows.get(local.rt, "acme.team", "b")


def test_t8_an_emptied_folder_is_not_pruned(local, repository):
    repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    source, _ = follow(local, repository, prune=True)
    repository.commit({"a.yaml": None, "b.yaml": None, "README.md": "empty"})

    _, binding = look(local, source.id)

    assert flows.get(local.rt, "acme.team", "a").revision == 1
    assert "allowEmpty" in binding.problems[0]


def test_a_flow_that_exists_is_not_taken_over_unless_that_is_asked_for(local, repository):
    local.save(flow("a", message="mine"))
    repository.commit({"a.yaml": flow("a", message="theirs")})

    source, refused = follow(local, repository)
    bindings.alter(local.rt, refused.name, adopt=True)
    _, adopted = look(local, source.id)

    assert refused.sync_state == "OutOfSync"
    assert "adopt it" in " ".join(refused.problems)
    assert adopted.sync_state == "Synced"
    assert "theirs" in source_of(local, "a")


def test_t9_two_bindings_cannot_own_one_flow(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, first = follow(local, repository)

    second = sources.bind(local.rt, "team", NewBinding.model_validate({"namespace": "acme"}))
    look(local, source.id)

    problems = bindings.find(local.rt, second.id).problems
    assert f"belongs to another binding ({first.name})" in " ".join(problems)


def test_drift_is_healed_from_git(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, _ = follow(local, repository, editMode="OVERWRITE")
    local.save(flow("a", message="by hand"))

    _, binding = look(local, source.id)

    assert "by hand" not in source_of(local, "a")
    assert binding.sync_state == "Synced"
    assert history(local, binding)[0].reason == "drift"


def test_a_change_on_both_sides_is_a_conflict_that_changes_nothing(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, _ = follow(local, repository, editMode="BLOCK")
    local.save(flow("a", message="by hand"))
    repository.commit({"a.yaml": flow("a", message="in git")})

    _, binding = look(local, source.id)

    assert binding.sync_state == "Conflict"
    assert "by hand" in source_of(local, "a")


def test_files_of_a_namespace_follow_with_one_snapshot_for_each_sync(local, repository):
    repository.commit({"acme.team/files/lib/x.py": "1", "acme.team/files/y.txt": "2"})
    source, _ = follow(local, repository, layout="namespace-first", prune=True)
    with local.rt.database.reading() as tx:
        first = namespaces.snapshot(tx, "acme.team")
    repository.commit({"acme.team/files/lib/x.py": "changed"})

    look(local, source.id)

    with local.rt.database.reading() as tx:
        before = {r.path: r.version for r in namespaces.list_files(tx, "acme.team", first)}
        after = {r.path: r.uri for r in namespaces.list_files(tx, "acme.team")}
    assert before == {"lib/x.py": 1, "y.txt": 1}
    assert local.rt.storage.open(after["lib/x.py"]).read() == b"changed"


def test_folders_are_child_namespaces_in_a_tree(local, repository):
    repository.commit({"flows/sub/a.yaml": flow("a", namespace="elsewhere")})

    follow(local, repository, layout="tree", path="flows", namespace="acme")

    assert flows.get(local.rt, "acme.sub", "a").revision == 1


def test_a_link_and_a_flow_of_a_foreign_namespace_are_refused(local, repository):
    (repository.tree / "link.yaml").symlink_to("/etc/passwd")
    repository.commit({"a.yaml": flow("a", namespace="other")})

    _, binding = follow(local, repository)

    text = " ".join(binding.problems)
    assert "link.yaml: symbolic links are not followed" in text
    assert "a.yaml: its namespace other is outside of acme" in text


def test_a_push_starts_its_flow_once_pinned_to_the_commit(local, repository):
    repository.commit({"a.yaml": flow("a", more=PUSH)})
    source, _ = follow(local, repository)
    ignored = repository.commit({"docs/x.md": "words"})
    look(local, source.id)
    sha = repository.commit({"src/x.py": "print()", "a.yaml": flow("a", message="2", more=PUSH)})

    look(local, source.id)
    look(local, source.id)
    local.work()

    started = search.list_executions(local.rt, search.Wanted(flow_id="a"), page=1, size=9)[0]
    assert ignored != sha
    assert [(row.commit, row.revision, row.state) for row in started] == [(sha, 2, "SUCCESS")]
    assert started[0].trigger["variables"]["files"] == ["a.yaml", "src/x.py"]


def pass_time(driver, source_id, seconds):
    """Beat ticks every ten seconds for a while; when the worker looked, in seconds from now."""
    began, looks = driver.clock.now, []
    for _ in range(seconds // 10):
        driver.clock.advance(10)
        driver.publisher.sources.clear()
        sync.tick(driver.rt)
        if driver.publisher.sources:
            assert driver.publisher.sources == [source_id]
            assert sync.work(driver.rt, source_id)
            looks.append((driver.clock.now - began).total_seconds())
    return looks


def test_t15_a_repository_that_is_away_for_an_hour_is_asked_less_and_less_and_comes_back(
    local, repository
):
    repository.commit({"a.yaml": flow("a")})
    source, _ = follow(local, repository)
    moved = repository.bare.rename(repository.bare.with_name("away.git"))

    asked = pass_time(local, source.id, 3600)
    away, (gone,) = overview.source(local.rt, source.id)
    moved.rename(repository.bare)
    sha = repository.commit({"a.yaml": flow("a", message="after the hour")})
    pass_time(local, source.id, 3600)
    back, (binding,) = overview.source(local.rt, source.id)

    pauses = [later - before for before, later in pairwise(asked)]
    assert 4 <= len(asked) <= 8
    assert all(later > 1.4 * before for before, later in pairwise(pauses[-3:]))
    assert away.fail_count == len(asked)
    assert "remote.git" in away.last_error
    assert (gone.sync_state, gone.health) == ("Unknown", "Degraded")
    assert (back.fail_count, back.last_error, back.applied_sha) == (0, None, sha)
    assert (binding.sync_state, binding.health) == ("Synced", "Healthy")


@pytest.mark.parametrize("interval", [60, 600])
def test_t2_without_a_hook_a_commit_is_applied_within_the_poll_interval(
    local, repository, interval
):
    repository.commit({"a.yaml": flow("a")})
    new = {"name": "team", "url": repository.url, "pollInterval": interval}
    new["binding"] = {"namespace": "acme", "editMode": "OVERWRITE"}
    source = sources.add(local.rt, NewSource.model_validate(new))
    look(local, source.id)
    pass_time(local, source.id, int(interval * 1.1) + 10)  # from here on polls follow each other
    sha = repository.commit({"a.yaml": flow("a", message="unheard of")})

    pass_time(local, source.id, int(interval * 1.1) + 10)

    assert sources.find(local.rt, source.id).applied_sha == sha


def test_bindings_of_a_repository_that_is_away_read_as_failed_until_it_is_back(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, binding = follow(local, repository)
    moved = repository.bare.rename(repository.bare.with_name("away.git"))

    look(local, source.id)
    away = bindings.find(local.rt, binding.id)
    moved.rename(repository.bare)
    look(local, source.id)
    back = bindings.find(local.rt, binding.id)

    assert (away.sync_state, away.health) == ("Unknown", "Degraded")
    assert "remote.git" in away.problems[0]
    assert (back.sync_state, back.health, back.problems) == ("Synced", "Healthy", [])


def test_a_source_that_never_was_read_waits_for_its_poll(local, repository):
    repository.commit({"a.yaml": flow("a")})
    repository.bare.rename(repository.bare.with_name("away.git"))
    new = {"name": "team", "url": repository.url, "binding": {"namespace": "company"}}
    source = sources.add(local.rt, NewSource.model_validate(new))
    look(local, source.id)
    local.publisher.sources.clear()

    sync.tick(local.rt)
    early = list(local.publisher.sources)
    local.clock.advance(3600)
    sync.tick(local.rt)

    assert early == []
    assert local.publisher.sources == [source.id]


def test_a_poll_that_is_due_wakes_the_source_once(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, _ = follow(local, repository)
    local.publisher.sources.clear()
    local.clock.advance(200)

    sync.tick(local.rt)
    assert sync.work(local.rt, source.id)
    sync.tick(local.rt)

    assert local.publisher.sources == [source.id]


def test_a_plan_shows_what_a_sync_would_do_and_does_nothing(local, repository):
    repository.commit({"a.yaml": flow("a")})
    source, binding = follow(local, repository)
    repository.commit({"a.yaml": flow("a", message="new"), "b.yaml": flow("b")})
    asked = sources.ask_sync(local.rt, binding.id, actor="ada", is_plan=True)

    assert sync.work(local.rt, source.id)

    with local.rt.database.reading() as tx:
        row = sync.git_bindings.find_sync(tx, asked)
    assert row.status == "SUCCEEDED"
    assert {(i["key"], i["action"]) for i in row.items} == {
        ("acme.team/a", "UPDATE"),
        ("acme.team/b", "CREATE"),
    }


def test_a_source_is_registered_once(local, repository):
    repository.commit({"a.yaml": flow("a")})
    follow(local, repository)

    with pytest.raises(Conflict, match="exists already"):
        follow(local, repository)
