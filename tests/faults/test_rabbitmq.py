"""The same cluster on RabbitMQ: quorum queues, a node that crashes, Celery's own inspection."""

import subprocess
import sys
import time

import pytest

from tests.faults.cluster import Cluster, attempts, until
from tests.support.rabbitmq import started

WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rabbit")
    server = started(folder / "node")
    made = Cluster(folder, f"sqlite:///{folder / 'trunkline.db'}", server)
    with made.running():
        yield made
    server.stop()


@pytest.fixture
def impatient(tmp_path):
    """A node that ends a consumer whose message is not acknowledged within three seconds.

    As every node does after 30 minutes; it looks once a second here, once a minute by default.
    """
    server = started(tmp_path / "node", consumer_timeout=3000, channel_tick_interval=1000)
    made = Cluster(tmp_path, f"sqlite:///{tmp_path / 'trunkline.db'}", server)
    with made.running():
        yield made
    server.stop()


def test_a_step_that_lasts_longer_than_the_broker_waits_ends_once_and_the_worker_goes_on(impatient):
    impatient.script_flow("patience", WRITE + "; sleep 12", tasks=2)
    impatient.script_flow("short", WRITE)
    long = impatient.start("patience")
    done = impatient.wait(long, 240)
    worker = impatient.proc("worker")

    assert "PRECONDITION_FAILED" in worker.said()  # the broker did lose its patience
    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["SUCCESS"]] * 2
    assert [words[0] for words in impatient.effects_of(long)] == ["t0", "t1"]
    assert impatient.states([impatient.start("short") for _ in range(3)]) == {"SUCCESS": 3}
    assert worker.is_alive


def test_chains_fans_and_kills_work(rabbit):
    rabbit.script_flow("rabbit", WRITE, tasks=4)
    ids = [rabbit.start("rabbit") for _ in range(5)]

    assert rabbit.states(ids, 240) == {"SUCCESS": 5}
    for execution in ids:
        assert attempts(rabbit.get(execution)) == [["SUCCESS"]] * 4
        assert [words[0] for words in rabbit.effects_of(execution)] == ["t0", "t1", "t2", "t3"]


def test_a_node_that_crashes_loses_and_doubles_nothing(rabbit):
    rabbit.script_flow("crashed", WRITE + "; sleep 0.2", tasks=3)
    ids = [rabbit.start("crashed") for _ in range(6)]
    rabbit.wait_effect(ids[0], 180)
    rabbit.broker.kill()
    ids.append(rabbit.start_surely("crashed", "while it is away"))
    rabbit.broker.start()

    assert rabbit.states(ids, 180) == {"SUCCESS": 7}
    for execution in ids:
        wrote = rabbit.effects_of(execution)
        assert len({tuple(words) for words in wrote}) == len(wrote) == 3


def test_celery_inspects_the_workers(rabbit):
    rabbit.script_flow("long", WRITE + "; sleep 60")
    execution = rabbit.start("long")
    rabbit.wait_effect(execution, 180)

    def inspect(what):
        command = [sys.executable, "-m", "celery", "--broker", rabbit.broker.url, "inspect", what]
        done = subprocess.run([*command, "--timeout", "5"], capture_output=True, text=True)
        return done.stdout

    until(lambda: "pong" in inspect("ping"), "no worker answered", 180)
    active = inspect("active")
    rabbit.client.delete(f"/executions/{execution}/kill")
    done = rabbit.wait(execution, 180)

    assert "trunkline.run" in active
    assert execution in active
    assert done["state"]["current"] == "KILLED"


def test_a_full_broker_holds_no_request_up_and_what_was_accepted_runs_once_it_has_room(rabbit):
    rabbit.script_flow("full", WRITE, tasks=2)
    rabbit.script_flow("long", "sleep 60")
    long = rabbit.start("long")
    until(lambda: rabbit.get(long)["state"]["current"] == "RUNNING", "it did not start")
    rabbit.broker.may_use(0)
    try:
        began = time.monotonic()
        ids = [rabbit.start("full") for _ in range(4)]
        rabbit.client.delete(f"/executions/{long}/kill").raise_for_status()
        took = time.monotonic() - began
        waiting = {rabbit.get(one)["state"]["current"] for one in ids}
    finally:
        rabbit.broker.may_use(0.6)

    assert waiting == {"CREATED"}
    assert took < 10  # one of them waits
    assert rabbit.wait(long)["state"]["current"] == "KILLED"
    assert rabbit.states(ids, 240) == {"SUCCESS": 4}
