"""A database that is away for a moment costs no push, no event and no promotion."""

from functools import partial

import pytest

from app.errors import DatabaseAway
from app.service.gitops import outbox, pipelines, pushes, sources, sync
from app.service.gitops.sync import tick
from tests.gitops.test_changes import move, promote, two_stages
from tests.support.blips import blip, until_done
from tests.support.repository import flow

PUSH = "triggers: [{id: pushed, type: trunkline.git.Push}]\n"
EVENT = "triggers: [{id: on, type: trunkline.git.Event, events: [sync-failed]}]\n"


@pytest.fixture
def shaken(team, monkeypatch):
    """A team whose database is away once at each use of what starts and promotes."""
    for module, name in ((pushes, "fire"), (outbox, "_trigger"), (pipelines, "advance")):
        known = getattr(module, name)

        def act(rt, *given, known=known, **options):
            return until_done(rt.database, partial(known, rt, *given, **options))

        monkeypatch.setattr(module, name, act)
    monkeypatch.setitem(outbox._SENDERS, "trigger", outbox._trigger)
    return team


def states(team):
    team.driver.work()
    with team.rt.database.reading() as tx:
        return [row.state for row in tx.exec_driver_sql("select state from executions").all()]


def test_a_push_starts_its_flow_once(shaken):
    shaken.repository.commit({"a.yaml": flow("a", more=PUSH)})
    shaken.follow()
    shaken.repository.commit({"a.yaml": flow("a", message="2", more=PUSH)})

    shaken.look()

    assert states(shaken) == ["SUCCESS"]


def test_an_event_starts_its_flow_once(shaken):
    shaken.driver.save(flow("watch", "ops", more=EVENT))
    shaken.repository.commit({"a.yaml": "id: a\n"})

    shaken.follow()
    shaken.look()

    assert states(shaken) == ["SUCCESS"]


def test_a_promotion_is_not_ended_by_it(shaken):
    two_stages(shaken, approval=True)
    move(shaken, "new")
    row = promote(shaken)
    pipelines.approve(shaken.rt, row.id, "grace")

    tick(shaken.rt)

    assert pipelines.get(shaken.rt, row.id).status == "SUCCEEDED"


def test_a_round_that_the_database_left_is_done_once_its_lease_is_over(team):
    team.repository.commit({"a.yaml": flow("a", more=PUSH)})
    team.follow()
    times = 0
    for nth in range(1, 40, 6):
        team.repository.commit({"a.yaml": flow("a", message=f"{nth}", more=PUSH)})
        source = sources.ask_fetch(team.rt, "team")
        with blip(team.rt.database, nth) as made:
            try:
                sync.work(team.rt, source.id)
            except DatabaseAway:
                times += 1
        if not made.happened:
            break
        team.driver.publisher.sources.clear()
        team.driver.clock.advance(100)
        tick(team.rt)
        if team.driver.publisher.sources:
            assert sync.work(team.rt, source.id)
        assert states(team) == ["SUCCESS"] * (nth // 6 + 1)
    assert times > 2
