"""kill -9 of a worker's parent, of its pool child, of its whole group."""

import os
import signal
import time

import pytest

from tests.faults.cluster import attempts, until

SLOW_SCRIPT = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep 2; echo $ID end >> $EFFECTS"


def kill(worker, scope):
    if scope == "group":
        worker.kill_group()
    elif scope == "parent":
        worker.kill()
    else:
        os.kill(worker.children()[0], signal.SIGKILL)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "scope", ["child", pytest.param("group", marks=SLOW), pytest.param("parent", marks=SLOW)]
)
def test_a_killed_workers_attempt_is_lost_and_another_one_succeeds(cluster, scope):
    cluster.script_flow("slow", SLOW_SCRIPT)
    execution = cluster.start("slow")
    cluster.wait_effect(execution)
    kill(cluster.proc("worker"), scope)
    if scope != "child":
        until(lambda: not cluster.scripts(), "the script outlived its worker", 180)
        cluster.revive()
    done = cluster.wait(execution)

    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["KILLED", "SUCCESS"]]
    assert [words[0] for words in cluster.effects_of(execution)] == ["begin", "begin", "end"]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_with_the_default_times_a_dead_workers_task_restarts_within_twenty_seconds(
    make_cluster, database
):
    default = {"heartbeat_s": "3", "lease_s": "15", "recovery_interval_s": "2", "republish_s": "10"}
    cluster = make_cluster(database, **{name.upper(): value for name, value in default.items()})
    cluster.start_all()
    cluster.worker("heir", queues="engine,default")
    cluster.script_flow("slow", SLOW_SCRIPT.replace("sleep 2", "sleep 60"))
    spent = 99.0
    for n in range(3):  # a busy machine may miss it once
        execution = cluster.start("slow")
        cluster.wait_effect(execution)
        heir = cluster.worker(f"heir{n}", queues="script")
        until(lambda heir=heir: "ready." in heir.said(), "the heir did not start", 180)
        cluster.proc("worker").kill_group()
        died = time.monotonic()
        until(lambda one=execution: len(cluster.effects_of(one)) == 2, "no second attempt", 180)
        spent = time.monotonic() - died
        if spent < 20:
            break
        cluster.client.delete(f"/executions/{execution}/kill")
        cluster.wait(execution)
        cluster.revive()
        cluster.worker(f"engine{n}", queues="engine,default")

    assert spent < 20
