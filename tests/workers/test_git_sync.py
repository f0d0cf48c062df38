"""SyncFlows, SyncFlow and SyncNamespaceFiles on a real Git server."""

import pytest

from app.service import flows
from tests.support.repository import flow

TARGET = "my.target"


def source(world, namespace, flow_id):
    return flows.get(world.driver.rt, namespace, flow_id)


def exists(world, namespace, flow_id):
    try:
        return source(world, namespace, flow_id) is not None
    except flows.FlowNotFound:
        return False


def sync(world, **more):
    given = {"targetNamespace": TARGET, "gitDirectory": "to_clone/_flows", **more}
    return world.task("SyncFlows", of=TARGET, **given)


def row(path, state, flow_id, revision, namespace=TARGET):
    git = f"to_clone/_flows/{path}" if path else None
    return {
        "gitPath": git, "syncState": state, "flowId": flow_id,
        "namespace": namespace, "revision": revision,
    }  # fmt: skip


@pytest.fixture
def filled(world):
    """Flows here and in Git, in every relation to each other."""
    world.repository.commit(
        {
            "to_clone/_flows/changed.yml": flow("changed", "dev", message="from git") + "\n\n",
            "to_clone/_flows/same.yaml": flow("same", "dev").replace("\n", "\r\n"),
            "to_clone/_flows/child/new.yml": flow("new", "dev.child"),
            "to_clone/_flows/notes.txt": "no flow",
            "to_clone/_flows/.kestraignore": "ignored*\n",
            "to_clone/_flows/ignored.yml": flow("ignored", "dev"),
            "to_clone/_flows/draft.yml": flow("draft", "dev", more="draft: true\n"),
        }
    )
    for flow_id in ("changed", "same", "local", "ignored-here"):
        world.driver.save(flow(flow_id, TARGET))
    world.driver.save(flow("local", f"{TARGET}.child"))
    world.driver.save(flow("local", f"{TARGET}ed"))
    return world


CHANGES = [
    row("changed.yml", "UPDATED", "changed", 2),
    row("child/new.yml", "ADDED", "new", 1, f"{TARGET}.child"),
    row("same.yaml", "UNCHANGED", "same", 1),
]
GONE = [
    row(None, "DELETED", "local", 1, f"{TARGET}.child"),
    row(None, "DELETED", "local", 1),
]


def by_path(rows):
    return sorted(rows, key=lambda r: (r["gitPath"] or "", r["namespace"], r["flowId"]))


def test_a_folder_becomes_the_flows_of_a_namespace_and_of_its_children(filled):
    dry = sync(filled, includeChildNamespaces=True, delete=True, dryRun=True).ok()
    before = [exists(filled, TARGET, "local"), source(filled, TARGET, "changed").revision]
    ran = sync(filled, includeChildNamespaces=True, delete=True).ok()

    assert before == [True, 1]
    assert by_path(dry.rows("flows")) == by_path(ran.rows("flows")) == by_path(CHANGES + GONE)
    assert ran.rows("flows")[0]["gitPath"] is None
    changed = source(filled, TARGET, "changed")
    text = flow("changed", TARGET, message="from git").strip()
    assert changed.source == text
    assert changed.git["commit"] == ran.outputs["commitId"]
    assert changed.git["path"] == "to_clone/_flows/changed.yml"
    assert changed.git["branch"] == "main"
    assert ran.outputs["counts"] == {
        "added": 1, "updated": 1, "unchanged": 1, "deleted": 2, "skipped": 0,
    }  # fmt: skip
    kept = [(TARGET, "runner"), (TARGET, "ignored-here"), (f"{TARGET}ed", "local")]
    assert all(exists(filled, *name) for name in kept)
    gone = [(TARGET, "local"), (f"{TARGET}.child", "local"), (TARGET, "ignored"), (TARGET, "draft")]
    assert not any(exists(filled, *name) for name in gone)


@pytest.mark.slow
def test_the_same_sync_again_changes_nothing(filled):
    sync(filled, includeChildNamespaces=True).ok()

    ran = sync(filled, includeChildNamespaces=True).ok()

    assert {r["syncState"] for r in ran.rows("flows")} == {"UNCHANGED"}
    assert source(filled, TARGET, "changed").revision == 2


@pytest.mark.slow
def test_children_are_left_alone_unless_they_are_included(filled):
    ran = sync(filled, delete=True).ok()

    assert ran.rows("flows") == [GONE[1], CHANGES[0], CHANGES[2]]
    assert exists(filled, f"{TARGET}.child", "local")
    assert not exists(filled, f"{TARGET}.child", "new")


