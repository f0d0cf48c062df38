"""NamespaceSync, TenantSync, and the deprecated Push and Sync on a real Git server."""

import json

import pytest

from app.service import flows
from tests.support.git_servers import USER
from tests.support.repository import flow

TEAM = "company.team"


def whole(world, kind="NamespaceSync", **more):
    named = {"namespace": TEAM} if kind == "NamespaceSync" else {}
    given = {"branch": "main", "gitDirectory": "kestra", **named, **more}
    return world.task(kind, **given)


def exists(world, namespace, flow_id):
    try:
        return flows.get(world.driver.rt, namespace, flow_id) is not None
    except flows.FlowNotFound:
        return False


@pytest.fixture
def held(world):
    world.repository.commit({"README.md": "hello"})
    world.driver.save(flow("one", TEAM))
    world.driver.save(flow("draft", TEAM, more="draft: true\n"))
    world.driver.save(flow("other", f"{TEAM}.child"))
    world.file(TEAM, "sub/x.txt", b"x")
    return world


def test_a_namespace_is_pushed_whole(held):
    held.repository.commit(
        {
            f"kestra/{TEAM}/flows/named-otherwise.yml": flow("one", TEAM, message="old"),
            f"kestra/{TEAM}/flows/gone.yaml": flow("gone", TEAM),
            f"kestra/{TEAM}/files/gone.txt": "gone",
            "kestra/system/flows/kept.yaml": flow("kept", "system"),
        }
    )
    dry = whole(held, dryRun=True).ok()
    before = held.pushed()
    ran = whole(held).ok()

    assert before["README.md"] == "hello"
    assert f"kestra/{TEAM}/flows/gone.yaml" in before
    (planned,) = [json.loads(line) for line in dry.text("diff").splitlines()]
    assert dry.outputs["commitId"] is None
    assert {(r["key"], r["kind"], r["action"]) for r in planned} == {
        (f"{TEAM}:one", "FLOW", "UPDATED_GIT"),
        (f"{TEAM}:gone", "FLOW", "DELETED_GIT"),
        (f"{TEAM}:gone.txt", "FILE", "DELETED_GIT"),
        (f"{TEAM}:sub/x.txt", "FILE", "ADDED"),
    }
    assert held.pushed() == {
        "README.md": "hello",
        f"kestra/{TEAM}/flows/named-otherwise.yml": flow("one", TEAM),
        f"kestra/{TEAM}/files/sub/x.txt": "x",
        "kestra/system/flows/kept.yaml": flow("kept", "system"),
    }
    rows = ran.rows("diff")
    assert {"file": f"kestra/{TEAM}/files/sub/x.txt", "additions": 1, "deletions": 0,
            "changes": 0} in rows  # fmt: skip
    assert held.git("log", "-1", "--format=%s").strip() == "Namespace sync from Kestra"


@pytest.mark.slow
def test_what_only_git_has_may_stay_or_fail_the_push(held):
    held.repository.commit({f"kestra/{TEAM}/flows/gone.yaml": flow("gone", TEAM)})

    failed = whole(held, whenMissingInSource="FAIL")
    unchanged = held.pushed()
    whole(held, whenMissingInSource="KEEP").ok()

    assert "missing in KESTRA but present in Git for key company.team:gone" in failed.log
    assert f"kestra/{TEAM}/flows/one.yaml" not in unchanged
    assert {"gone.yaml", "one.yaml"} <= {path.rpartition("/")[2] for path in held.pushed()}


def from_git(world, kind="NamespaceSync", **more):
    return whole(world, kind, sourceOfTruth="GIT", **more)


def fill(world):
    world.repository.commit(
        {
            f"kestra/{TEAM}/flows/a/new.yaml": flow("new", TEAM),
            f"kestra/{TEAM}/files/sub/x.txt": "from git",
            "kestra/fresh.space/flows/first.yml": flow("first", "fresh.space"),
        }
    )


