"""A queue of RabbitMQ that somebody else has made, of a kind that ours cannot be."""

import time

import pytest
from celery.platforms import EX_UNAVAILABLE
from kombu import Connection, Queue

from app.dispatch.celery_app import make_celery
from app.dispatch.job import Job
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings
from tests.faults.cluster import Cluster, until
from tests.support.rabbitmq import started

WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    made = started(tmp_path_factory.mktemp("rabbit") / "node")
    yield made
    made.stop()


@pytest.fixture
def node(standing):
    """A cluster that ends takes its broker with it."""
    if standing.popen.poll() is not None:
        standing.start()
    return standing


def foreign(node, name, act="declare"):
    """Makes or deletes a classic queue, as somebody else would."""
    with Connection(node.url) as connection:
        queue = Queue(name, queue_arguments={"x-queue-type": "classic"})
        getattr(queue(connection.default_channel), act)()


def states(cluster):
    answer = cluster.client.get("/instance/services/search", params={"size": 100})
    rows = answer.raise_for_status().json()["results"]
    return {row["name"]: row["state"] for row in rows if row["type"] == "WORKER"}


def test_a_worker_says_once_which_queue_it_may_not_serve_and_works_when_it_is_gone(node, tmp_path):
    cluster = Cluster(tmp_path, f"sqlite:///{tmp_path / 'trunkline.db'}", node)
    foreign(node, "script")
    with cluster.running():
        cluster.script_flow("waits", WRITE)
        execution = cluster.start("waits")
        until(lambda: states(cluster) == {"w1": "REFUSED"}, "it was not told")
        time.sleep(5)  # long enough for a loop to show
        said = [line for line in cluster.proc("worker").said().splitlines() if "'script'" in line]
        foreign(node, "script", "delete")

        assert cluster.states([execution]) == {"SUCCESS": 1}
        assert len(said) == 1
        assert "ERROR" in said[0]
        assert "rabbitmqctl delete_queue script -p /" in said[0]


def test_a_worker_that_finds_such_a_queue_when_the_broker_comes_ends_and_says_why(node, tmp_path):
    """The one that its supervisor starts then waits, as above."""
    cluster = Cluster(tmp_path, f"sqlite:///{tmp_path / 'trunkline.db'}", node)
    foreign(node, "git")
    node.kill()
    worker = cluster.worker(queues="git")
    try:
        until(lambda: "Cannot connect" in worker.said(), "it did not look for its broker")
        node.start()
        ended = worker.wait_end(60)
    finally:
        cluster.stop()
    said = [line for line in worker.said().splitlines() if "delete_queue git" in line]

    assert ended == EX_UNAVAILABLE
    assert len(said) == 1


def test_what_goes_to_other_queues_is_sent_and_the_refusal_is_told_once(node, caplog):
    foreign(node, "docker")
    publisher = CeleryPublisher(make_celery(Settings(broker_url=node.url)))
    jobs = [
        Job(queue=queue, execution_id="e", sequence="s", pos=n, attempt=1, task_id="t")
        for n, queue in enumerate(["docker", "default", "docker", "default"])
    ]

    publisher.publish(jobs)
    publisher.publish(jobs)

    assert publisher.depth("default") == 4
    assert publisher.depth("docker") == 0
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "delete_queue docker" in caplog.text
