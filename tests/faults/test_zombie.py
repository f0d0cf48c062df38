"""A worker that is stopped for longer than its lease, and then goes on."""

import signal

import pytest

from tests.faults.cluster import attempts, until

SCRIPT = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep 8; echo $ID end $ATTEMPT >> $EFFECTS"


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
