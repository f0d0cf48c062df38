"""What a push starts: each flow once its own binding has the commit, and only what is in Git."""

import pytest

from app.errors import Unavailable
from app.service import search, secrets
from app.service.gitops import bindings, pins
from tests.support.repository import flow

PUSHED = "triggers:\n  - id: pushed\n    type: trunkline.git.Push\n"
ELSEWHERE = PUSHED + "    source: team\n"


def pushed(message):
    return flow("a", message=message, more=PUSHED)


def started(team, flow_id="a"):
    """What was started of a flow, the first one first: commit, revision, commit before."""
    found = search.list_executions(team.rt, search.Wanted(flow_id=flow_id), page=1, size=9)[0]
    rows = sorted(found, key=lambda row: row.revision)
    return [(row.commit, row.revision, row.trigger["variables"]["before"]) for row in rows]


@pytest.fixture
def pinned(team):
    """A flow with a push trigger in two commits, held at the first one."""
    team.first = team.repository.commit({"a.yaml": pushed("1")})
    team.follow()
    team.second = team.repository.commit({"a.yaml": pushed("2")})
    team.look()
    pins.pin(team.rt, "team", team.first, actor="ada")
    team.look()
    return team


def test_a_commit_that_a_pin_holds_back_starts_nothing_until_it_is_applied(pinned):
    third = pinned.repository.commit({"a.yaml": pushed("3")})
    pinned.look()
    before = started(pinned)

    pins.unpin(pinned.rt, "team")
    pinned.look()
    pinned.look()

    assert before == [(pinned.second, 2, pinned.first)]
    assert started(pinned) == [*before, (third, 4, pinned.second)]


def test_neither_a_rollback_nor_its_end_starts_a_commit_again(pinned):
    pins.unpin(pinned.rt, "team")
    pinned.look()

    assert pinned.binding().applied_sha == pinned.second
    assert started(pinned) == [(pinned.second, 2, pinned.first)]


def test_a_pin_that_moves_forward_starts_its_commit(pinned):
    third = pinned.repository.commit({"a.yaml": pushed("3")})
    pinned.repository.commit({"a.yaml": pushed("4")})
    pinned.look()

    pins.pin(pinned.rt, "team", third, actor="ada")
    pinned.look()

    assert started(pinned)[1:] == [(third, 4, pinned.second)]


def test_a_source_whose_only_binding_is_held_has_not_applied_the_commit(pinned):
    pinned.driver.save(flow("b", "other", more=ELSEWHERE))
    third = pinned.repository.commit({"a.yaml": pushed("3")})
    pinned.look()
    held = pinned.source()
    waiting = started(pinned, "b")

    pins.unpin(pinned.rt, "team")
    pinned.look()

    assert (held.applied_sha, held.seen_sha, waiting) == (pinned.second, third, [])
    assert pinned.source().applied_sha == third
    found = search.list_executions(pinned.rt, search.Wanted(flow_id="b"), page=1, size=9)[0]
    assert [row.trigger["variables"]["commit"] for row in found] == [third]


def test_a_suspended_binding_starts_a_commit_once_it_goes_on(team):
    first = team.repository.commit({"a.yaml": pushed("1")})
    team.follow()
    bindings.suspend(team.rt, "team", suspended=True)
    second = team.repository.commit({"a.yaml": pushed("2")})
    team.look()
    held = started(team)

    bindings.suspend(team.rt, "team", suspended=False)
    team.look()

    assert (held, started(team)) == ([], [(second, 2, first)])


def test_beside_a_pinned_binding_the_others_start_theirs(team):
    files = {"dev/a.yaml": flow("a", "acme.dev", more=PUSHED),
             "prod/b.yaml": flow("b", "acme.prod", more=PUSHED)}  # fmt: skip
    first = team.repository.commit(files)
    team.follow(namespace="acme.dev", path="dev")
    team.bind(name="prod", namespace="acme.prod", path="prod")
    pins.pin(team.rt, "prod", first, actor="ada")
    team.look()

    second = team.repository.commit({"x.txt": "2"})
    team.look()

    assert (started(team), started(team, "b")) == ([(second, 1, first)], [])


def test_the_commit_that_deletes_a_flow_does_not_start_it(team):
    team.repository.commit({"a.yaml": pushed("1"), "b.yaml": flow("b", more=PUSHED)})
    team.follow()

    second = team.repository.commit({"a.yaml": None})
    team.look()
    third = team.repository.commit({"x.txt": "words"})
    team.look()

    assert team.has_flow("a")
    assert (started(team), {row[0] for row in started(team, "b")}) == ([], {second, third})


def test_an_invalid_file_in_quarantine_starts_no_earlier_version(team):
    team.repository.commit({"a.yaml": pushed("1"), "b.yaml": flow("b", more=PUSHED)})
    team.follow(onInvalid="QUARANTINE")

    second = team.repository.commit({"a.yaml": "id: a\n"})
    team.look()

    assert [row[0] for row in started(team, "b")] == [second]
    assert started(team) == []


def test_a_push_whose_secret_cannot_be_had_starts_at_a_later_look(team, monkeypatch):
    secret = "    inputs: {i: \"{{ secret('PLACE') }}\"}\ninputs: [{id: i, type: STRING}]\n"
    files = {"a.yaml": pushed("1"), "b.yaml": flow("b", more=PUSHED + secret)}
    first = team.repository.commit(files)
    team.follow()
    second = team.repository.commit({name: text + "#\n" for name, text in files.items()})

    def away(_rt, _namespace, _key):
        raise Unavailable("the vault gives no answer")

    with monkeypatch.context() as patch:
        patch.setattr(secrets, "find", away)
        team.look()
        team.look()
    before = [started(team, "a"), started(team, "b")]
    monkeypatch.setattr(secrets, "find", lambda *_: "here")
    team.look()
    team.look()

    assert before == [[(second, 1, first)], []]
    assert started(team, "a") == [(second, 1, first)]
    assert started(team, "b") == [(second, 1, first)]


HEARS = PUSHED + "    source: team\n  - {id: on, type: trunkline.git.Event}\n"


@pytest.mark.parametrize("is_isolated", [False, True])
def test_an_isolated_namespace_hears_of_what_it_may_read_only(team, is_isolated):
    team.set(isolated_namespaces=is_isolated)
    places = ("acme", "acme.team.below", "other", "system")
    for number, place in enumerate(places):
        team.driver.save(flow(f"f{number}", place, more=HEARS))
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(namespace="acme.team")
    team.repository.commit({"a.yaml": flow("a", message="2")})

    team.look()
    team.look()

    with team.rt.database.reading() as tx:
        rows = tx.exec_driver_sql("select namespace, trigger from executions").all()
    heard = {(row.namespace, '"pushed"' in row.trigger) for row in rows}
    told = [place for place in places if place != "other" or not is_isolated]
    assert heard == {(place, is_push) for place in told for is_push in (False, True)}