def test_git_wins_and_is_never_written(held):
    fill(held)
    head = held.git("rev-parse", "main")
    kept = from_git(held, whenMissingInSource="KEEP").ok()
    still = exists(held, TEAM, "one")
    failed = from_git(held, whenMissingInSource="FAIL")
    ran = from_git(held).ok()

    assert still
    (rows,) = kept.rows("diff")
    assert {(r["key"], r["action"]) for r in rows} == {
        (f"{TEAM}:new", "ADDED"), (f"{TEAM}:sub/x.txt", "UPDATED_KES"),
    }  # fmt: skip
    assert "FLOW missing in Git but present in KESTRA for key company.team:one" in failed.log
    (gone,) = ran.rows("diff")
    assert gone == [{
        "file": f"kestra/{TEAM}/flows/one.yaml", "key": f"{TEAM}:one", "kind": "FLOW",
        "action": "DELETED_KES",
    }]  # fmt: skip
    assert exists(held, TEAM, "new")
    assert exists(held, TEAM, "draft")
    assert exists(held, f"{TEAM}.child", "other")
    assert held.files(TEAM) == {"sub/x.txt": b"from git"}
    assert held.git("rev-parse", "main") == head
    assert ran.outputs["commitId"] is None


def test_every_namespace_follows_git_but_protected_ones_and_the_flow_that_runs(held):
    fill(held)
    held.driver.save(flow("guard", "system"))
    held.driver.save(flow("guard", "system.deep"))

    from_git(held, "TenantSync").ok()

    assert exists(held, "fresh.space", "first")
    assert not exists(held, f"{TEAM}.child", "other")
    assert all(exists(held, ns, "guard") for ns in ("system", "system.deep"))
    assert exists(held, "acme.ops", "runner")


@pytest.mark.slow
def test_every_namespace_is_pushed(held):
    whole(held, "TenantSync", kestraUrl="http://localhost:8080").ok()

    assert set(held.pushed()) == {
        "README.md",
        f"kestra/{TEAM}/flows/one.yaml",
        f"kestra/{TEAM}/files/sub/x.txt",
        f"kestra/{TEAM}.child/flows/other.yaml",
        "kestra/acme.ops/flows/runner.yaml",
    }


@pytest.mark.slow
@pytest.mark.parametrize("how", ["FAIL", "WARN"])
def test_a_wrong_flow_of_git_is_named(held, how):
    fill(held)
    wrong = flow("one", TEAM) + "    nonsense: 1\n"
    held.repository.commit({f"kestra/{TEAM}/flows/one.yaml": wrong})

    ran = from_git(held, "TenantSync", onInvalidSyntax=how)

    assert f"Invalid syntax for FLOW kestra/{TEAM}/flows/one.yaml: " in ran.log
    assert "nonsense" in ran.log
    assert ran.state == ("FAILED" if how == "FAIL" else "SUCCESS")
    assert exists(held, TEAM, "new") is (how == "WARN")
    assert flows.get(held.driver.rt, TEAM, "one").source == flow("one", TEAM)


@pytest.mark.slow
def test_a_missing_branch_or_folder_fails_when_git_is_the_truth(held):
    branch = from_git(held, branch="none")
    folder = from_git(held, gitDirectory="none")

    assert "Remote branch none not found" in branch.log
    assert "The directory 'none' was not found" in folder.log
    assert exists(held, TEAM, "one")
    assert "none" not in held.git("branch")


@pytest.mark.slow
def test_a_linked_folder_is_read_within_the_repository_only(held):
    fill(held)
    (held.repository.tree / "kestra/linked.space").symlink_to(TEAM)
    held.repository.commit({})
    from_git(held, namespace="linked.space").ok()
    (held.repository.tree / f"kestra/{TEAM}/files/out").symlink_to("../../../../..")
    held.repository.commit({})
    ran = from_git(held)

    assert exists(held, "linked.space", "new")
    assert ran.state == "FAILED"
    assert "symbolic link leaves the repository" in ran.log


# -- the deprecated ones


CLONE = {"id": "clone", "type": "io.kestra.plugin.git.Clone"}
WRITE = {
    "id": "write",
    "type": "io.kestra.plugin.scripts.shell.Commands",
    "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
}


def in_directory(world, *tasks):
    wd = {"id": "wd", "type": "io.kestra.plugin.core.flow.WorkingDirectory", "tasks": list(tasks)}
    return world.tasks([wd])


def login(world):
    return {"username": USER, "password": "{{ secret('GIT') }}"}


