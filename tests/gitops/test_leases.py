"""The lease of a source is renewed for as long as its work lasts, by one thread for all."""

import threading
import time
from datetime import timedelta

from app.database import git_sources
from app.service.gitops.leases import Keeper
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


def test_many_polls_start_one_thread(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()

    for _ in range(5):
        team.poll()

    assert names().count("leases") <= 2  # this process's one, and that of the test above
