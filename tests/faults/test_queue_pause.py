"""A paused queue: what runs of it ends, nothing begins, nothing is lost, sent twice or deaf."""

import pytest

from tests.faults.cluster import Cluster, until
from tests.support.rabbitmq import started

LONG = "echo $TASK begin >> $EFFECTS.$ID; until [ -e $EFFECTS.go ]; do sleep 0.1; done"
SHORT = "echo $TASK >> $EFFECTS.$ID"
PLAIN = """
id: plain
namespace: faults
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]
"""


def wrote(cluster, execution):
    path = cluster.effects_file.with_name(f"effects.{execution}")
    return path.read_text(encoding="ascii").splitlines() if path.exists() else []


def script_queue(cluster):
    found = cluster.client.get("/instance/queues").json()["results"]
    return next(queue for queue in found if queue["name"] == "script")


def pause(cluster, worker):
    """Returns once the worker has left the queue."""
    said = worker.said().count("script is paused")
    cluster.client.put("/instance/queues/paused/script").raise_for_status()
    until(lambda: worker.said().count("script is paused") > said, "it goes on taking", 30)


def check(cluster):
    """What holds on every broker."""
    (cluster.folder / "effects.go").unlink(missing_ok=True)
    cluster.script_flow("long", LONG, tasks=2)
    cluster.script_flow("short", SHORT)
    cluster.flow(PLAIN)
    worker = cluster.proc("worker")
    runs = cluster.start("long")
    until(lambda: wrote(cluster, runs), "it did not begin", 180)
    waits = [cluster.start("short") for _ in range(2)]  # one of them is in the worker's hand
    pause(cluster, worker)
    waits.append(cluster.start("short"))
    (cluster.folder / "effects.go").touch()
    until(lambda: script_queue(cluster)["waiting"] == 4, "they do not wait", 30)
    until(lambda: script_queue(cluster)["depth"] == 4, "what was in hand did not go back", 30)
    plain = cluster.wait(cluster.start("plain"))
    worker.term()
    worker.wait_end(60)
    worker.restart()
    later = cluster.wait(cluster.start("plain"))  # the worker is there, and takes what it may
    still, before = script_queue(cluster), [wrote(cluster, one) for one in (runs, *waits)]
    cluster.client.delete("/instance/queues/paused/script").raise_for_status()
    states = cluster.states([runs, *waits])
    after = [wrote(cluster, one) for one in (runs, *waits)]

    assert [one["state"]["current"] for one in (plain, later)] == ["SUCCESS"] * 2
    assert before == [["t0 begin"], [], [], []]
    assert (still["waiting"], still["running"], still["depth"]) == (4, 0, 4)
    assert still["pausedSince"].endswith("Z")
    assert states == {"SUCCESS": 4}
    assert after == [["t0 begin", "t1 begin"], ["t0"], ["t0"], ["t0"]]  # nothing ran twice
    return still


@pytest.fixture
def resumed(cluster):
    """The cluster, whose queues are taken from again whatever the test paused."""
    yield cluster
    with cluster.database.transaction() as tx:
        tx.exec_driver_sql("delete from queue_pauses")


def test_a_paused_queue_rests_and_goes_on(resumed):
    still = check(resumed)

    assert still["depthByPriority"] == {"normal": 4, "background": 0}


@pytest.mark.slow
def test_a_paused_queue_of_rabbitmq_rests_and_goes_on(tmp_path):
    server = started(tmp_path / "node")
    made = Cluster(tmp_path, f"sqlite:///{tmp_path / 'trunkline.db'}", server)
    with made.running():
        still = check(made)
    server.stop()

    assert still["depthByPriority"] is None
