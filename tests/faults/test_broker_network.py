"""A network to the broker that refuses, swallows, or lets open connections go silent."""

import time

import pytest

from app.dispatch.celery_app import make_celery
from tests.faults.cluster import Broker, Cluster, attempts, until
from tests.faults.proxy import Proxy

WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxied")
    broker = Broker(folder / "broker", keeps=True)
    proxy = Proxy(broker.port)
    url = f"redis://127.0.0.1:{proxy.port}/0"
    made = Cluster(folder, f"sqlite:///{folder / 'trunkline.db'}", broker, BROKER_URL=url)
    with made.running():
        made.script_flow("hello", WRITE)
        made.wait(made.start("hello"))
        yield made, proxy
    proxy.close()


@pytest.mark.parametrize("fault", ["refuse", "swallow"])
def test_while_the_broker_is_away_the_api_accepts_and_all_runs_after(proxied, fault):
    cluster, proxy = proxied
    getattr(proxy, fault)()
    began = time.monotonic()
    ids = [cluster.start("hello") for _ in range(5)]
    spent = time.monotonic() - began
    proxy.mend()

    assert spent < 25  # one wait for the broker, not one for each
    assert cluster.states(ids, 240) == {"SUCCESS": 5}
    assert [attempts(cluster.get(one)) for one in ids] == [[["SUCCESS"]]] * 5


def test_workers_consume_again_when_open_connections_went_silent(proxied):
    cluster, proxy = proxied
    proxy.hush()
    ids = [cluster.start("hello") for _ in range(3)]

    assert cluster.states(ids, 240) == {"SUCCESS": 3}
    assert [attempts(cluster.get(one)) for one in ids] == [[["SUCCESS"]]] * 3


def test_a_worker_that_stays_deaf_connects_anew_and_then_ends_for_its_supervisor(proxied):
    cluster, _ = proxied
    worker = cluster.proc("worker")
    app = make_celery(cluster.settings)
    for queue in ("engine", "default", "script"):
        # a worker whose control connection is still being made anew hears nothing
        until(lambda q=queue: app.control.cancel_consumer(q, reply=True, timeout=5), "no reply")
    execution = cluster.start("hello")
    code = worker.wait_end(180)
    said = worker.said()
    cluster.revive()
    done = cluster.wait(execution)

    assert code == 0
    assert "the broker brought nothing while work waited" in said
    assert done["state"]["current"] == "SUCCESS"
    assert attempts(done) == [["SUCCESS"]]
