"""Clocks of real processes an hour ahead, an hour behind, and stepping there and back."""

import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.faults.cluster import attempts, until
from tests.faults.test_failpoints import EVERY_SECOND
from tests.support.clocks import WallClock, find_library

EVERY_MINUTE = EVERY_SECOND.replace("* * * * * *", "* * * * *").replace("withSeconds: true", "")


LEASE_S = 10.0  #: a machine that is busy must not be taken for a clock that is wrong


@pytest.fixture
def clock(tmp_path):
    """Makes clocks that begin at an offset."""
    library = find_library()

    def make(name, offset="+0"):
        made = WallClock(tmp_path / name, library)
        made.step(offset)
        return made

    return make


def fired(cluster, flow_id):
    """The instants for which executions were started, each as often as it was."""
    found = []
    for page in (1, 2, 3):
        query = {"namespace": "faults", "flowId": flow_id, "size": 100, "page": page}
        found += cluster.client.get("/executions", params=query).json()["results"]
    return sorted(datetime.fromisoformat(one["trigger"]["variables"]["date"]) for one in found)


def each_once(instants, apart):
    assert [at for at, count in Counter(instants).items() if count > 1] == []
    assert {later - earlier for earlier, later in pairwise(instants)} == {apart}


def goes_on(cluster, flow_id):
    """A schedule of every second, saved by an API whose clock is right, fires."""
    cluster.flow(EVERY_SECOND.format(flow_id=flow_id))
    until(lambda: len(fired(cluster, flow_id)) >= 3, "the schedule stands still", 180)
    cluster.client.delete(f"/flows/faults/{flow_id}")
    each_once(fired(cluster, flow_id), timedelta(seconds=1))


@pytest.mark.slow
def test_beats_an_hour_apart_fire_each_instant_once(cluster, clock):
    cluster.beat("behind", clock("behind", "-1h").host)
    goes_on(cluster, "seconds")
    ahead = cluster.beat("ahead", clock("ahead", "+1h").host)
    cluster.flow(EVERY_MINUTE.format(flow_id="minutes"))
    until(lambda: len(fired(cluster, "minutes")) >= 60, "the beat ahead fires nothing", 180)
    ahead.kill_group()
    goes_on(cluster, "others")
    cluster.client.delete("/flows/faults/minutes")

    each_once(fired(cluster, "minutes"), timedelta(minutes=1))


WAITS = "echo $ID $TASK $ATTEMPT >> $EFFECTS; while [ ! -e $EFFECTS.go ]; do sleep 0.1; done"
NAPS = """
id: naps
namespace: faults
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT40M}
  - {id: t, type: io.kestra.plugin.core.log.Log, message: awake}
"""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_beats_whose_clock_steps_lose_no_timer_and_no_lease(make_cluster, clock, database):
    cluster, wall = make_cluster(database, LEASE_S=str(LEASE_S)), clock("wall")
    cluster.start_all()
    cluster.proc("beat").kill_group()
    for name in ("stepping1", "stepping2"):
        cluster.beat(name, wall.host)
    cluster.worker("w2", queues="engine,default")  # the other one is held by the script
    long, nap = begin(cluster, "long", WAITS), sleep(cluster, "PT40M")

    cluster.flow(EVERY_MINUTE.format(flow_id="steps"))
    wall.step("+1h")  # what became due by it happens, once each
    until(lambda: len(fired(cluster, "steps")) >= 60, "instants were lost", 180)
    renewed(cluster, long)
    wall.step("+0")  # and an hour back again
    goes_on(cluster, "after")
    cluster.wait(sleep(cluster, "PT1S"))
    wall.step("-1h")
    renewed(cluster, long)
    cluster.effects_file.with_name("effects.go").touch()

    assert cluster.wait(nap)["state"]["current"] == "SUCCESS"
    assert cluster.wait(long)["state"]["current"] == "SUCCESS"
    assert attempts(cluster.get(long)) == [["SUCCESS"]]
    assert len(cluster.effects_of(long)) == 1
    cluster.client.delete("/flows/faults/steps")
    each_once(fired(cluster, "steps"), timedelta(minutes=1))


def begin(cluster, name, commands):
    cluster.script_flow(name, commands)
    execution = cluster.start(name)
    cluster.wait_effect(execution)
    return execution


def sleep(cluster, duration):
    cluster.flow(NAPS.replace("PT40M", duration))
    execution = cluster.start("naps")
    cluster.wait_state(execution, "RUNNING")
    return execution


def renewed(cluster, execution_id):
    """The worker goes on renewing, for longer than it takes beats to notice a lost lease."""
    query = "select lease_until from task_runs where lease_until is not null"
    begun, seen = time.monotonic(), set()

    def for_long():
        with cluster.database.reading() as tx:
            seen.update(tx.exec_driver_sql(query).scalars())
        return len(seen) > 4 and time.monotonic() - begun > LEASE_S + 6

    until(for_long, "nobody renews the lease", 120)
    assert cluster.state(execution_id) == "RUNNING"
