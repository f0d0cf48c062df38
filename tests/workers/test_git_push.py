"""PushFlows, PushNamespaceFiles and PushExecutionFiles on a real Git server."""

import pytest

from app.service import flows
from tests.support.git_servers import USER
from tests.support.repository import flow

TEN_LINES = "id: second-flow\nnamespace: acme.team.sub-namespace\n# kept\n" + (
    "tasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: |\n"
    "      a\n      namespace: acme.team\n      b\n"
)


@pytest.fixture
def filled(world):
    """Two flows, one of them of a child namespace, one draft, and a README in the repository."""
    world.driver.save(flow("first-flow", "acme.team"))
    world.driver.save(TEN_LINES)
    world.driver.save(flow("draft-flow", "acme.team", more="draft: true\n"))
    world.repository.commit({"README.md": "hello\n"})
    return world


def push(world, **more):
    given = {"sourceNamespace": "acme.team", "gitDirectory": "my-flows", "branch": "main", **more}
    return world.task("PushFlows", **given)


def test_chosen_flows_are_pushed_under_their_new_namespace(filled):
    ran = push(
        filled,
        flows="second*",
        includeChildNamespaces=True,
        targetNamespace="my.target",
        commitMessage="Push from {{ flow.id }}",
        authorName="Ada",
        authorEmail="ada@example.org",
    ).ok()

    pushed = filled.pushed()
    text = TEN_LINES.replace("namespace: acme.team.sub", "namespace: my.target.sub", 1)
    assert pushed == {
        "README.md": "hello\n",
        "my-flows/sub-namespace/second-flow.yml": text,
    }
    assert ran.rows("flows") == [
        {
            "file": "my-flows/sub-namespace/second-flow.yml",
            "additions": "+10",
            "deletions": "-0",
            "changes": "0",
        }
    ]
    sha = filled.git("rev-parse", "main").strip()
    assert ran.outputs["commitId"] == sha
    assert ran.outputs["commitURL"] == f"{filled.url.removesuffix('.git')}/commit/{sha}"
    told = filled.git("log", "-1", "--format=%an|%ae|%cn|%ce|%s").strip()
    assert told == "Ada|ada@example.org|Ada|ada@example.org|Push from runner"


@pytest.mark.slow
def test_without_a_namespace_the_flow_s_own_is_pushed_as_it_is(filled):
    ran = filled.task("PushFlows", of="acme.team", authorEmail="a@example.org").ok()

    pushed = filled.pushed()
    assert set(pushed) == {"README.md", "_flows/first-flow.yml", "_flows/runner.yml"}
    assert pushed["_flows/first-flow.yml"] == flow("first-flow", "acme.team")
    assert ran.outputs["commitId"]
    told = filled.git("log", "-1", "--format=%an|%ae|%s").strip()
    assert told == f"{USER}|a@example.org|Add flows from acme.team namespace"


@pytest.mark.slow
def test_without_an_email_the_server_commits(filled):
    push(filled, authorName="Ada").ok()

    assert filled.git("log", "-1", "--format=%an|%ae").strip() == "Trunkline|noreply@localhost"


def test_a_dry_run_tells_and_pushes_nothing(filled):
    ran = push(filled, branch="new-branch", dryRun=True).ok()

    assert [row["file"] for row in ran.rows("flows")] == ["my-flows/first-flow.yml"]
    assert ran.outputs["commitId"] is None
    assert ran.outputs["commitURL"] is None
    assert "new-branch" not in filled.git("branch")


def test_deleting_keeps_to_the_globs_and_to_the_folder(filled):
    push(filled, includeChildNamespaces=True, branch="feature/x").ok()
    for namespace, flow_id in (
        ("acme.team", "first-flow"),
        ("acme.team.sub-namespace", "second-flow"),
    ):
        flows.delete(filled.driver.rt, namespace, flow_id)

    kept = push(
        filled, flows="second*", includeChildNamespaces=True, branch="feature/x", delete=False
    )
    ran = push(filled, flows="second*", includeChildNamespaces=True, branch="feature/x").ok()
    again = push(filled, flows="second*", includeChildNamespaces=True, branch="feature/x").ok()

    assert kept.outputs["commitId"] is None
    assert set(filled.pushed("feature/x")) == {"README.md", "my-flows/first-flow.yml"}
    (row,) = ran.rows("flows")
    assert (row["additions"], row["deletions"], row["changes"]) == ("+0", "-10", "0")
    assert "No changes to commit. Skipping push." in again.log
    assert again.rows("flows") == []
    assert set(filled.pushed()) == {"README.md"}


@pytest.mark.slow
def test_an_emptied_namespace_empties_its_folder(filled):
    push(filled).ok()
    flows.delete(filled.driver.rt, "acme.team", "first-flow")

    push(filled).ok()

    assert set(filled.pushed()) == {"README.md"}


