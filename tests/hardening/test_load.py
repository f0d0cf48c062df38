"""Many at once on the real server: 300 requests beside 50 open streams, and nobody is refused."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.faults.cluster import Broker, Cluster

USER, PASSWORD = "admin@example.org", "correct horse"
PAUSE = "{id: p, type: io.kestra.plugin.core.flow.Pause}"
REQUESTS, STREAMS, PATIENCE_S = 300, 50, 60


class Load:
    """What 50 streams heard, and how long each of 300 requests took, in seconds."""

    def __init__(self, base, token, execution):
        self.base, self.execution = base, execution
        self.headers = {"Authorization": f"Bearer {token}"}
        self.opened, self.failed = threading.Semaphore(0), []
        self.heard = []

    def follow(self):
        frames = []
        try:
            with httpx.stream("GET", f"{self.base}/executions/{self.execution}/follow",
                              headers=self.headers, timeout=PATIENCE_S) as got:  # fmt: skip
                for line in got.iter_lines():
                    if line.startswith("id: "):
                        frames.append(line.removeprefix("id: "))
                        self.opened.release() if len(frames) == 1 else None
        except httpx.HTTPError as error:
            self.failed.append(repr(error))
        if not frames:
            self.opened.release()
        self.heard.append((frames[0], frames[-1]) if frames else None)

    def ask(self, n):
        """Reads, and a start for each fifth; every one on a connection of its own."""
        reads = ("/executions/search", "/flows/search", f"/executions/{self.execution}", "/me")
        method, path = ("POST", "/executions/faults/waits") if n % 5 == 0 else ("GET", reads[n % 4])
        began = time.monotonic()
        try:
            sent = httpx.request(method, self.base + path, headers=self.headers, timeout=PATIENCE_S)
            if sent.status_code != 200:
                self.failed.append(f"{method} {path}: {sent.status_code}")
        except httpx.HTTPError as error:
            self.failed.append(repr(error))
        return time.monotonic() - began


@pytest.fixture
def cluster(tmp_path):
    broker = Broker(tmp_path / "broker")
    made = Cluster(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", broker, AUTH_ENABLED="true",
                   API_STREAMS_EACH="60", ADMIN_USERNAME=USER, ADMIN_PASSWORD=PASSWORD)  # fmt: skip
    try:
        made.api()
        made.client.auth = (USER, PASSWORD)
        yield made
    finally:
        made.stop()


@pytest.mark.slow
def test_three_hundred_requests_beside_fifty_streams_are_all_answered(cluster, record_property):
    cluster.flow(f"id: waits\nnamespace: faults\ntasks: [{PAUSE}]\n")
    token = cluster.client.post("/me/api-tokens", json={"name": "load"}).json()["fullToken"]
    execution = cluster.start("waits")
    load = Load(f"http://127.0.0.1:{cluster.port}/api/v1/main", token, execution)
    streams = [threading.Thread(target=load.follow) for _ in range(STREAMS)]

    for thread in streams:
        thread.start()
    for _ in streams:
        assert load.opened.acquire(timeout=PATIENCE_S)
    with ThreadPoolExecutor(REQUESTS) as pool:
        times = sorted(pool.map(load.ask, range(REQUESTS)))
    cluster.client.delete(f"/executions/{execution}/kill").raise_for_status()
    for thread in streams:
        thread.join(PATIENCE_S)

    p95 = times[int(len(times) * 0.95)]
    record_property("p95_s", round(p95, 2))
    print(f"p95 of {REQUESTS} requests at once: {p95:.2f} s")  # noqa: T201 - reported
    total = cluster.client.get("/executions/search").json()["total"]
    assert load.failed == []
    assert load.heard == [("progress", "end")] * STREAMS  # they went on, and heard of the end
    assert total == 1 + REQUESTS // 5
    assert p95 < 20
