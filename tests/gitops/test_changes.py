"""Changes proposed from here, folders of a client, promotions through a pipeline."""

import pytest

from app.errors import Conflict, Invalid
from app.gitops.plumbing import Person
from app.service.access import accounts
from app.service.gitops import bindings, changes, folder, origins, pipelines, records, sources
from app.service.gitops.changes import NewChange
from app.service.gitops.folder import Folder
from app.service.gitops.models import NewSource
from app.service.gitops.sync import tick
from tests.support.api import app_on
from tests.support.repository import flow, run

GRACE = Person(name="Grace Hopper", email="grace@example.org")


def change(text=None, key="acme.team/a", **more):
    edit = {"kind": "FLOW", "key": key, "content": text}
    return NewChange.model_validate({"binding": "team", "edits": [edit], **more})


def show(team, ref, what):
    return run(
        "git", "-C", str(team.repository.bare), "show", "-s", f"--format={what}", ref
    ).strip()


def connect(team, host):
    team.keep_secret("TOKEN", "secret-token")
    spec = {"name": "host", "provider": "github", "baseUrl": host.url}
    identity = {"name": "Trunkline Bot", "email": "bot@example.org"}
    auth = {"passwordSecret": "TOKEN"}
    records.connections.put(team.rt, {**spec, "identity": identity, "auth": auth})


def test_t17_a_change_becomes_a_branch_a_pull_request_and_after_its_merge_a_quiet_sync(team, host):
    connect(team, host)
    project = str(team.repository.bare).strip("/").removesuffix(".git")
    answer = {"number": 9, "html_url": "https://example.org/pull/9"}
    host.answer("POST", f"/repos/{project}/pulls", answer, 201)
    base = team.repository.commit({"flows/a.yaml": flow("a")})
    team.follow(source={"connection": "host"}, editMode="OVERWRITE", selfHeal=False)
    edited = flow("a", message="from here")
    team.driver.save(edited)

    made = changes.propose(team.rt, change(edited, title="Say more"), GRACE)
    team.repository.git("fetch", "-q", "origin", made.branch)
    team.repository.git("merge", "-q", "--no-edit", "FETCH_HEAD")
    team.repository.git("push", "-q", "origin", "HEAD")
    before = team.flow("a").revision
    seen = team.look()

    assert (made.url, made.number, made.paths) == (answer["html_url"], 9, ["flows/a.yaml"])
    assert made.branch.startswith("trunkline/grace-hopper/say-more-")
    who = show(team, made.branch, "%an <%ae> / %cn / %P")
    assert who == f"Grace Hopper <grace@example.org> / Trunkline Bot / {base}"
    message = show(team, made.branch, "%B")
    assert message.startswith("Say more\n")
    assert f"Trunkline-Change: {made.id}" in message
    pull = next(a for a in host.asked if a.path.endswith("/pulls")).data
    assert (pull["head"], pull["base"]) == (made.branch, "main")
    assert (seen.sync_state, team.flow("a").revision) == ("Synced", before)


def test_a_new_flow_gets_its_place_by_the_layout_and_one_may_be_deleted(team):
    team.repository.commit({"acme.team/flows/a.yaml": flow("a")})
    team.follow(layout="namespace-first")
    new = change(flow("b"), key="acme.team/b")
    gone = change(None)

    added = changes.propose(team.rt, new, GRACE)
    removed = changes.propose(team.rt, gone, GRACE)

    def files(change):
        command = ["git", "-C", str(team.repository.bare), "ls-tree", "-r", "--name-only"]
        return run(*command, change.sha).split()

    assert files(added) == ["acme.team/flows/a.yaml", "acme.team/flows/b.yaml"]
    assert files(removed) == []
    assert added.url is None


