"""SIGTERM under load: nothing new is taken, what does not finish in time is given back.

A drain holds: who is started again by a supervisor waits until somebody says `undrain`.
"""

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


def tell(cluster, *words):
    """A command for workers; what it printed."""
    command = [sys.executable, "-m", "app.cli.main", "worker", *words]
    done = subprocess.run(command, env=cluster.environ, check=True, capture_output=True, text=True)
    return done.stdout


def answering(cluster):
    """The names of the workers that hear the broker."""
    ping = [sys.executable, "-m", "celery", "-A", "workers.flower", "inspect", "ping", "--json"]
    done = subprocess.run(ping, env=cluster.environ, capture_output=True, text=True)
    names = json.loads(done.stdout or "{}") if done.returncode == 0 else {}
    return {name.partition("@")[0] for name in names}


@pytest.fixture
def undrained(cluster):
    """The cluster, whose workers may work again whatever the test marked."""
    yield cluster
    with cluster.database.transaction() as tx:
        tx.exec_driver_sql("delete from drains")


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


def test_what_does_not_finish_within_the_grace_is_given_back_and_counts_nowhere(undrained):
    cluster = undrained
    cluster.script_flow("long", LONG % 60)  # the command to drain may take long to start
    execution = cluster.start("long")
    cluster.wait_effect(execution)
    name = f"w1@{gethostname()}"
    tell(cluster, "drain", name)
    until(lambda: reasons(cluster, execution) == ["DRAIN"], "it was not given back", 180)
    cluster.proc("worker").wait_end(40)
    tell(cluster, "undrain", name)
    cluster.revive()
    until(lambda: len(cluster.effects_of(execution)) == 2, "nobody took it", 180)
    run = cluster.get(execution)["taskRunList"][0]
    cluster.client.delete(f"/executions/{execution}/kill")
    cluster.wait(execution)

    assert attempts({"taskRunList": [run]}) == [["KILLED", "RUNNING"]]
    assert [words[0] for words in cluster.effects_of(execution)] == ["begin", "begin"]
    assert reasons(cluster, execution)[0] == "DRAIN"


@pytest.mark.slow
def test_a_machine_is_drained_by_its_name_and_others_are_not(undrained):
    cluster = undrained
    second = cluster.worker("w2", queues="default")
    elsewhere = cluster.worker("w3", queues="default", host=ELSEWHERE)
    until(lambda: answering(cluster) >= {"w1", "w2", "w3"}, "not all workers came", 180)
    told = tell(cluster, "drain", gethostname())

    assert told == f"w1@{gethostname()}, w2@{gethostname()}: drained from now on\n"
    assert (cluster.proc("worker").wait_end(60), second.wait_end(60)) == (0, 0)
    assert elsewhere.is_alive


def test_a_drained_worker_that_its_supervisor_starts_again_waits_to_be_undrained(undrained):
    cluster = undrained
    worker = cluster.proc("worker")
    until(lambda: "w1" in answering(cluster), "the worker did not come", 180)
    tell(cluster, "drain", gethostname())
    ended = worker.wait_end(60)
    worker.restart()

    def standing():
        listed = cluster.client.get("/instance/services/search").json()["results"]
        return {row["state"] for row in listed if row["server"]["id"].endswith(f":{worker.pid}")}

    until(lambda: standing() == {"DRAINED"}, "it is not shown as drained")
    cluster.script_flow("later", SHORT)
    execution = cluster.start("later")
    shown = tell(cluster, "list")

    assert ended == 0
    assert answering(cluster) == set()  # it has no connection to the broker: nothing can come
    assert worker.is_alive
    assert f"DRAINED\tw1@{gethostname()}" in shown
    assert f"Z\t{gethostname()}\n" in shown
    tell(cluster, "undrain", gethostname())
    assert cluster.wait(execution)["state"]["current"] == "SUCCESS"
    until(lambda: standing() == {"RUNNING"}, "it is still shown as drained")


@pytest.mark.slow
def test_a_worker_that_the_broker_did_not_tell_finds_the_mark_itself(undrained):
    cluster = undrained
    worker = cluster.proc("worker")
    until(lambda: "w1" in answering(cluster), "the worker did not come", 180)
    with cluster.database.transaction() as tx:
        tx.exec_driver_sql(f"insert into drains (name, since) values ('w1@{gethostname()}', 0)")

    assert worker.wait_end(60) == 0


@pytest.mark.slow
def test_a_drained_worker_that_waits_ends_when_it_is_told_to(undrained):
    cluster = undrained
    tell(cluster, "drain", "w4@" + gethostname())
    waiting = cluster.worker("w4", queues="default")
    until(lambda: "drained by the mark" in waiting.said(), "it does not wait", 180)
    waiting.term()

    assert waiting.wait_end(30) == 0