@pytest.mark.slow
def test_what_is_gone_from_git_goes_by_a_sync_that_deletes(filled):
    sync(filled).ok()
    filled.repository.commit({"to_clone/_flows/changed.yml": None})

    kept = sync(filled).ok()
    ran = sync(filled, delete=True).ok()

    assert "DELETED" not in {r["syncState"] for r in kept.rows("flows")}
    deleted = {r["flowId"] for r in ran.rows("flows") if r["syncState"] == "DELETED"}
    assert deleted == {"changed", "local"}


@pytest.mark.parametrize("is_ignored", [False, True])
def test_one_wrong_flow_of_five_stops_all_of_them_or_is_left_out(filled, is_ignored):
    wrong = flow("local", "dev") + "    nonsense: 1\n"
    filled.repository.commit({"to_clone/_flows/local.yml": wrong})

    ran = sync(filled, delete=True, ignoreInvalidFlows=is_ignored)

    assert "Invalid flow imported from Git (local.yml): " in ran.log
    assert "nonsense" in ran.log
    assert ran.state == ("SUCCESS" if is_ignored else "FAILED")
    assert source(filled, TARGET, "changed").revision == (2 if is_ignored else 1)
    assert source(filled, TARGET, "local").source == flow("local", TARGET)
    if is_ignored:
        assert "local" not in {r["flowId"] for r in ran.rows("flows")}


WRONG = {
    "its id in quotes": '"id": one\nnamespace: dev\ntasks: [{id: x, type: no.such.Type}]\n',
    "in flow style": '{"id": "one", "namespace": "dev", "tasks": [{"id": "x", "type": "no.such"}]}',
    "no YAML, with blanks": "id : one\nnamespace: dev\ntasks: [\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_flow_that_is_merely_wrong_is_kept_under_whatever_name_its_file_has(world, text):
    world.driver.save(flow("one", TARGET))
    world.repository.commit({"to_clone/_flows/renamed.yml": text})

    sync(world, delete=True, ignoreInvalidFlows=True, allowEmpty=True).ok()

    assert flows.get(world.driver.rt, TARGET, "one").revision == 1


@pytest.mark.slow
def test_a_missing_folder_fails_and_never_deletes(filled):
    failed = sync(filled, gitDirectory="nonexistent/path", delete=True)
    passed = sync(
        filled, gitDirectory="nonexistent/path", delete=True, failOnMissingDirectory=False
    )

    assert failed.state == "FAILED"
    assert "The directory 'nonexistent/path' was not found" in failed.log
    assert passed.ok().rows("flows") == []
    assert exists(filled, TARGET, "local")


def test_an_emptied_folder_deletes_nothing_unless_that_is_allowed(filled):
    filled.repository.commit({"empty/readme.txt": "nothing"})

    ran = sync(filled, gitDirectory="empty", delete=True)
    allowed = sync(filled, gitDirectory="empty", delete=True, allowEmpty=True)

    assert ran.state == "FAILED"
    assert "allowEmpty" in ran.log
    assert allowed.ok().outputs["counts"]["deleted"] == 4
    assert exists(filled, TARGET, "runner")


@pytest.mark.slow
def test_most_of_a_namespace_is_not_deleted_at_once(filled):
    for n in range(6):
        filled.driver.save(flow(f"more-{n}", TARGET))

    ran = sync(filled, delete=True)

    assert ran.state == "FAILED"
    assert "would be deleted, over 50 %" in ran.log
    assert exists(filled, TARGET, "local")


@pytest.mark.slow
def test_one_flow_in_two_files_names_both(filled):
    filled.repository.commit({"to_clone/_flows/again.yml": flow("same", "dev")})

    ran = sync(filled)

    assert ran.state == "FAILED"
    assert "to_clone/_flows/again.yml and in to_clone/_flows/same.yaml" in ran.log


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside", "loop.yml", "nowhere"])
def test_a_link_that_leaves_the_repository_publishes_nothing(filled, target):
    (filled.repository.tree / "to_clone/_flows/loop.yml").symlink_to(target)
    filled.repository.commit({})

    ran = sync(filled)

    assert ran.state == "FAILED"
    assert "symbolic link" in ran.log
    assert source(filled, TARGET, "changed").revision == 1
    assert "root:" not in ran.log


@pytest.mark.slow
def test_a_link_within_the_repository_is_read(filled):
    filled.repository.commit({"shared/linked.yml": flow("linked", "dev")})
    (filled.repository.tree / "to_clone/_flows/child2").symlink_to("../../shared")
    filled.repository.commit({})

    sync(filled, includeChildNamespaces=True).ok()

    assert exists(filled, f"{TARGET}.child2", "linked")


@pytest.mark.slow
def test_a_branch_that_is_not_there_fails(filled):
    ran = sync(filled, branch="none", delete=True)

    assert ran.state == "FAILED"
    assert "Remote branch none not found" in ran.log
    assert exists(filled, TARGET, "local")


def one(world, **more):
    return world.task("SyncFlow", **{"targetNamespace": TARGET, **more})


def test_one_file_becomes_one_flow(filled):
    path = "to_clone/_flows/changed.yml"

    new = one(filled, flowPath="to_clone/_flows/child/new.yml", dryRun=True).ok().outputs
    planned = one(filled, flowPath=path, dryRun=True).ok().outputs
    done = one(filled, flowPath=path).ok().outputs

    assert (new["flowId"], new["namespace"], new["revision"]) == ("new", TARGET, 1)
    assert planned["revision"] == done["revision"] == 2
    assert source(filled, TARGET, "changed").revision == 2
    assert exists(filled, TARGET, "local")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.yml", "Flow file not found at path: none.yml"),
        ("to_clone/_flows/notes.txt", "Cannot parse flow id from YAML"),
        ("../x.yml", "leaves its folder"),
    ],
)
def test_a_file_that_is_no_flow_says_so(filled, path, message):
    ran = one(filled, flowPath=path)

    assert ran.state == "FAILED"
    assert message in ran.log


