"""A flow with a limit of 1, many submissions at once, and processes that die meanwhile."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.cluster import until

SCRIPT = "echo $ID begin >> $EFFECTS; sleep 0.05; echo $ID end >> $EFFECTS"


def most_at_once(lines, ids):
    """The most executions that were between their first begin and their last end together."""
    ours = [(words[0], words[1]) for words in lines if words[0] in ids]
    first, last = {}, {}
    for n, (execution, _) in enumerate(ours):
        first.setdefault(execution, n)
        last[execution] = n
    return max(sum(first[one] <= n <= last[one] for one in first) for n in range(len(ours)))


def submit(cluster, count):
    with ThreadPoolExecutor(8) as pool:
        keys = [f"{count}.{n}" for n in range(count)]
        return set(pool.map(lambda key: cluster.start_surely("limited", key), keys))


def test_never_two_at_once(cluster):
    cluster.script_flow("limited", SCRIPT, concurrency="{limit: 1}")
    ids = submit(cluster, 12)

    assert cluster.states(ids, 240) == {"SUCCESS": 12}
    assert most_at_once(cluster.effects(), ids) == 1


@pytest.mark.slow
def test_never_two_at_once_among_two_hundred_while_processes_die(cluster):
    cluster.script_flow("limited", SCRIPT, concurrency="{limit: 1}")
    cluster.worker("second", concurrency=2)
    ids = submit(cluster, 200)
    for done in (5, 15, 25):
        until(lambda done=done: len(cluster.effects()) > done, "nothing runs", 120)
        os.kill(cluster.proc("worker").children()[0], signal.SIGKILL)
    cluster.proc("beat").kill_group()
    cluster.proc("beat").restart()

    assert cluster.states(ids, 240) == {"SUCCESS": 200}
    assert most_at_once(cluster.effects(), ids) == 1
