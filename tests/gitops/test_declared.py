"""Sources and bindings that are files of a repository themselves."""

import pytest
import yaml

from app.errors import NotFound
from app.service.gitops import bindings, sources, sync
from app.service.gitops.models import NewBinding
from app.service.ownership import ManagedByGit
from tests.support.repository import Repository, flow


@pytest.fixture
def other(tmp_path):
    made = Repository(tmp_path / "other")
    made.commit({"prod/x.yaml": flow("x", "acme.prod"), "test/y.yaml": flow("y", "acme.test")})
    return made


def source(repository, **more):
    data = {"kind": "GitSource", "name": "apps", "url": repository.url, "pollInterval": 60, **more}
    return yaml.safe_dump(data)


def binding(name="apps-prod", **more):
    place = {"source": "apps", "path": "/prod/", "namespace": "acme.prod"}
    return yaml.safe_dump({"kind": "GitBinding", "name": name, **place, **more})


def administer(team, **more):
    return team.follow(kinds=["SOURCE", "BINDING"], **{"prune": True, **more})


def look_at(team):
    assert sync.work(team.rt, sources.find(team.rt, "apps").id)


@pytest.fixture
def declared(team, other):
    """The admin binding `team` after it has declared `apps` and `apps-prod`."""
    files = {"_gitops/apps.yaml": source(other), "_gitops/prod.yaml": binding()}
    team.repository.commit(files)
    administer(team)
    return team


def test_a_source_and_its_binding_are_declared_and_followed(declared):
    asked = list(declared.rt.publisher.sources)
    look_at(declared)

    assert declared.binding().sync_state == "Synced"
    assert sources.find(declared.rt, "apps").id in asked
    assert declared.binding("apps-prod").sync_state == "Synced"
    assert declared.flow("x", "acme.prod").git["source"] == "apps"
    assert not declared.has_flow("y", "acme.test")


def test_the_same_again_changes_nothing(declared):
    before = declared.history()

    declared.look()

    assert declared.history() == before
    assert declared.binding().sync_state == "Synced"


def test_a_changed_file_changes_the_settings_and_a_new_one_adds(declared, other):
    look_at(declared)
    more = binding("apps-test", path="test", namespace="acme.test")
    files = {"_gitops/prod.yaml": binding(editMode="BLOCK"), "_gitops/test.yaml": more}
    declared.repository.commit({**files, "_gitops/apps.yaml": source(other, pollInterval=90)})
    declared.look()
    look_at(declared)

    assert bindings.settings_of(declared.binding("apps-prod")).edit_mode == "BLOCK"
    assert declared.has_flow("y", "acme.test")
    assert sources.find(declared.rt, "apps").poll_interval_s == 90


def test_a_removed_file_forgets_the_binding_and_keeps_its_flows(declared):
    look_at(declared)
    declared.repository.commit({"_gitops/prod.yaml": None, "_gitops/apps.yaml": None, "x": "x"})

    seen = declared.look()
    released = bindings.alter(declared.rt, "team", allowEmpty=True, maxDeletePercent=100)
    declared.look()

    assert declared.binding().problems == []
    assert seen.sync_state == "OutOfSync"  # all of it at once is what the guard is for
    assert released.id == declared.binding().id
    with pytest.raises(NotFound):
        declared.binding("apps-prod")
    with pytest.raises(NotFound):
        sources.find(declared.rt, "apps")
    assert declared.has_flow("x", "acme.prod")


def test_what_a_file_declares_is_locked_elsewhere(declared):
    with pytest.raises(ManagedByGit, match=r"_gitops/prod\.yaml"):
        bindings.alter(declared.rt, "apps-prod", prune=True)
    with pytest.raises(ManagedByGit):
        bindings.remove(declared.rt, "apps-prod")
    with pytest.raises(ManagedByGit, match=r"_gitops/apps\.yaml"):
        sources.remove(declared.rt, "apps")

    assert declared.binding("apps-prod").policy["prune"] is False


def test_a_setting_changed_by_hand_is_drift_and_is_set_back(team, other):
    team.repository.commit({"_gitops/apps.yaml": source(other), "_gitops/prod.yaml": binding()})
    administer(team, editMode="OVERWRITE")
    bindings.alter(team.rt, "apps-prod", prune=True)

    state = team.binding().sync_state
    team.look()

    assert state == "Drifted"
    assert team.binding("apps-prod").policy["prune"] is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Deployment\nname: a\n", "`kind` is one of GitSource, GitBinding"),
        ("kind: GitBinding\nname: a\nsource: apps\nprunes: true\n", "prunes"),
        ("kind: GitBinding\nname: A b\nsource: apps\nnamespace: acme\n", "name"),
        ("kind: GitBinding\nname: team\nsource: apps\nnamespace: acme\n", "declare itself"),
        ("kind: GitSource\nname: team\nurl: https://example.org/a.git\n", "declare itself"),
        ("kind: GitBinding\nname: a\nsource: apps\nnamespace: other\n", "outside of 'acme'"),
        ("kind: GitBinding\nname: a\nsource: apps\n", "outside of 'acme'"),
        ("kind: GitBinding\nname: a\nsource: none\nnamespace: acme\n", "no Git source 'none'"),
        ("kind: GitSource\nname: a\nurl: ext::sh -c id\n", "url"),
        ("kind: GitSource\nname: a\nurl: https://e.org/a.git\nconnection: none\n", "connection"),
        ("kind: [GitSource\n", "wrong.yaml:2:1: "),
        ("- a\n", "`kind` is one of"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_applied(team, other, text, words):
    files = {"_gitops/apps.yaml": source(other), "_gitops/wrong.yaml": text}
    team.repository.commit(files)

    seen = administer(team)

    assert words in " ".join(seen.problems)
    with pytest.raises(NotFound):
        sources.find(team.rt, "apps")


def test_only_a_binding_that_takes_them_declares(team, other):
    team.repository.commit({"_gitops/apps.yaml": source(other), "a.yaml": flow("a")})

    seen = team.follow()

    assert (seen.sync_state, seen.problems) == ("Synced", [])
    with pytest.raises(NotFound):
        sources.find(team.rt, "apps")


def test_a_declaration_that_became_invalid_deletes_nothing(declared):
    look_at(declared)
    new = {"kinds": ["SOURCE", "BINDING"], "prune": True, "onInvalid": "QUARANTINE"}
    bindings.change(declared.rt, "team", NewBinding.model_validate({**new, "namespace": "acme"}))
    changed = {"_gitops/apps.yaml": "kind: GitSource\nname: apps\n", ".kestraignore": "*.txt\n"}
    declared.repository.commit(changed)

    declared.look()

    assert sources.find(declared.rt, "apps").poll_interval_s == 60
    assert declared.binding().health == "Degraded"


def test_deleting_the_admin_binding_keeps_what_it_declared(declared):
    look_at(declared)

    bindings.remove(declared.rt, "team", cascade=True)

    assert declared.binding("apps-prod").sync_state == "Synced"
    bindings.alter(declared.rt, "apps-prod", prune=True)


def test_a_source_that_still_has_bindings_stays(declared):
    sources.bind(
        declared.rt, "apps", NewBinding.model_validate({"name": "by-hand", "path": "test",
                                                        "namespace": "acme.test"})
    )  # fmt: skip
    declared.repository.commit({"_gitops/apps.yaml": None, "_gitops/prod.yaml": binding()})

    seen = declared.look()

    assert "still has the bindings" in " ".join(seen.problems)
    assert sources.find(declared.rt, "apps").name == "apps"
