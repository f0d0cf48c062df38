"""The machine dies: every process at once, at a random instant; all start again in any order."""

import os
import random
import sys
import time

import pytest

from tests.faults.cluster import attempts

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "6"))
SEED = int(os.environ.get("FAULTS_SEED", str(time.time_ns() % 100_000)))
WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS; sleep 0.2"


@pytest.mark.slow
@pytest.mark.timeout(7200)  # for any number of rounds
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_whatever_was_accepted_ends_well_after_the_power_came_back(make_cluster, database):
    sys.stdout.write(f"FAULTS_SEED={SEED}\n")
    rng = random.Random(SEED)
    cluster = make_cluster(database, keeps=True)
    cluster.start_all()
    cluster.script_flow("powered", WRITE, tasks=3)
    ids = []
    for number in range(ROUNDS):
        ids += [cluster.start_surely("powered", f"{number}.{n}") for n in range(4)]
        time.sleep(rng.uniform(0, 2))  # the instant of the fault is what is random here
        cluster.broker.kill()
        for proc in cluster.procs:
            proc.kill_group()
        order = [*cluster.standing, cluster.broker]
        rng.shuffle(order)
        for part in order:
            part.start() if part is cluster.broker else part.restart()
        cluster.wait_api()

    assert cluster.states(ids, 240) == {"SUCCESS": len(ids)}
    for execution in ids:
        wrote = cluster.effects_of(execution)
        assert len({tuple(words) for words in wrote}) == len(wrote)
        assert [states[-1] for states in attempts(cluster.get(execution))] == ["SUCCESS"] * 3
