"""The database restarts under load, is cut off, goes silent; a worker alone is cut off."""

import os
import threading
import time

import httpx
import pytest

from tests.faults.cluster import Broker, Cluster, attempts, until
from tests.faults.proxy import Proxy
from tests.support.postgres import PostgresServer, find_binaries

WRITE = "echo $ID $TASK $ATTEMPT >> $EFFECTS; sleep 0.3"
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def server():
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("PostgreSQL is required here and is not installed")
        pytest.skip("PostgreSQL is not installed")
    made = PostgresServer(binaries)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory, server):
    folder = tmp_path_factory.mktemp("proxied")
    proxy = Proxy(server.port)
    url = server.new_database().replace(str(server.port), str(proxy.port))
    made = Cluster(folder, url, Broker(folder / "broker"), DATABASE_TIMEOUT_S="3")
    with made.running():
        made.script_flow("load", WRITE, tasks=3)
        made.wait(made.start("load"))
        yield made, proxy
    proxy.close()


class Load:
    """A client that starts executions until it is told to stop, and notes every answer."""

    def __init__(self, cluster):
        self.cluster, self.stop = cluster, threading.Event()
        self.accepted, self.statuses = [], set()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with httpx.Client(base_url=self.cluster.client.base_url, timeout=60) as client:
            while not self.stop.wait(0.2):
                answer = client.post("/executions/faults/load")
                self.statuses.add(answer.status_code)
                if answer.status_code == 200:
                    self.accepted.append(answer.json()["id"])

    def end(self):
        self.stop.set()
        self.thread.join(90)
        return self.accepted


def nothing_lost_or_doubled(cluster, ids):
    assert cluster.states(ids, 240) == {"SUCCESS": len(ids)}
    for execution in ids:
        wrote = cluster.effects_of(execution)
        runs = attempts(cluster.get(execution))
        assert len({tuple(words) for words in wrote}) == len(wrote)
        assert len(wrote) <= sum(map(len, runs))
        assert [states[-1] for states in runs] == ["SUCCESS"] * 3


def test_a_restart_under_load_loses_and_doubles_nothing(proxied, server):
    cluster, _ = proxied
    load = Load(cluster)
    until(lambda: len(load.accepted) >= 3, "no load", 180)
    server.restart()
    seen = len(load.accepted)
    until(lambda: len(load.accepted) >= seen + 3, "the load did not go on", 180)

    nothing_lost_or_doubled(cluster, load.end())
    assert load.statuses <= {200, 503}


def test_cut_connections_lose_and_double_nothing(proxied):
    cluster, proxy = proxied
    load = Load(cluster)
    for wanted in (2, 4, 6):
        until(lambda wanted=wanted: len(load.accepted) >= wanted, "no load", 180)
        proxy.cut()

    nothing_lost_or_doubled(cluster, load.end())
    assert load.statuses <= {200, 503}


@pytest.mark.parametrize("fault", ["refuse", "swallow"])
def test_a_database_that_is_away_gives_503_and_all_goes_on_after(proxied, fault):
    cluster, proxy = proxied
    ids = [cluster.start("load") for _ in range(2)]
    getattr(proxy, fault)()
    began = time.monotonic()
    answer = httpx.get(f"http://127.0.0.1:{cluster.port}/health", timeout=60)
    refused = cluster.client.post("/executions/faults/load")
    spent = time.monotonic() - began
    proxy.mend()

    assert answer.status_code == 503
    assert answer.json()["details"]["database"]["status"] == "DOWN"
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert spent < 25
    nothing_lost_or_doubled(cluster, ids)


def test_a_worker_that_alone_is_cut_off_kills_its_script_before_it_is_replaced(
    proxied, server, tmp_path
):
    cluster, _ = proxied
    only = Proxy(server.port)
    url = cluster.settings.database_url
    port = url.split(":")[-1].split("/")[0]
    cluster.script_flow("split", "echo $ID begin $ATTEMPT $$ >> $EFFECTS; sleep 60")
    cluster.proc("worker").kill_group()
    lonely = cluster.worker("lonely", database_url=url.replace(port, str(only.port)))
    execution = cluster.start("split")
    cluster.wait_effect(execution, 180)
    first = int(cluster.effects_of(execution)[0][2])
    cluster.worker("heir")
    only.swallow()
    until(lambda: len(cluster.effects_of(execution)) == 2, "it was not replaced", 180)
    first_lives = os.path.exists(f"/proc/{first}")  # noqa: PTH110
    cluster.client.delete(f"/executions/{execution}/kill")
    done = cluster.wait(execution)
    only.close()
    lonely.kill_group()

    assert not first_lives
    assert [states[0] for states in attempts(done)] == ["KILLED"]