def test_a_direct_commit_needs_permission_and_never_overwrites_what_others_pushed(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(directCommit=True)
    made = changes.propose(team.rt, change(flow("a", message="direct"), direct=True), GRACE)
    team.look()
    team.repository.git("pull", "-q", "--rebase", "origin", "main")
    theirs = team.repository.commit({"b.yaml": flow("b")})

    with pytest.raises(Conflict, match=r"push to main was refused.*has moved.*new plan"):
        changes.propose(team.rt, change(flow("a", message="late"), direct=True), GRACE)

    assert made.branch == "main"
    assert "direct" in team.flow("a").source
    assert show(team, "main", "%H") == theirs


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        (change("id: a\nnamespace: acme.team\n"), Invalid, "tasks"),
        (change(flow("other")), Invalid, "not acme.team/a"),
        (change(flow("a", "elsewhere"), key="elsewhere/a"), Invalid, "outside of acme"),
        (change(None, key="acme.team/none"), Invalid, "does not own"),
        (change(flow("a"), direct=True), Conflict, "directCommit"),
    ],
)
def test_a_change_that_cannot_be_is_refused(team, new, error, words):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    with pytest.raises(error, match=words):
        changes.propose(team.rt, new, GRACE)
    assert run("git", "-C", str(team.repository.bare), "branch").split() == ["*", "main"]


def test_a_change_of_a_flow_whose_file_was_moved_goes_to_where_the_file_is_now(team):
    team.repository.commit({"flows/a.yaml": flow("a")})
    team.follow()
    team.repository.git("mv", "flows/a.yaml", "moved.yaml")
    team.repository.commit({})
    team.look()

    made = changes.propose(team.rt, change(flow("a", message="new")), GRACE)

    tree = run("git", "-C", str(team.repository.bare), "ls-tree", "-r", "--name-only", made.sha)
    assert (made.paths, tree.split()) == (["moved.yaml"], ["moved.yaml"])


