"""What a row is given: the cluster, its sizes, and ways to run flows and to wait for their end."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.service import executions, flows
from bench.support import raw
from bench.support.cluster import Cluster, wait_for
from bench.support.proc import cpu_seconds

NAMESPACE = "bench.rows"
#: what works for one side or the other; the process of the benchmark itself is added
OURS = ("worker", "postgres", "broker")
RAW = ("raw", "broker")
ROUTED = ("Default", "Git", "Script", "Docker")


class Ends:
    """Hears of the ends of executions as the API does: by the broker's announcements."""

    def __init__(self, publisher: Any) -> None:
        self._ended: set[str] = set()
        self._heard = threading.Condition()
        self._stop = threading.Event()
        thread = threading.Thread(
            target=publisher.listen, args=(self._hear, self._stop), daemon=True
        )
        thread.start()

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("ended"):
            with self._heard:
                self._ended.add(str(message["channel"]).removeprefix("execution:"))
                self._heard.notify_all()

    def wait(self, execution_ids: Sequence[str], seconds: float = 300) -> None:
        """Returns once all of them have ended."""
        waiting = set(execution_ids)
        ends = time.monotonic() + seconds
        with self._heard:
            while not waiting <= self._ended:
                if not self._heard.wait(ends - time.monotonic()):
                    raise TimeoutError(f"{len(waiting - self._ended)} executions did not end")
            self._ended -= waiting

    def stop(self) -> None:
        """Listens no more."""
        self._stop.set()


@dataclass
class Bench:
    """The cluster and the sizes of one run."""

    cluster: Cluster
    tiny: bool = False
    ends: Ends = field(init=False)

    def __post_init__(self) -> None:
        self.ends = Ends(self.cluster.rt.publisher)

    def size(self, full: int, tiny: int) -> int:
        """How many: of a full run, or of the smoke test."""
        return tiny if self.tiny else full

    def save(self, flow_id: str, tasks: str) -> str:
        """Saves a flow with these tasks; its id."""
        flows.save(self.cluster.rt, f"id: {flow_id}\nnamespace: {NAMESPACE}\ntasks:\n{tasks}")
        return flow_id

    def in_process(self, flow_id: str, count: int) -> str:
        """A flow of steps in process: each renders, gives an output and writes a log line."""
        return self.save(flow_id, _steps(count, lambda _: "io.kestra.plugin.core.debug.Return"))

    def routed(self, flow_id: str, count: int) -> str:
        """A flow of steps that go from queue to queue."""
        kinds = [f"org.trunkline.bench.{name}" for name in ROUTED]
        return self.save(flow_id, _steps(count, lambda i: kinds[i % len(kinds)]))

    def run(self, flow_id: str) -> str:
        """One execution to its end; its id."""
        execution_id = executions.start(self.cluster.rt, NAMESPACE, flow_id)
        self.ends.wait([execution_id])
        self._check(execution_id)
        return execution_id

    def run_many(self, flow_id: str, count: int) -> None:
        """Starts many executions and waits for all of them."""
        ids = [executions.start(self.cluster.rt, NAMESPACE, flow_id) for _ in range(count)]
        self.ends.wait(ids)
        self._check(ids[-1])

    def _check(self, execution_id: str) -> None:
        state = executions.get(self.cluster.rt, execution_id).state
        if state != "SUCCESS":
            raise RuntimeError(f"the execution {execution_id} ended in {state}")

    def submit_and_wait(self, flow_id: str) -> dict[str, Any]:
        """One execution over the REST API, to its end."""
        path = f"/executions/{NAMESPACE}/{flow_id}"
        answer = self.cluster.client.post(path, params={"wait": "true"})
        found: dict[str, Any] = answer.raise_for_status().json()
        if found["state"]["current"] != "SUCCESS":
            raise RuntimeError(f"the execution ended in {found['state']['current']}")
        return found

    def warm_up(self, flow_id: str) -> None:
        """Each process has met the flow, and raw Celery its first message."""
        for _ in range(self.size(8, 2)):
            self.run(flow_id)
            raw.round_trip()

    def cpu(self, parts: Sequence[str]) -> float:
        """CPU seconds of some parts and of this process so far."""
        own = time.process_time()
        return own + cpu_seconds(*(self.cluster.pid(part) for part in parts))


def _steps(count: int, kind: Callable[[int], str]) -> str:
    text = "{{ execution.id }} of {{ flow.namespace }}"
    lines = [f"  - {{id: t{i}, type: {kind(i)}, format: '{text} step {i}'}}" for i in range(count)]
    return "\n".join(lines)


def timed(act: Callable[[], object]) -> float:
    """How many seconds an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def answers(client: httpx.Client, path: str) -> bool:
    """Whether a path answers well."""
    return client.get(path).is_success


__all__ = ["NAMESPACE", "OURS", "RAW", "Bench", "Ends", "answers", "timed", "wait_for"]