@pytest.mark.slow
def test_a_namespace_that_never_was_is_refused_and_removes_nothing(filled):
    push(filled).ok()

    ran = push(filled, sourceNamespace="acme.tema")

    assert ran.state == "FAILED"
    assert "there is no namespace 'acme.tema'" in ran.log
    assert "my-flows/first-flow.yml" in filled.pushed()


@pytest.mark.slow
@pytest.mark.parametrize("globs", [["{{ 'first' }}*", "nothing"], "{{ ['first*', 'nothing'] }}"])
def test_globs_come_as_a_list_or_as_an_expression(filled, globs):
    push(filled, flows=globs).ok()

    assert set(filled.pushed()) == {"README.md", "my-flows/first-flow.yml"}


@pytest.mark.slow
def test_an_empty_repository_gets_its_first_commit(world):
    world.driver.save(flow("first-flow", "acme.team"))

    ran = push(world, branch="trunk").ok()

    assert set(world.pushed("trunk")) == {"my-flows/first-flow.yml"}
    assert ran.outputs["commitId"] == world.git("rev-parse", "trunk").strip()


def test_files_of_a_namespace_are_pushed_but_ignored_ones(world):
    world.repository.commit(
        {
            "_files/.kestraignore": "ignored-file.txt\nignored-dir/\n",
            "_files/ignored-dir/existing.txt": "stays\n",
            "_files/old.txt": "goes\n",
            "outside.txt": "stays\n",
        }
    )
    world.file("acme.team", "ignored-file.txt", b"no\n")
    world.file("acme.team", "a/b.bin", b"\x00\xff\r\n")
    world.file("acme.team", "keep.py", b"print(1)")

    ran = world.task("PushNamespaceFiles", namespace="acme.team").ok()

    names = {"outside.txt", "_files/.kestraignore", "_files/ignored-dir/existing.txt"}
    listed = set(world.git("ls-tree", "-r", "--name-only", "main").split())
    assert listed == {*names, "_files/a/b.bin", "_files/keep.py"}
    assert [row["file"] for row in ran.rows("files")] == [
        "_files/a/b.bin",
        "_files/keep.py",
        "_files/old.txt",
    ]
    raw = world.git("cat-file", "-s", "main:_files/a/b.bin").strip()
    assert raw == "4"


@pytest.mark.slow
def test_files_of_one_folder_and_of_children_are_pushed(world):
    for namespace in ("acme.team", "acme.team.sub"):
        world.file(namespace, "shared/x.py", b"x")
        world.file(namespace, "other/y.py", b"y")

    world.task(
        "PushNamespaceFiles",
        namespace="acme.team",
        namespaceDirectory="/shared",
        includeChildNamespaces=True,
        files="*.py",
    ).ok()

    assert set(world.pushed()) == {"_files/x.py", "_files/acme.team.sub/x.py"}


@pytest.mark.slow
@pytest.mark.parametrize("is_error", [True, False])
def test_no_matching_file_is_an_error_where_it_is_wanted(world, is_error):
    world.repository.commit({"a.txt": "a"})
    world.file("acme.team", "a.py", b"a")

    ran = world.task(
        "PushNamespaceFiles", namespace="acme.team", files="*.sql", errorOnMissing=is_error
    )

    assert ran.state == ("FAILED" if is_error else "SUCCESS")
    assert set(world.pushed()) == {"a.txt"}
    if not is_error:
        assert ran.outputs["commitId"] is None


def test_a_file_takes_the_place_of_a_folder_and_the_reverse(world):
    world.repository.commit({"_files/a/b.txt": "old", "_files/c": "old", "_files/.keep/x": "x"})
    world.file("acme.team", "a", b"file now")
    world.file("acme.team", "c/d.txt", b"folder now")

    world.task("PushNamespaceFiles", namespace="acme.team", delete=False).ok()

    assert world.pushed() == {
        "_files/.keep/x": "x", "_files/a": "file now", "_files/c/d.txt": "folder now",
    }  # fmt: skip


@pytest.mark.slow
def test_a_link_in_the_repository_is_replaced_and_never_followed(world):
    (world.repository.tree / "secret.txt").write_text("old")
    (world.repository.tree / "_files").mkdir()
    (world.repository.tree / "_files/a").symlink_to("../secret.txt")
    (world.repository.tree / "linked").symlink_to("_files")
    world.repository.commit({})
    world.file("acme.team", "a", b"new")

    world.task("PushNamespaceFiles", namespace="acme.team").ok()
    through = world.task("PushNamespaceFiles", namespace="acme.team", gitDirectory="linked/x")

    assert world.pushed()["secret.txt"] == "old"
    assert world.pushed()["_files/a"] == "new"
    assert through.state == "FAILED"
    assert "linked is no folder" in through.log


