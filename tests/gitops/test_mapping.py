"""Which resource a file is, after what says so was changed: nothing of before is believed."""

from app import failpoints
from app.gitops.layout import Kind
from app.service.gitops import bindings, ignoring, sources, sync
from app.service.gitops.models import NewSource
from tests.support.repository import flow


def states(team, name="team"):
    with team.rt.database.reading() as tx:
        rows = bindings.git_bindings.resources(tx, team.binding(name).id)
        return {row.key: row.state for row in rows}


def test_a_folder_that_is_bound_at_another_path_becomes_other_namespaces(team):
    team.repository.commit({"a/b/x.yaml": flow("x")})
    team.follow(layout="tree", path="a/b", prune=True)
    there = team.has_flow("x", "acme")

    bindings.alter(team.rt, "team", path="a")
    team.poll()

    assert there
    assert team.has_flow("x", "acme.b")
    assert not team.has_flow("x", "acme")


def test_a_plan_that_waits_for_a_person_stays_as_it_was_shown(team):
    team.repository.commit({"x.yaml": flow("x"), "y.yaml": flow("y")})
    team.follow(layout="tree", namespace="acme.old", prune=True, maxDeletePercent=100)
    team.repository.commit({"README": "new"})
    bindings.alter(team.rt, "team", namespace="acme.new", automated=False)
    team.poll()
    first = team.ask(plan=True).counts

    second = team.ask(plan=True).counts
    team.ask()

    assert first == second == {"OutOfSync": 2, "CREATE": 2, "Orphan": 2, "DELETE": 2}
    assert team.has_flow("x", "acme.new")
    assert not team.has_flow("x", "acme.old")


def test_what_is_left_of_before_does_not_stand_in_for_the_file_of_now(team):
    team.repository.commit({"x.yaml": flow("x")})
    team.follow(layout="tree", namespace="acme.old")
    bindings.alter(team.rt, "team", namespace="acme.new")
    team.poll()

    team.look()

    assert states(team) == {"acme.new/x": "Synced", "acme.old/x": "Orphan"}


def test_a_flow_whose_file_is_invalid_stays_beside_an_orphan_of_that_file(team):
    team.repository.commit({"x.yaml": flow("z"), "k.yaml": flow("k")})
    team.follow(onInvalid="QUARANTINE")
    team.repository.commit({"x.yaml": flow("a")})
    team.look()
    orphan = [(Kind.FLOW, "acme.team/z")]
    ignoring.ignore(team.rt, "team", orphan, actor="ada", reason="later")
    bindings.alter(team.rt, "team", prune=True)
    team.poll()
    team.repository.commit({"x.yaml": "id: a\nnamespace: acme.team\n"})

    team.look()

    assert team.has_flow("a")
    assert states(team) == {
        "acme.team/a": "Invalid",
        "acme.team/k": "Synced",
        "acme.team/z": "Ignored",
    }


def test_what_another_binding_adopted_a_moment_before_stays_its_own(team, monkeypatch):
    team.repository.commit({"p/a.yaml": flow("a"), "q/a.yaml": flow("a")})
    team.driver.save(flow("a"))
    team.follow(path="p", adopt=True, automated=False)
    sources.add(team.rt, other_source(team))
    hit, done = failpoints.hit, []

    def meanwhile(name):
        if name == "git_before_apply" and not done:
            done.append(name)
            assert sync.work(team.rt, team.source("other").id)
        hit(name)

    monkeypatch.setattr(failpoints, "hit", meanwhile)
    late = team.ask()

    assert states(team, "other") == {"acme.team/a": "Synced"}
    assert states(team) == {}
    assert "belongs to another binding (other)" in late.error


def other_source(team):
    binding = {"name": "other", "path": "q", "namespace": "acme", "adopt": True}
    return NewSource.model_validate(
        {"name": "other", "url": team.repository.url, "binding": binding}
    )
