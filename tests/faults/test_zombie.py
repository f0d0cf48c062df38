"""A worker that is stopped for longer than its lease, and then goes on."""

import signal

import pytest

from tests.faults.cluster import attempts, until

SCRIPT = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep 8; echo $ID end $ATTEMPT >> $EFFECTS"
TICKS = "while :; do echo $ID tick $ATTEMPT >> $EFFECTS; sleep 0.2; done"


@pytest.mark.slow
def test_a_worker_that_wakes_after_its_lease_writes_nothing(cluster):
    cluster.script_flow("frozen", SCRIPT)
    heir = cluster.worker("heir", queues="default")
    until(lambda: "ready." in heir.said(), "the second worker did not start", 180)
    execution = cluster.start("frozen")
    cluster.wait_effect(execution)
    worker = cluster.proc("worker")
    worker.signal_group(signal.SIGSTOP)
    until(lambda: not cluster.scripts(), "the script outlived its lease", 180)
    began_before_death = len(cluster.effects_of(execution))
    replacement = cluster.worker("replacement", queues="engine,script")
    until(lambda: len(cluster.effects_of(execution)) == 2, "it was not replaced", 180)
    worker.signal_group(signal.SIGCONT)
    done = cluster.wait(execution)
    replacement.kill_group()
    after = cluster.start("frozen")

    assert began_before_death == 1
    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["KILLED", "SUCCESS"]]
    assert [words[0] for words in cluster.effects_of(execution)] == ["begin", "begin", "end"]
    assert cluster.wait_effect(after)  # the woken worker works on
    cluster.client.delete(f"/executions/{after}/kill")


@pytest.mark.slow
def test_nothing_takes_the_place_of_a_killed_script_while_its_frozen_worker_may_hold_it(
    make_cluster,
):
    """Ten seconds after a kill the script may still run: who knows of a worker that is silent?"""
    cluster = make_cluster(LEASE_S="30", HEARTBEAT_S="1")
    cluster.start_all()
    replacement = cluster.worker("replacement", queues="engine,default")
    until(lambda: "ready." in replacement.said(), "the second worker did not start", 180)
    cluster.script_flow("killed", TICKS, concurrency="{limit: 1}")
    execution = cluster.start("killed")
    cluster.wait_effect(execution)
    cluster.proc("worker").signal_group(signal.SIGSTOP)
    cluster.worker("script", queues="script")
    queued = cluster.start("killed")
    cluster.client.delete(f"/executions/{execution}/kill").raise_for_status()
    done = cluster.wait(execution, 60)
    cluster.wait_effect(queued)
    cluster.client.delete(f"/executions/{queued}/kill").raise_for_status()
    cluster.wait(queued, 60)
    cluster.client.post(f"/executions/{execution}/restart").raise_for_status()
    until(lambda: ["tick", "1"] in cluster.effects_of(execution), "it was not restarted", 120)
    cluster.client.delete(f"/executions/{execution}/kill").raise_for_status()

    assert done["state"]["current"] == "KILLED"
    wrote = [tuple(words) for words in cluster.effects()]
    turns = [words for n, words in enumerate(wrote) if n == 0 or wrote[n - 1] != words]
    assert turns == [(execution, "tick", "0"), (queued, "tick", "0"), (execution, "tick", "1")]
