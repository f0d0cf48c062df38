"""Thousands of executions that wait: memory stays flat, the API quick, the broker not flooded."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.cluster import until

COUNT = int(os.environ.get("FAULTS_BACKLOG", "10000"))
SUBMIT_S = float(os.environ.get("FAULTS_SUBMIT_S", "2"))  #: other tests share the two cores
LOG = "io.kestra.plugin.core.log.Log"


def memory_mb(proc):
    """Of a process and those it started."""
    total = 0
    for pid in (proc.pid, *proc.children()):
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        total += next(int(x.split()[1]) for x in text.splitlines() if x.startswith("VmRSS")) // 1024
    return total


@pytest.mark.slow
def test_a_backlog_is_accepted_quickly_and_worked_off(cluster):
    cluster.flow(f"id: many\nnamespace: faults\ntasks: [{{id: a, type: {LOG}, message: a}}]\n")
    cluster.proc("worker").kill_group()
    for _ in range(50):
        cluster.start("many")
    before = {kind: memory_mb(cluster.proc(kind)) for kind in ("api", "beat")}

    def submit(_):
        began = time.monotonic()
        cluster.start("many")
        return time.monotonic() - began

    with ThreadPoolExecutor(4) as pool:
        spent = sorted(pool.map(submit, range(COUNT)))
    until(lambda: cluster.broker.client().llen("engine") >= COUNT * 0.9, "not published", 180)
    rounds = cluster.settings.republish_s * 2
    ends = time.monotonic() + rounds
    until(lambda: time.monotonic() > ends, "", rounds + 1)  # two rounds of republishing go by
    waiting = cluster.broker.client().llen("engine")
    after = {kind: memory_mb(cluster.proc(kind)) for kind in ("api", "beat")}
    cluster.proc("worker").restart()
    until(lambda: cluster.broker.client().llen("engine") < waiting - 200, "stands still", 120)

    assert waiting <= COUNT * 1.1
    assert all(after[kind] - before[kind] < 80 for kind in before)
    assert spent[int(len(spent) * 0.9)] < SUBMIT_S
