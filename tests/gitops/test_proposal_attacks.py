"""Proposals that would take more along than their author sees, and pushes that must not be lost."""

import pytest

from app.database.git_lists import Wanted
from app.errors import Conflict, Invalid
from app.service.access import accounts, roles
from app.service.gitops import changes, folder, overview, sources
from app.service.gitops.changes import NewChange
from app.service.gitops.folder import Folder
from tests.gitops.test_changes import GRACE, change, connect
from tests.support.api import app_on
from tests.support.repository import flow, run


def edits(*given, **more):
    return NewChange.model_validate({"binding": "team", "edits": list(given), **more})


def told(team):
    return [row.title for row in overview.changes(team.rt, None, Wanted())[0]]


def branches(team):
    return run(
        "git", "-C", str(team.repository.bare), "branch", "--format=%(refname:short)"
    ).split()


TAKEN = {
    "the file of a flow of others": ("acme/team/new.yaml", flow("b", "acme.other")),
    "a folder": ("acme/team/new.yaml/k.yaml", flow("k")),
    "a file that is no folder": ("acme/team", "a text"),
}


@pytest.mark.parametrize(("path", "text"), TAKEN.values(), ids=TAKEN)
def test_a_new_flow_takes_no_place_that_is_taken(team, path, text):
    team.repository.commit({path: text})
    team.follow()

    with pytest.raises(Conflict, match=r"acme/team/new.yaml: the repository has .* there"):
        changes.propose(team.rt, change(flow("new"), key="acme.team/new"), GRACE)

    assert branches(team) == ["main"]


def test_a_new_file_goes_to_where_the_folder_s_own_layout_has_it(team):
    team.repository.commit({"trunkline.yaml": "layout: declared\n", "a.yaml": flow("a")})
    team.follow(layout="namespace-first")
    file = {"kind": "FILE", "key": "acme.team:evil.yaml", "content": flow("evil", "acme.other")}

    made = changes.propose(team.rt, edits(file), GRACE)

    assert made.paths == ["team/_files/evil.yaml"]


@pytest.mark.parametrize("layout", ["declared", "namespace-first"])
def test_what_is_rewritten_here_goes_back_under_the_name_that_the_repository_has(team, layout):
    """With the name of here it would be wrong in every other environment."""
    team.set(environment="prod")
    place = {"declared": "acme/dev", "namespace-first": "acme.dev/flows"}[layout]
    rewrite = f"layout: {layout}\nrewrite: {{prod: {{acme.dev: acme.prod}}}}\n"
    files = {"trunkline.yaml": rewrite, f"{place}/a.yaml": flow("a", "acme.dev")}
    team.repository.commit(files)
    team.follow(directCommit=True)
    there = team.flow("a", "acme.prod").source
    texts = {"a": there.replace("hello", "edited"), "b": flow("b", "acme.prod")}

    made = changes.propose(
        team.rt,
        edits(*({"key": f"acme.prod/{i}", "content": t} for i, t in texts.items()), direct=True),
        GRACE,
    )
    team.look()

    assert made.paths == [f"{place}/a.yaml", f"{place}/b.yaml"]
    bare = ["git", "-C", str(team.repository.bare)]
    for name in "ab":
        text = run(*bare, "show", f"main:{place}/{name}.yaml")
        assert "namespace: acme.dev\n" in text
        assert team.has_flow(name, "acme.prod")
    assert "edited" in team.flow("a", "acme.prod").source


def test_a_resource_is_edited_once_and_by_a_binding_that_takes_it(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(kinds=["FLOW"])
    twice = [{"key": "acme.team/a", "content": flow("a", message=m)} for m in ("x", "y")]

    with pytest.raises(Invalid, match=r"'acme.team/a' is edited twice"):
        changes.propose(team.rt, edits(*twice), GRACE)
    with pytest.raises(Invalid, match="team does not take the kind FILE"):
        changes.propose(
            team.rt, edits({"kind": "FILE", "key": "acme.team:x", "content": ""}), GRACE
        )


def test_a_change_that_changes_nothing_is_a_conflict(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    with pytest.raises(Conflict, match="holds already"):
        changes.propose(team.rt, change(flow("a")), GRACE)


def test_a_direct_commit_of_a_source_that_is_suspended_is_kept_as_the_change_it_is(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(directCommit=True)
    sources.suspend(team.rt, "team", suspended=True)

    made = changes.propose(
        team.rt, change(flow("a", message="x"), direct=True, title="Direct"), GRACE
    )

    assert made.branch == "main"
    assert told(team) == ["Direct"]


@pytest.mark.parametrize("answer", [{"html_url": "x"}, [], {"number": None}], ids=str)
def test_a_pushed_branch_is_kept_whatever_its_host_answers(team, host, answer):
    connect(team, host)
    project = str(team.repository.bare).strip("/").removesuffix(".git")
    host.answer("POST", f"/repos/{project}/pulls", answer, 201)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(source={"connection": "host"})

    made = changes.propose(team.rt, change(flow("a", message="x"), title="Odd"), GRACE)

    assert (made.number, made.error) == (None, "the host answered otherwise than expected")
    assert told(team) == ["Odd"]


def test_who_declares_sources_by_a_direct_commit_is_an_administrator_of_git(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(directCommit=True, kinds=["FLOW", "SOURCE", "BINDING"])
    accounts.create(team.rt, "ada", password="correct horse", grants=[{"role": "editor"}])
    text = "kind: GitSource\nname: mine\nurl: https://git.example.org/x.git\n"
    body = {"binding": "team", "edits": [{"kind": "SOURCE", "key": "mine", "content": text}]}

    def send(direct):
        client = app_on(team.rt).test_client()
        login = ("ada", "correct horse")
        return client.post(
            "/api/v1/main/gitops/changes", json={**body, "direct": direct}, auth=login
        )

    refused, proposed = send(True), send(False)

    assert (refused.status_code, proposed.status_code) == (403, 200)
    assert "git:admin" in refused.get_data(as_text=True)


def test_a_folder_deletes_nothing_of_the_system_unless_it_is_named(team):
    for namespace in ("system", "acme"):
        team.driver.save(flow("gone", namespace))
    files = {"a.yaml": flow("a", "acme")}

    folder.apply(team.rt, Folder(files=files, delete=True), author="ada")
    kept = (team.has_flow("gone", "acme"), team.has_flow("gone", "system"))
    own = {"a.yaml": flow("a", "system")}
    folder.apply(team.rt, Folder(files=own, namespace="system", delete=True), author="ada")

    assert kept == (False, True)
    assert not team.has_flow("gone", "system")


def test_who_may_not_read_flows_reads_none_in_the_plan_of_a_folder(team):
    role = roles.create(team.rt, "git only", permissions=["git:read"])
    accounts.create(team.rt, "ada", password="correct horse", grants=[{"role": role.name}])
    client = app_on(team.rt).test_client()

    answer = client.post(
        "/api/v1/main/gitops/folder/plan",
        json={"files": {"a.yaml": flow("a")}},
        auth=("ada", "correct horse"),
    )

    assert answer.status_code == 403
    assert "flow:read" in answer.get_data(as_text=True)
