"""A broker that loses all it has, or drops, doubles and shuffles what it is given."""

import random
import threading

import pytest

from tests.faults.cluster import attempts

WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS"


def once_each(cluster, ids, tasks=2):
    """Every execution ended well, each task by one attempt whose script ran once."""
    assert cluster.states(ids, 240) == {"SUCCESS": len(ids)}
    for execution in ids:
        assert attempts(cluster.get(execution)) == [["SUCCESS"]] * tasks
        assert sorted(words[0] for words in cluster.effects_of(execution)) == [
            f"t{n}" for n in range(tasks)
        ]


@pytest.mark.parametrize("fault", ["flush", pytest.param("restart", marks=pytest.mark.slow)])
def test_a_broker_that_lost_its_data_costs_seconds_and_no_attempt(cluster, fault):
    cluster.script_flow("lost", WRITE, tasks=2)
    worker = cluster.proc("worker")
    worker.kill_group()
    ids = [cluster.start("lost") for _ in range(6)]
    if fault == "flush":
        cluster.broker.client().flushall()
    else:
        cluster.broker.kill()
        cluster.broker.start()
    cluster.revive()

    once_each(cluster, ids)


class Mangler:
    """Drops half of the messages that wait in the broker, doubles others, shuffles the rest."""

    def __init__(self, client, seed):
        self.client, self.rng, self.stop = client, random.Random(seed), threading.Event()
        self.dropped = self.doubled = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stop.wait(0.05):
            for queue in ("engine", "script"):
                self._mangle(queue)

    def _mangle(self, queue):
        pipe = self.client.pipeline(transaction=True)
        pipe.lrange(queue, 0, -1).delete(queue)
        messages = pipe.execute()[0]
        kept = []
        for message in messages:
            kind = self.rng.random()
            self.dropped += kind < 0.5
            self.doubled += kind > 0.75
            kept += [] if kind < 0.5 else [message] * (2 if kind > 0.75 else 1)
        self.rng.shuffle(kept)
        if kept:
            self.client.rpush(queue, *kept)


@pytest.mark.slow
def test_dropped_doubled_and_shuffled_messages_change_only_the_timing(cluster):
    cluster.script_flow("mangled", WRITE, tasks=2)
    mangler = Mangler(cluster.broker.client(), seed=7)
    ids = []
    while not (mangler.dropped > 10 and mangler.doubled > 3):  # a message may be gone at once
        assert len(ids) < 200, "nothing was mangled"
        ids.append(cluster.start("mangled"))
    mangler.stop.set()
    mangler.thread.join()

    once_each(cluster, ids)