OUTPUT = {
    "id": "make",
    "type": "io.kestra.plugin.scripts.shell.Commands",
    "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
    "commands": ["mkdir d; printf one > d/one.csv; printf two > two.txt"],
    "outputFiles": ["**"],
}


def test_files_of_the_execution_are_pushed(world):
    common = {"url": world.url, "username": USER, "password": "{{ secret('GIT') }}"}
    kind = "io.kestra.plugin.git.PushExecutionFiles"
    named = "{{ outputs.make.outputFiles['two.txt'] }}"

    ran = world.tasks(
        [
            OUTPUT,
            {"id": "git", "type": kind, **common, "files": "*.csv"},
            {"id": "map", "type": kind, **common, "gitDirectory": "m",
             "filesMap": {"renamed/2.txt": named}},
            {"id": "all", "type": kind, **common, "gitDirectory": "all"},
            {"id": "none", "type": kind, **common, "files": "*.none"},
            {"id": "last", "type": kind, **common, "files": "*.none", "errorOnMissing": True},
        ]
    )  # fmt: skip

    assert dict(world.driver.runs(ran.execution)).get("last") == "FAILED", ran.log
    assert ran.outputs["commitId"]
    assert world.pushed() == {
        "_outputs/d/one.csv": "one", "m/renamed/2.txt": "two",
        "all/d/one.csv": "one", "all/two.txt": "two",
    }  # fmt: skip
    told = world.git("log", "--format=%s").splitlines()
    assert told == [f"Add files from execution {ran.execution}"] * 3
    assert world.driver.outputs(ran.execution, "none")["commitId"] is None


def hook(world, text):
    path = world.repository.bare / "hooks" / "pre-receive"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def test_two_pushers_at_once_lose_nothing(filled):
    """The hook pushes another commit while the first push is on its way, once."""
    filled.repository.git("commit", "-q", "--allow-empty", "-m", "Meanwhile")
    sha = filled.repository.git("rev-parse", "HEAD").strip()
    filled.repository.git("push", "-q", "origin", "HEAD:refs/heads/other")
    hook(filled, f"unset GIT_QUARANTINE_PATH\nif mkdir {filled.folder}/once; then "
                 f"git update-ref refs/heads/main {sha}; fi\n")  # fmt: skip

    ran = push(filled).ok()

    told = filled.git("log", "--format=%s", "main").splitlines()
    assert told == ["Add flows from acme.team namespace", "Meanwhile", "Change"]
    assert "trying again" in ran.log


def test_the_words_of_a_hook_that_rejects_are_told(filled):
    hook(filled, "echo 'no pushes on Fridays' >&2; exit 1\n")

    ran = push(filled)

    assert ran.state == "FAILED"
    assert "no pushes on Fridays" in ran.log
    assert set(filled.pushed()) == {"README.md"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gitDirectory": "../out"}, "leaves its folder"),
        ({"gitDirectory": "a/.git/hooks"}, "is Git's own folder"),
        ({"branch": "--force"}, "is no name of a branch"),
        ({"branch": "a..b"}, "is no name of a branch"),
        ({"url": "ext::sh%20-c%20id"}, "refused"),
        ({"url": "--upload-pack=x"}, "options"),
        ({"gitConfig": {"core.sshCommand": "id"}}, "core.sshCommand is not allowed"),
        ({"auth": {"apiToken": "t", "username": "u"}},
         "Cannot use both API Token authentication and HTTP Basic authentication"),
        ({"auth": {"username": "u"}},
         "Both username and password are required for HTTP Basic authentication"),
        ({"password": "wrong"}, "Authentication failed"),
    ],
)  # fmt: skip
def test_what_cannot_be_pushed_says_why(filled, given, message):
    ran = push(filled, **given)

    assert ran.state == "FAILED"
    assert message in ran.log
    assert set(filled.pushed()) == {"README.md"}


@pytest.mark.slow
def test_nested_namespaces_are_renamed_only_where_that_is_asked_for(world):
    text = flow("a", "dev") + "  - id: b\n    type: io.kestra.plugin.core.flow.Subflow\n"
    world.driver.save(text + "    namespace: dev\n    flowId: x\n")

    given = {"sourceNamespace": "dev", "targetNamespace": "prod", "gitDirectory": "f"}
    world.task("PushFlows", **given).ok()
    plain = world.pushed()["f/a.yml"]
    world.task("PushFlows", **given, rewriteReferences=True).ok()

    assert plain.startswith("id: a\nnamespace: prod\n")
    assert "    namespace: dev\n" in plain
    assert "    namespace: prod\n" in world.pushed()["f/a.yml"]
