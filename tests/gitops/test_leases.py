"""The lease of a source is renewed for as long as its work lasts, by one thread for all."""

import threading
import time
from datetime import timedelta

import pytest

from app.database import git_sources
from app.errors import DatabaseAway
from app.service.gitops import sources, sync
from app.service.gitops.leases import Keeper
from tests.support.blips import away, blip
from tests.support.repository import flow


def names():
    return [thread.name for thread in threading.enumerate()]


def test_a_lease_is_moved_forward_while_the_work_lasts_and_no_longer(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    source = team.source()
    keeper = Keeper(every_s=0.2)
    with team.rt.database.transaction() as tx:
        taken = git_sources.take(
            tx, source.id, "me", team.rt.database.now_plus(timedelta(seconds=5))
        )

    with keeper.keeping(team.rt, source.id, "me"):
        deadline = time.monotonic() + 20
        while team.source().lease_until == taken.lease_until and time.monotonic() < deadline:
            time.sleep(0.05)
        moved = team.source().lease_until
    with team.rt.database.transaction() as tx:
        assert git_sources.release(tx, source.id, "me", source.requested)

    assert moved > taken.lease_until
    assert keeper._held == []
    assert team.source().lease_owner is None


def wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_source_that_the_database_left_is_worked_on_once_it_is_back(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="2")})
    source = sources.ask_fetch(team.rt, "team")
    team.driver.publisher.sources.clear()
    with blip(team.rt.database, 4), pytest.raises(DatabaseAway):
        sync.work(team.rt, source.id)
    wait_until(lambda: team.source().lease_owner is None)
    team.driver.clock.advance(6)
    sync.tick(team.rt)

    assert team.driver.publisher.sources == [source.id]
    assert sync.work(team.rt, source.id)
    assert team.flow("a").revision == 2


def test_a_lease_is_offered_back_until_the_database_takes_it(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    source = team.source()
    keeper = Keeper(every_s=0.2)
    with team.rt.database.transaction() as tx:
        until = team.rt.database.now_plus(timedelta(seconds=5))
        git_sources.take(tx, source.id, "me", until)
    with away(team.rt.database) as absence:
        with pytest.raises(DatabaseAway), keeper.keeping(team.rt, source.id, "me"):
            raise DatabaseAway("it went")
        wait_until(lambda: absence.happened)

    wait_until(lambda: team.source().lease_owner is None)
    wait_until(lambda: not keeper._held)
    assert team.source().requested == source.requested


def test_work_that_fails_otherwise_keeps_its_lease_to_the_end(team):
    """A fault that comes again at once would be met again at once."""
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    source = team.source()
    keeper = Keeper(every_s=0.2)
    with team.rt.database.transaction() as tx:
        until = team.rt.database.now_plus(timedelta(seconds=5))
        git_sources.take(tx, source.id, "me", until)
    with pytest.raises(KeyError), keeper.keeping(team.rt, source.id, "me"):
        raise KeyError("a bug")

    assert keeper._held == []
    assert team.source().lease_owner == "me"


def test_many_polls_start_one_thread(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    for _ in range(5):
        team.poll()

    assert names().count("leases") <= 4  # this process's one, and those of the tests above
