"""A broker that loses all it has, or drops, doubles and shuffles what it is given."""

import random
import threading

import pytest
import redis

from tests.faults.cluster import attempts, until

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


def test_a_full_broker_refuses_messages_and_what_was_accepted_runs_once_it_has_room(cluster):
    gate = cluster.folder / "gate"
    cluster.script_flow("held", f"until [ -e {gate} ]; do sleep 0.1; done; {WRITE}", tasks=2)
    cluster.script_flow("full", WRITE, tasks=2)
    client = cluster.broker.client()
    ids = [cluster.start("held")]
    until(lambda: cluster.get(ids[0])["state"]["current"] == "RUNNING", "it did not start")
    filler = {f"filler{number}": b"x" * 100_000 for number in range(100)}
    client.mset(filler)
    client.config_set("maxmemory", client.info("memory")["used_memory"] - 1_000_000)
    try:
        with pytest.raises(redis.RedisError, match="maxmemory"):
            client.set("more", b"x")
        ids += [cluster.start("full") for _ in range(6)]  # accepted
        gate.touch()  # the step that runs ends meanwhile; none begins
        until(lambda: cluster.effects_of(ids[0]), "its end was not seen")
        waiting = {cluster.get(one)["state"]["current"] for one in ids[1:]}
    finally:
        client.config_set("maxmemory", 0)
        client.delete(*filler)

    assert waiting == {"CREATED"}
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
