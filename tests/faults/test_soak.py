"""A random mix of faults under load, from a seed; every guarantee holds at the end."""

import os
import random
import signal
import sys
import time

import pytest

from tests.faults.cluster import attempts, until

SECONDS = float(os.environ.get("FAULTS_SOAK_S", "60"))
SEED = int(os.environ.get("FAULTS_SEED", "20260501"))
WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS; sleep 0.2"


class Faults:
    """What can happen to a cluster."""

    def __init__(self, cluster, rng):
        self.cluster, self.rng = cluster, rng
        self.stopping = []  #: what was asked to end, and may need a while

    def kill_a_child(self):
        for pid in self.cluster.proc("worker").children()[:1]:
            os.kill(pid, signal.SIGKILL)

    def kill_a_process(self):
        proc = self.rng.choice(self.cluster.standing)
        proc.kill_group()
        proc.restart()

    def stop_the_worker_gently(self):
        worker = self.cluster.proc("worker")
        worker.term()
        self.stopping.append(worker.popen)

    def revive(self):
        """What has ended is started again, as a supervisor does."""
        for proc in self.cluster.standing:
            if not proc.is_alive:
                proc.kill_group()
                proc.restart()
        until(self.cluster.broker.answers, "the broker did not start", 180)

    def flush_the_broker(self):
        self.cluster.broker.client().flushall()

    def restart_the_broker(self):
        self.cluster.broker.kill()
        self.cluster.broker.start()

    def freeze_the_worker(self):
        worker = self.cluster.proc("worker")
        worker.signal_group(signal.SIGSTOP)
        time.sleep(self.rng.uniform(0.5, 7))  # the length of the freeze is the fault
        worker.signal_group(signal.SIGCONT)

    def one(self):
        names = [name for name in dir(self) if "_the_" in name or "_a_" in name]
        name = self.rng.choice(names)
        getattr(self, name)()
        return name


@pytest.mark.slow
def test_a_random_mix_of_faults_loses_and_doubles_nothing(cluster):
    sys.stdout.write(f"FAULTS_SEED={SEED}\n")
    rng = random.Random(SEED)
    cluster.script_flow("soaked", WRITE, tasks=3)
    faults, ids, happened = Faults(cluster, rng), [], []
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        ids += [cluster.start_surely("soaked", f"{SEED}.{len(ids)}") for _ in range(2)]
        happened.append(faults.one())
        faults.revive()
    for popen in faults.stopping:
        popen.wait(120)
    faults.revive()
    cluster.wait_api()
    states = cluster.states(ids, 180)

    assert states["SUCCESS"] + states["FAILED"] == len(ids)
    for execution in ids:
        runs = attempts(cluster.get(execution))
        wrote = cluster.effects_of(execution)
        lost_thrice = any(states == ["KILLED"] * 3 for states in runs)
        assert len({tuple(words) for words in wrote}) == len(wrote), happened
        assert lost_thrice or [states[-1] for states in runs] == ["SUCCESS"] * 3, happened