def test_a_name_with_git_in_mind_stays_a_name(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    nasty = Person(name="Eve <root@x>\n--exec=x", email="e v@e\n>")

    made = changes.propose(team.rt, change(flow("a", message="x"), title="--amend `x`"), nasty)

    assert show(team, made.branch, "%an|%ae|%s") == "Eve root@x--exec=x|ev@e|--amend `x`"


# -- folders


def test_a_folder_is_planned_and_applied_as_a_whole(team):
    team.driver.save(flow("old"))
    team.driver.save(flow("a"))
    files = {"a.yaml": flow("a", message="new"), "b.yaml": flow("b"), "_files/x.txt": "1"}
    given = Folder(files=files, namespace="acme", delete=True)

    planned = folder.plan(team.rt, given)
    before = team.flow("a").revision
    folder.apply(team.rt, given, author="ada")

    acts = {item.key: item.action.value for item in planned.items}
    assert acts == {"acme.team/a": "UPDATE", "acme.team/b": "CREATE", "acme.team/old": "DELETE",
                    "acme:x.txt": "CREATE"}  # fmt: skip
    assert "+    message: new" in next(i.diff for i in planned.items if i.key == "acme.team/a")
    assert (before, team.flow("a").revision, team.has_flow("old")) == (1, 2, False)
    assert team.file("x.txt", "acme") == b"1"
    assert not folder.plan(team.rt, given).changes


def test_a_folder_leaves_to_git_what_git_owns(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    given = Folder(files={"a.yaml": flow("a", message="x"), "b.yaml": flow("b")}, namespace="acme")

    planned = folder.plan(team.rt, given)

    assert "belongs to another binding" in planned.problems[1]
    with pytest.raises(Conflict, match="belongs to another"):
        folder.apply(team.rt, given, author="ada")
    assert not team.has_flow("b")


def test_a_wrong_file_of_a_folder_stops_all_of_it(team):
    given = Folder(files={"a.yaml": flow("a"), "b.yaml": "id: b\n"}, namespace="acme")

    with pytest.raises(Conflict, match=r"b.yaml"):
        folder.apply(team.rt, given, author="ada")
    assert not team.has_flow("a")


# -- promotions


def two_stages(team, **gates):
    """dev and prod: two folders of one repository that say the same."""
    files = {"dev/a.yaml": flow("a", "dev"), "prod/a.yaml": flow("a", "prod")}
    first = team.repository.commit(files)
    binding = {"name": "dev", "namespace": "dev", "path": "dev"}
    data = {"name": "team", "url": team.repository.url, "binding": binding}
    sources.add(team.rt, NewSource.model_validate(data))
    team.look("dev")
    team.bind(name="prod", namespace="prod", path="prod", automated=False)
    team.ask("prod")
    stages = [{"binding": "dev"}, {"binding": "prod", **gates}]
    records.pipelines.put(team.rt, {"name": "release", "stages": stages})
    return first


def move(team, message):
    files = {f"{n}/a.yaml": flow("a", n, message) for n in ("dev", "prod")}
    sha = team.repository.commit(files)
    team.look("dev")
    return sha


def promote(team, sha=None):
    return pipelines.promote(team.rt, "release", "prod", sha, actor="ada")


def test_a_commit_that_is_well_in_one_stage_is_moved_to_the_next(team):
    two_stages(team)
    sha = move(team, "new")
    before = team.flow("a", "prod").source

    done = promote(team)
    team.poll()
    team.ask("prod")

    assert "hello" in before
    assert (done.status, done.sha) == ("SUCCEEDED", sha)
    assert team.binding("prod").applied_sha == sha
    assert "new" in team.flow("a", "prod").source


def test_a_commit_that_is_not_well_is_not_promoted(team):
    first = two_stages(team)
    move(team, "new")
    team.repository.commit({"dev/b.yaml": "id: b\n"})
    team.look("dev")

    with pytest.raises(Conflict, match="not Synced and Healthy"):
        promote(team)
    with pytest.raises(Conflict, match="not at"):
        promote(team, first)
    with pytest.raises(Invalid, match="first stage"):
        pipelines.promote(team.rt, "release", "dev", None, actor="ada")


def test_a_promotion_waits_for_each_of_its_gates(team):
    gates = {"approval": True, "soak": "PT1H", "flows": ["dev/a"], "successes": 2}
    two_stages(team, **gates)
    window = {"name": "freeze", "kind": "deny", "cron": "0 0 * * *", "duration": "PT12H30M"}
    records.windows.put(team.rt, {**window, "bindings": ["prod"]})
    move(team, "new")
    open_gates = []

    row = promote(team)
    open_gates.append(len(row.gates))
    pipelines.approve(team.rt, row.id, "grace")
    open_gates.append(len(pipelines.get(team.rt, row.id).gates))
    for _ in range(2):
        team.driver.start("dev", "a")
        team.driver.work()
    tick(team.rt)
    open_gates.append(len(pipelines.get(team.rt, row.id).gates))
    team.driver.clock.advance(3601)
    tick(team.rt)

    assert open_gates == [4, 3, 2]
    assert pipelines.get(team.rt, row.id).status == "SUCCEEDED"


def test_only_the_newest_promotion_of_a_stage_waits(team):
    two_stages(team, approval=True)
    first = promote(team)
    move(team, "new")

    second = promote(team)

    statuses = [pipelines.get(team.rt, row.id).status for row in (first, second)]
    assert statuses in (["SUPERSEDED", "WAITING"], ["FAILED", "WAITING"])


def branch_stage(team):
    """dev follows main, prod the branch that promotions move; the first and the second commit."""
    first = team.repository.commit({"a.yaml": flow("a", "dev")})
    team.repository.git("push", "-q", "origin", "HEAD:refs/heads/stable")
    for name, ref in (("dev", "main"), ("prod", "stable")):
        config = {"name": name, "namespace": name, "policy": {"kinds": ["FLOW"]}}
        data = {"name": name, "url": team.repository.url, "ref": ref, "binding": config}
        sources.add(team.rt, NewSource.model_validate(data))
    rewrite = "rewrite: {'*': {}}\n"
    second = team.repository.commit({"trunkline.yaml": rewrite, "a.yaml": flow("a", "dev", "2")})
    team.look("dev", "dev")
    stages = [{"binding": "dev"}, {"binding": "prod", "mode": "branch"}]
    records.pipelines.put(team.rt, {"name": "release", "stages": stages})
    return first, second


def test_a_stage_may_be_a_branch_that_is_fast_forwarded(team):
    first, second = branch_stage(team)

    row = promote(team)
    team.poll("prod")

    assert pipelines.get(team.rt, row.id).status == "SUCCEEDED"
    assert show(team, "stable", "%H") == second != first


def test_a_branch_may_be_named_and_pushed_without_a_pull_request(team, host):
    connect(team, host)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(source={"connection": "host"})
    edited = flow("a", message="named")

    made = changes.propose(team.rt, change(edited, branch="fix/load", pullRequest=False), GRACE)

    assert (made.branch, made.url) == ("fix/load", None)
    assert show(team, "fix/load", "%H") == made.sha
    assert not [a for a in host.asked if a.path.endswith("/pulls")]
    with pytest.raises(Conflict, match="has moved"):
        changes.propose(team.rt, change(flow("a", message="other"), branch="fix/load"), GRACE)
    with pytest.raises(Invalid, match="no name of a branch"):
        change(flow("a"), branch="--force")


def test_a_resource_knows_where_it_comes_from(team, host):
    connect(team, host)
    sha = team.repository.commit({"flows/a.yaml": flow("a"), "b.yaml": flow("b")}, "Add a and b")
    team.follow(source={"connection": "host"}, editMode="BLOCK", directCommit=True)

    found = origins.find(team.rt, "FLOW", "acme.team/a")

    assert found is not None
    assert (found.binding, found.ref, found.path, found.commit) == (
        "team",
        "main",
        "flows/a.yaml",
        sha,
    )
    assert (found.edit_mode, found.direct_commit, found.subject) == ("BLOCK", True, "Add a and b")
    assert found.url == team.repository.url
    assert origins.find(team.rt, "FLOW", "acme.team/none") is None


def test_a_resource_tells_that_its_binding_follows_no_push(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    before = origins.find(team.rt, "FLOW", "acme.team/a")
    bindings.suspend(team.rt, "team", suspended=True)
    after = origins.find(team.rt, "FLOW", "acme.team/a")

    assert before is not None
    assert after is not None
    assert (before.suspended, after.suspended) == (False, True)


def test_the_route_of_origins_answers_who_may_read_the_flow(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    client = app_on(team.rt).test_client()
    for name, place in (("ann", "acme.team"), ("bob", "other")):
        grants = [{"role": "viewer", "namespace": place}]
        accounts.create(team.rt, name, password="correct horse", grants=grants)

    def ask(name, **query):
        return client.get(
            "/api/v1/main/gitops/origin", query_string=query, auth=(name, "correct horse")
        )

    told = ask("ann", key="acme.team/a").get_json()

    assert (told["managed"], told["binding"], told["editMode"]) == (True, "team", "LOCKED")
    assert told["signed"] is False
    assert ask("bob", key="acme.team/a").status_code == 403
    foreign = ask("ann", key="acme.team/none").get_json()
    assert foreign == {"kind": "FLOW", "key": "acme.team/none", "managed": False}
    assert ask("ann", key="acme.team/a", kind="X").status_code == 400


def test_origins_of_many_flows_come_in_one_call(team):
    sha = team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow()
    client = app_on(team.rt).test_client()
    accounts.create(
        team.rt, "ann", password="correct horse",
        grants=[{"role": "viewer", "namespace": "acme.team"}],
    )  # fmt: skip

    def ask(*places):
        listed = [{"namespace": n, "id": i} for n, i in places]
        where = "/api/v1/main/gitops/origins/flows"
        return client.post(where, json=listed, auth=("ann", "correct horse"))

    found = ask(("acme.team", "b"), ("acme.team", "none"), ("acme.team", "a")).get_json()

    assert {item["id"] for item in found} == {"a", "b"}
    assert {(i["binding"], i["state"], i["commit"]) for i in found} == {("team", "Synced", sha)}
    assert ask(("other", "a")).status_code == 403