def files(world, **more):
    given = {"namespace": "my.namespace", "gitDirectory": "to_clone", **more}
    return world.task("SyncNamespaceFiles", **given)


def states(ran):
    return {r["kestraPath"].split("/_files/")[1]: r["syncState"] for r in ran.rows("files")}


@pytest.fixture
def some_files(world):
    world.repository.commit(
        {
            "to_clone/cloned.json": "new",
            "to_clone/dir/a.txt": "a",
            "to_clone/x.github_files/b.txt": "b",
            "to_clone/.gitignore": "*.log",
            "to_clone/empty/.gitkeep": "",
            "to_clone/dir_to_file": "file",
            "to_clone/file_to_dir/c.txt": "c",
            "to_clone/.kestraignore": "secret*\nprivate/\n",
            "to_clone/secret.txt": "no",
        }
    )
    for path in ("cloned.json", "gone/d.txt", "secret-here.txt", "private/p.txt"):
        world.file("my.namespace", path, b"old")
    for path in ("dir_to_file/old.txt", "file_to_dir"):
        world.file("my.namespace", path, b"old")
    return world


def test_files_are_brought_and_what_is_not_in_git_is_deleted(some_files):
    dry = files(some_files, delete=True, dryRun=True).ok()
    untouched = some_files.files("my.namespace")
    ran = files(some_files, delete=True).ok()

    assert untouched["cloned.json"] == b"old"
    assert states(dry) == states(ran)
    assert states(ran) == {
        "cloned.json": "OVERWRITTEN",
        "dir/": "ADDED",
        "dir/a.txt": "ADDED",
        "x.github_files/": "ADDED",
        "x.github_files/b.txt": "ADDED",
        "dir_to_file": "ADDED",
        "dir_to_file/": "DELETED",
        "dir_to_file/old.txt": "DELETED",
        "file_to_dir": "DELETED",
        "file_to_dir/": "ADDED",
        "file_to_dir/c.txt": "ADDED",
        "gone/": "DELETED",
        "gone/d.txt": "DELETED",
    }
    added = next(r for r in ran.rows("files") if r["gitPath"] == "to_clone/dir/a.txt")
    assert added["kestraPath"] == "/my/namespace/_files/dir/a.txt"
    assert some_files.files("my.namespace") == {
        "cloned.json": b"new", "dir/a.txt": b"a", "x.github_files/b.txt": b"b",
        "dir_to_file": b"file", "file_to_dir/c.txt": b"c",
        "secret-here.txt": b"old", "private/p.txt": b"old",
    }  # fmt: skip


@pytest.mark.slow
def test_files_stay_without_delete_and_the_second_time_nothing_changes(some_files):
    first = files(some_files).ok()
    second = files(some_files).ok()

    assert some_files.files("my.namespace")["gone/d.txt"] == b"old"
    assert states(first)["cloned.json"] == "OVERWRITTEN"
    assert set(states(second).values()) == {"UNCHANGED"}
    assert second.outputs["counts"]["unchanged"] == 5


@pytest.mark.slow
def test_one_folder_of_a_namespace_is_synced(some_files):
    files(some_files, namespaceDirectory="/sub/one", gitDirectory="to_clone/dir", delete=True).ok()

    held = some_files.files("my.namespace")
    assert held["sub/one/a.txt"] == b"a"
    assert held["gone/d.txt"] == b"old"


@pytest.mark.slow
def test_emptied_files_delete_nothing(some_files):
    some_files.repository.commit({"none/.gitkeep": ""})

    ran = files(some_files, gitDirectory="none", delete=True)

    assert ran.state == "FAILED"
    assert "gone/d.txt" in some_files.files("my.namespace")
