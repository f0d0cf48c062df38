"""Bindings: who may edit, what is adopted and released, what a folder says about itself."""

import io

import pytest

from app.database import git_bindings
from app.errors import Conflict, Invalid
from app.gitops.config import read_config
from app.gitops.layout import Kind
from app.service import flows, namespace_files
from app.service.gitops import bindings, overview, records, sources
from app.service.ownership import ManagedByGit
from tests.support.api import app_on
from tests.support.repository import flow

HOOK = "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: a-long-key}]\n"


def test_t10_a_locked_flow_is_not_edited_and_the_answer_says_where_to_change_it(team):
    team.repository.commit({"flows/a.yaml": flow("a")})
    team.follow()

    with pytest.raises(ManagedByGit, match=r"Git binding 'team' \(flows/a.yaml\).*propose"):
        team.driver.save(flow("a", message="by hand"))
    with pytest.raises(ManagedByGit):
        flows.delete(team.rt, "acme.team", "a")
    assert team.flow("a").revision == 1


def test_an_administrator_may_force_an_edit_and_drift_is_seen_at_once(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(selfHeal=False)

    flows.save(team.rt, flow("a", message="by hand"), force=True)
    state = team.binding().sync_state
    seen = team.look()

    assert state == "Drifted"
    assert (seen.sync_state, seen.health) == ("Drifted", "Healthy")
    assert "by hand" in team.flow("a").source
    assert team.flow("a").git["detached"] is True


def test_t10_with_overwrite_an_edit_stands_until_git_changes(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE", selfHeal=False)
    team.driver.save(flow("a", message="by hand"))

    drifted = team.look()
    team.repository.commit({"a.yaml": flow("a", message="in git")})
    synced = team.look()

    assert drifted.sync_state == "Drifted"
    assert (synced.sync_state, team.flow("a").revision) == ("Synced", 3)
    assert "in git" in team.flow("a").source


def test_t10_with_block_an_edit_stops_the_binding_until_somebody_decides(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow(editMode="BLOCK")
    team.driver.save(flow("a", message="by hand"))
    team.repository.commit({"b.yaml": flow("b", message="new")})

    blocked = team.look()
    b_then = team.flow("b").revision
    bindings.take(team.rt, "team", [(Kind.FLOW, "acme.team/a")])
    decided = team.look()

    assert (blocked.sync_state, blocked.health, b_then) == ("Conflict", "Degraded", 1)
    assert "let Git win" in blocked.problems[1]
    assert (decided.sync_state, decided.taken) == ("Synced", [])
    assert "by hand" not in team.flow("a").source
    assert team.flow("b").revision == 2


def test_files_of_a_namespace_are_locked_too(team):
    team.repository.commit({"acme.team/files/x.txt": "1"})
    team.follow(layout="namespace-first")

    with pytest.raises(ManagedByGit):
        namespace_files.write(team.rt, "acme.team", "x.txt", io.BytesIO(b"2"))
    with pytest.raises(ManagedByGit):
        namespace_files.delete(team.rt, "acme.team", "x.txt")
    with pytest.raises(ManagedByGit):
        namespace_files.delete_many(team.rt, "acme.team", ["x.txt"], folders=True)
    with pytest.raises(ManagedByGit):
        namespace_files.move(team.rt, "acme.team", "x.txt", "y.txt")
    namespace_files.write(team.rt, "acme.team", "mine.txt", io.BytesIO(b"2"))
    assert team.file("x.txt") == b"1"


def test_over_http_a_locked_flow_is_a_409_with_its_reason(team):
    team.set(auth_enabled=False)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    client = app_on(team.rt).test_client()

    text = flow("a", message="by hand")
    refused = client.put("/api/v1/main/flows/acme.team/a", data=text)
    forced = client.put("/api/v1/main/flows/acme.team/a?force=true", data=text)

    assert refused.status_code == 409
    assert "managed by the Git binding 'team'" in refused.get_json()["message"]
    assert (forced.status_code, forced.get_json()["revision"]) == (200, 2)


def test_a_locked_flow_among_many_is_told_and_the_others_are_switched(team):
    team.set(auth_enabled=False)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    for name in ("b", "c"):
        team.driver.save(flow(name))
    client = app_on(team.rt).test_client()
    places = [{"namespace": "acme.team", "id": name} for name in ("a", "b", "c")]
    prefix = {"filters[namespace][EQUALS]": "acme.team"}

    off = client.post("/api/v1/main/flows/disable/by-ids", json=places)
    unknown = client.post(
        "/api/v1/main/flows/enable/by-ids", json=[*places, {"namespace": "acme.team", "id": "z"}]
    )
    disabled = [team.flow(name).disabled for name in ("a", "b", "c")]
    none = client.post("/api/v1/main/flows/disable/by-query", query_string=prefix)
    on = client.post("/api/v1/main/flows/enable/by-query", query_string=prefix)

    assert off.status_code == 200
    told = off.get_json()
    assert (told["count"], told["totalItems"], [f["id"] for f in told["failed"]]) == (2, 3, ["a"])
    assert "managed by the Git binding 'team'" in told["failed"][0]["message"]
    assert (unknown.status_code, disabled) == (404, [False, True, True])
    assert none.status_code == 400
    assert "managed by the Git binding 'team'" in none.get_json()["message"]
    assert [item["invalidValue"] for item in none.get_json()["invalids"]] == ["acme.team.a"]
    assert (on.get_json()["count"], on.get_json()["failed"]) == (2, [])


def test_drift_that_comes_again_and_again_is_healed_more_and_more_slowly(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE")
    revisions = []

    for pause in (0, 1, 20, 1):
        team.driver.clock.advance(pause)
        if "by hand" not in team.flow("a").source:
            team.driver.save(flow("a", message="by hand"))
        team.poll()
        revisions.append("by hand" in team.flow("a").source)

    assert revisions == [False, True, False, True]


def test_released_resources_stay_and_may_be_edited(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow()

    count = bindings.release(team.rt, "team", [(Kind.FLOW, "acme.team/a")])
    team.driver.save(flow("a", message="by hand"))
    seen = team.look()

    assert count == 1
    assert "adopt it" in " ".join(seen.problems)
    with pytest.raises(ManagedByGit):
        team.driver.save(flow("b", message="by hand"))


@pytest.mark.parametrize("body", [["a"], {"key": []}, {"keys": [{"kind": "FLOW"}]}, {"keys": 1}])
def test_a_body_that_names_nothing_readable_never_means_everything(body):
    with pytest.raises(Invalid):
        bindings.read_keys(body)


def test_an_edit_during_a_sync_is_not_forgotten(team):
    team.repository.commit({"a.yaml": flow("a")})
    seen = team.follow(editMode="OVERWRITE")
    team.driver.clock.advance(1)
    team.driver.save(flow("a", message="by hand"))

    with team.rt.database.transaction() as tx:
        took = git_bindings.write_seen(tx, seen, compare_at=team.rt.clock())

    assert not took
    assert team.binding().compare_at < team.rt.clock()


def test_one_flow_that_exists_is_adopted_by_name(team):
    team.driver.save(flow("a", message="mine"))
    team.driver.save(flow("b", message="mine"))
    team.repository.commit({"a.yaml": flow("a")})
    refused = team.follow()

    bindings.take(team.rt, "team", [(Kind.FLOW, "acme.team/a")])
    adopted = team.look()

    assert refused.applied_sha is None
    assert adopted.sync_state == "Synced"
    assert "mine" not in team.flow("a").source
    assert "mine" in team.flow("b").source


def test_the_same_flow_on_both_sides_blocks_nothing_and_is_not_owned(team):
    team.driver.save(flow("a"))
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})

    seen = team.follow()

    assert (seen.sync_state, team.flow("a").git) == ("Synced", None)
    team.driver.save(flow("a", message="still mine"))


def test_deleting_a_binding_keeps_its_flows_unless_they_go_with_it(team):
    team.repository.commit({"a.yaml": flow("a"), "acme/files/x": "1"})
    team.follow()
    bindings.remove(team.rt, "team")
    team.driver.save(flow("a", message="free"))
    team.bind(name="again", namespace="acme", adopt=True)

    bindings.remove(team.rt, "again", cascade=True)

    assert not team.has_flow("a")
    with pytest.raises(bindings.BindingNotFound):
        team.binding("again")


def test_a_suspended_binding_is_left_alone_and_caught_up_later(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    bindings.suspend(team.rt, "team", suspended=True)
    team.repository.commit({"a.yaml": flow("a", message="new")})

    left = team.look()
    then = team.flow("a").revision
    bindings.suspend(team.rt, "team", suspended=False)
    caught = team.look()

    assert (left.health, then) == ("Suspended", 1)
    assert (caught.health, team.flow("a").revision) == ("Healthy", 2)
    bindings.suspend(team.rt, "team", suspended=True)
    with pytest.raises(Conflict, match="suspended"):
        sources.ask_sync(team.rt, "team", actor="ada", is_plan=False)


def test_a_folder_says_its_layout_what_to_ignore_and_how_namespaces_are_called(team):
    team.set(environment="prod")
    config = "layout: namespace-first\nignore: ['*.bak']\nrewrite: {prod: {acme.dev: acme.prod}}\n"
    team.repository.commit(
        {
            "trunkline.yaml": config,
            ".kestraignore": "# no drafts\ndrafts/\n!keep\n",
            "acme.dev/flows/a.yaml": flow("a", "acme.dev"),
            "acme.dev/flows/drafts/b.yaml": flow("b", "acme.dev"),
            "acme.dev/files/x.txt": "1",
            "acme.dev/files/x.bak": "1",
        }
    )

    seen = team.follow()

    assert seen.problems == []
    assert "namespace: acme.prod" in team.flow("a", "acme.prod").source
    assert not team.has_flow("a", "acme.dev")
    assert not team.has_flow("b", "acme.prod")
    assert team.file("x.txt", "acme.prod") == b"1"
    with pytest.raises(namespace_files.FileNotFound):
        team.file("x.bak", "acme.prod")


def test_a_changed_rewrite_is_applied_although_no_flow_changed(team):
    config = "rewrite: {'*': {acme.dev: acme.%s}}\n"
    team.repository.commit({"trunkline.yaml": config % "one", "a.yaml": flow("a", "acme.dev")})
    team.follow(prune=True, maxDeletePercent=100)
    team.repository.commit({"trunkline.yaml": config % "two"})

    team.look()

    assert team.has_flow("a", "acme.two")
    assert not team.has_flow("a", "acme.one")


def test_a_wrong_configuration_is_named_and_changes_nothing(team):
    team.repository.commit({"trunkline.yaml": "layout: round\n", "a.yaml": flow("a")})

    seen = team.follow()

    assert "trunkline.yaml: layout:" in seen.problems[0]
    assert "(line 1, column 1)" in seen.problems[0]
    assert not team.has_flow("a")


@pytest.mark.parametrize(
    "text",
    ["ignore: !!timestamp x", "ignore: !!bool x", "ignore: !!int x", f"ignore: {'9' * 5000}",
     "ignore: [a]\nignore: [b]", "- a", "a: 2021-99-99"],
)  # fmt: skip
def test_no_configuration_of_a_repository_is_a_mistake_of_the_server(text):
    with pytest.raises(Invalid, match=r"^trunkline\.yaml: .*line [12], column"):
        read_config(text.encode())


def test_nothing_is_deleted_in_a_protected_namespace(team):
    names = {"a.yaml": flow("a"), "b.yaml": flow("b", "acme.core.x"), "c.yaml": flow("c")}
    team.repository.commit(names)
    team.follow(prune=True, protected=["acme.core"], maxDeletePercent=100)
    team.repository.commit({"a.yaml": None, "b.yaml": None})

    seen = team.look()

    assert not team.has_flow("a")
    assert team.has_flow("b", "acme.core.x")
    assert seen.sync_state == "OutOfSync"


def test_more_deletions_than_allowed_stop_the_sync(team):
    team.repository.commit({f"{n}.yaml": flow(n) for n in "abcdef"})
    team.follow(prune=True, maxDeletePercent=100, maxDeletes=1)
    team.repository.commit({"a.yaml": None, "b.yaml": None})

    seen = team.look()

    assert "maxDeletes" in seen.problems[0]
    assert team.has_flow("a")


def test_only_the_kinds_that_are_asked_for_are_taken(team):
    team.repository.commit({"a.yaml": flow("a"), "_files/x.txt": "1"})

    team.follow(kinds=["FLOW"])

    assert team.has_flow("a")
    with pytest.raises(namespace_files.FileNotFound):
        team.file("x.txt", "acme")


def test_without_automation_a_commit_waits_for_a_person(team):
    team.repository.commit({"a.yaml": flow("a")})

    seen = team.follow(automated=False)
    before = team.has_flow("a")
    done = team.ask()

    assert (seen.sync_state, before) == ("OutOfSync", False)
    assert (done.status, done.reason, done.actor) == ("SUCCEEDED", "manual", "ada")
    assert team.has_flow("a")
    assert [row.id for row in team.history()] == [done.id]


def test_t13_a_renamed_file_keeps_the_revision_and_the_triggers_cursor(team):
    schedule = HOOK.replace("Webhook, key: a-long-key", "Schedule, cron: '0 0 * * *'")
    team.repository.commit({"a.yaml": flow("a", more=schedule)})
    team.follow(prune=True)
    with team.rt.database.reading() as tx:
        before = bindings.flows.triggers.list_of_flow(tx, "acme.team", "a")
    team.driver.clock.advance(3 * 86400)  # a trigger made anew would wait for another night
    team.repository.git("mv", "a.yaml", "renamed.yaml")
    team.repository.commit({})

    team.look()

    with team.rt.database.reading() as tx:
        after = bindings.flows.triggers.list_of_flow(tx, "acme.team", "a")
    assert team.flow("a").revision == 1
    assert [row.next_at for row in before] == [row.next_at for row in after]
    assert [r.path for r in overview.resources(team.rt, "team")] == ["renamed.yaml"]


def test_settings_are_replaced_and_names_stay(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    changed = bindings.alter(team.rt, "team", prune=True, maxDeletes=5)

    assert (changed.policy["prune"], changed.policy["max_deletes"]) == (True, 5)
    with pytest.raises(Invalid, match="name"):
        bindings.alter(team.rt, "team", name="other")


def test_a_connection_in_use_is_not_removed_and_an_unknown_one_is_named(team):
    records.connections.put(team.rt, {"name": "host", "provider": "gitea"})
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(source={"connection": "host"})

    with pytest.raises(Conflict, match="used by the sources team"):
        records.connections.drop(team.rt, "host")
    with pytest.raises(Invalid, match="connection: no Git connection 'none'"):
        team.follow(source={"name": "other", "connection": "none"})
