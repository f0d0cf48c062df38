"""SIGTERM under load: nothing new is taken, what does not finish in time is given back."""

import json
import subprocess
import sys
from socket import gethostname

import pytest

from tests.faults.cluster import attempts, until

#: a machine of another name, as far as a process can see
ELSEWHERE = ("unshare", "--uts", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh")
SHORT = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep 0.5; echo $ID end >> $EFFECTS"
LONG = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep ${NAP:-%s}; echo $ID end >> $EFFECTS"


def reasons(cluster, execution_id):
    with cluster.database.reading() as tx:
        found = tx.exec_driver_sql("select execution_id, reason from attempts").all()
    return [reason for one, reason in found if one == execution_id]


@pytest.mark.slow
def test_a_stopping_worker_fails_doubles_and_loses_nothing(cluster):
    cluster.script_flow("short", SHORT)
    ids = [cluster.start("short") for _ in range(6)]
    cluster.wait_effect(ids[0])
    worker = cluster.proc("worker")
    worker.term()
    code = worker.wait_end(40)
    ended = {one for one in ids if "endDate" in cluster.get(one)["state"]}
    cluster.revive()
    states = cluster.states(ids)
    wrote = [cluster.effects_of(one) for one in ids]

    assert code == 0
    assert 1 <= len(ended) < len(ids)  # it took nothing new
    assert states == {"SUCCESS": len(ids)}
    assert [[words[0] for words in lines] for lines in wrote] == [["begin", "end"]] * len(ids)


def test_what_does_not_finish_within_the_grace_is_given_back_and_counts_nowhere(cluster):
    cluster.script_flow("long", LONG % 60)  # the command to drain may take long to start
    execution = cluster.start("long")
    cluster.wait_effect(execution)
    drain = [sys.executable, "-m", "app.cli.main", "worker", "drain", f"w1@{gethostname()}"]
    subprocess.run(drain, env=cluster.environ, check=True)
    until(lambda: reasons(cluster, execution) == ["DRAIN"], "it was not given back", 180)
    cluster.proc("worker").wait_end(40)
    cluster.revive()
    until(lambda: len(cluster.effects_of(execution)) == 2, "nobody took it", 180)
    run = cluster.get(execution)["taskRunList"][0]
    cluster.client.delete(f"/executions/{execution}/kill")
    cluster.wait(execution)

    assert attempts({"taskRunList": [run]}) == [["KILLED", "RUNNING"]]
    assert [words[0] for words in cluster.effects_of(execution)] == ["begin", "begin"]
    assert reasons(cluster, execution)[0] == "DRAIN"


@pytest.mark.slow
def test_a_machine_is_drained_by_its_name_and_others_are_not(cluster):
    second = cluster.worker("w2", queues="default")
    elsewhere = cluster.worker("w3", queues="default", host=ELSEWHERE)
    ping = [sys.executable, "-m", "celery", "-A", "workers.flower", "inspect", "ping", "--json"]

    def present():
        done = subprocess.run(ping, env=cluster.environ, capture_output=True, text=True)
        names = json.loads(done.stdout or "{}") if done.returncode == 0 else {}
        return {name.partition("@")[0] for name in names} >= {"w1", "w2", "w3"}

    until(present, "not all workers came", 180)
    drain = [sys.executable, "-m", "app.cli.main", "worker", "drain", gethostname()]
    told = subprocess.run(drain, env=cluster.environ, check=True, capture_output=True, text=True)

    assert told.stdout == f"w1@{gethostname()}, w2@{gethostname()}: drained from now on\n"
    assert (cluster.proc("worker").wait_end(60), second.wait_end(60)) == (0, 0)
    assert elsewhere.is_alive