def test_a_clone_is_changed_and_pushed_whatever_its_settings_say(world):
    world.repository.commit({"a.txt": "a", "b.txt": "b"})
    marks = f"{world.folder}/ran"
    evil = [
        f"git config core.sshCommand 'touch {marks}'",
        "git config core.hooksPath .hooks; mkdir .hooks",
        f"printf '#!/bin/sh\\ntouch {marks}\\n' > .hooks/pre-push; chmod +x .hooks/pre-push",
        f"git config filter.x.clean 'touch {marks}; cat'; echo '* filter=x' > .gitattributes",
    ]
    push = {"id": "git", "type": "io.kestra.plugin.git.Push", "branch": "side",
            "commitMessage": "From {{ flow.id }}", "addFilesPattern": ["a.txt", "new"],
            "flows": {"enabled": False}}  # fmt: skip

    ran = in_directory(
        world,
        {**CLONE, "url": world.url, **login(world)},
        {
            **WRITE,
            "commands": ["echo c > c.txt; printf A > a.txt; mkdir new; printf d > new/d", *evil],
        },
        {**push, **login(world)},
    ).ok()

    assert world.pushed("side") == {"a.txt": "A", "b.txt": "b", "new/d": "d"}
    assert world.pushed() == {"a.txt": "a", "b.txt": "b"}
    assert world.git("rev-parse", "side").strip() == ran.outputs["commitId"]
    assert not (world.folder / "ran").exists()


def test_a_clone_in_a_folder_is_pushed_from_there_and_without_a_change_nothing_is(world):
    world.repository.commit({"a.txt": "a"})
    push = {"id": "git", "type": "io.kestra.plugin.git.Push", "branch": "main", "directory": "at",
            "commitMessage": "More", "flows": {"enabled": False}, **login(world)}  # fmt: skip
    clone = {**CLONE, "url": world.url, "directory": "at", **login(world)}

    none = in_directory(world, clone, {**WRITE, "commands": ["echo b > beside.txt"]}, push).ok()
    head = world.git("rev-parse", "main")
    ran = in_directory(world, clone, {**WRITE, "commands": ["printf b > at/b.txt"]}, push).ok()

    assert none.outputs["commitId"] is None
    assert ran.outputs["commitId"] != head.strip()
    assert world.pushed() == {"a.txt": "a", "b.txt": "b"}


@pytest.mark.slow
def test_a_push_with_an_address_makes_the_branch_hold_just_its_files(world):
    world.repository.commit({"old.txt": "old"})
    world.file("acme.ops", "in/x.py", b"x")
    world.driver.save(flow("child", "acme.ops.sub"))
    world.driver.save(flow("unready", "acme.ops", more="draft: true\n"))
    given = {
        "branch": "main",
        "commitMessage": "All",
        "inputFiles": {"hello.txt": "{{ flow.id }}"},
        "namespaceFiles": {"enabled": True},
        "flows": {"childNamespaces": False},
        "author": {"name": "Ada", "email": "ada@example.org"},
    }

    ran = world.task("Push", **given).ok()
    again = world.task("Push", **given).ok()

    pushed = world.pushed()
    assert set(pushed) == {"hello.txt", "in/x.py", "_flows/acme.ops.runner.yml"}
    assert pushed["hello.txt"] == "runner"
    assert world.git("log", "-1", "--format=%an").strip() == "Ada"
    assert ran.outputs["commitId"] == world.git("rev-parse", "main").strip()
    assert again.outputs["commitId"] is None


@pytest.mark.slow
def test_the_old_sync_brings_flows_and_files_to_its_own_namespace(world):
    world.repository.commit(
        {
            "d/_flows/new.yml": flow("new", "x"),
            "d/_flows/deep/not.yml": flow("not", "x"),
            "d/data.txt": "new",
        }
    )
    world.driver.save(flow("local", "acme.ops"))
    world.file("acme.ops", "in/old.txt", b"old")

    dry = world.task("Sync", gitDirectory="d", namespaceFilesDirectory="in", dryRun=True).ok()
    before = exists(world, "acme.ops", "local")
    ran = world.task("Sync", gitDirectory="d", namespaceFilesDirectory="in").ok()

    wanted = {"+ _flows/new.yml", "- _flows/local.yml", "+ in/data.txt", "- in/old.txt"}
    assert before
    assert wanted <= set(ran.log.splitlines())
    assert "Dry run is enabled, not performing following actions" in dry.log
    assert wanted <= set(dry.log.splitlines())
    assert exists(world, "acme.ops", "new")
    assert exists(world, "acme.ops", "runner")
    assert not exists(world, "acme.ops", "not")
    assert world.files("acme.ops") == {"in/data.txt": b"new"}
