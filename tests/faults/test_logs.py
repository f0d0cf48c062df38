"""Logs of scripts that print much: complete, in order, once each; memory stays flat."""

import os
from pathlib import Path

import pytest

from tests.faults.cluster import until

#: `FAULTS_LINES=1000000` for a long one
MANY = int(os.environ.get("FAULTS_LINES", "200000"))
COUNT = "seq 1 %s; echo $ID done >> $EFFECTS"


def lines_of(cluster, execution_id, attempt):
    with cluster.database.reading() as tx:
        found = tx.exec_driver_sql(
            f"select message from logs where execution_id = '{execution_id}'"
            f" and attempt = {attempt} order by seq"
        )
        return [row[0] for row in found]


def memory_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def check(cluster, count):
    cluster.script_flow("wordy", COUNT % count)
    execution = cluster.start("wordy")
    until(lambda: len(lines_of(cluster, execution, 0)) > count // 20, "no lines", 120)
    cluster.proc("worker").kill_group()
    first = lines_of(cluster, execution, 0)
    cluster.revive()
    until(lambda: lines_of(cluster, execution, 1), "no second attempt", 180)
    child = cluster.proc("worker").children()[0]
    before = memory_mb(child)
    until(lambda: cluster.effects_of(execution), "it never ended", 400)
    after = memory_mb(child)
    done = cluster.wait(execution)

    assert done["state"]["current"] == "SUCCESS"
    assert lines_of(cluster, execution, 1) == [str(n) for n in range(1, count + 1)]
    assert first == [str(n) for n in range(1, len(first) + 1)]
    assert after - before < 60


def test_twenty_thousand_lines_with_the_worker_killed_meanwhile(cluster):
    check(cluster, 20_000)


@pytest.mark.slow
def test_very_many_lines_with_the_worker_killed_meanwhile(cluster):
    check(cluster, MANY)
