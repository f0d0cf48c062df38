"""From one machine to a thousand: what saturates first, simulated with costs measured here.

`python bench/capacity.py` measures what one step costs each part (worker, database, broker), then
lets steps flow through as many of each as an installation has, and prints the tables of
docs/scaling.md. `--costs FILE` takes costs from an earlier run instead of measuring.
"""

import argparse
import heapq
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent / "plugin")]

from bench.support.bench import Bench
from bench.support.cluster import Cluster
from bench.support.proc import cpu_seconds

PARTS = ("worker", "postgres", "broker")
STEPS = 10
LOADS = (0.25, 0.5, 0.75)  #: of the busiest part, before a loss
FULL = 0.8  #: how busy the busiest part may be, so that waits stay short


@dataclass(frozen=True)
class Costs:
    """CPU milliseconds that one step costs each part."""

    worker: float
    postgres: float
    broker: float


@dataclass(frozen=True)
class Installation:
    """How many cores stand for each part; a broker uses one for its commands."""

    workers: int
    database: int = 8
    shards: int = 1  #: databases, each with its broker, among which executions are divided

    def cores(self, part: str) -> int:
        """Of one shard."""
        whole = {"worker": self.workers // self.shards, "postgres": self.database, "broker": 1}
        return max(whole[part], 1)


def bottleneck(costs: Costs, at: Installation) -> tuple[str, float]:
    """The part that is full first, and the steps a second of all shards when it is at FULL."""
    rates = {part: at.cores(part) * 1000 / getattr(costs, part) for part in PARTS}
    part = min(rates, key=lambda name: rates[name])
    return part, rates[part] * FULL * at.shards


@dataclass(frozen=True)
class Passed:
    """One step of a simulation, in ms of its clock."""

    came: float
    waited: float  #: for all parts together
    ended: float


def simulated(
    costs: Costs, at: Installation, rate: float, steps: int, away_ms: float = 0.0
) -> Iterator[Passed]:
    """Steps that come at random to one shard; nothing is worked on before `away_ms` are over."""
    chance = random.Random(7)
    free = {part: [away_ms] * at.cores(part) for part in PARTS}
    now = 0.0
    for _ in range(steps):
        now += chance.expovariate(rate / at.shards / 1000)
        ready, lost = now, 0.0
        for part in ("broker", "worker", "postgres"):
            begins = max(ready, heapq.heappop(free[part]))
            lost += begins - ready
            # no two steps are alike: half the cost is fixed, half varies
            mean = getattr(costs, part)
            ready = begins + mean / 2 + chance.expovariate(2 / mean)
            heapq.heappush(free[part], ready)
        yield Passed(now, lost, ready)


def waits(costs: Costs, at: Installation, rate: float, steps: int = 20_000) -> float:
    """The 95th percentile of waiting, in ms."""
    waited = sorted(step.waited for step in simulated(costs, at, rate, steps))
    return waited[int(steps * 0.95)]


def catch_up(costs: Costs, at: Installation, load: float, away_s: float) -> float:
    """How many seconds after a loss of so many nothing is late by more than a second any more.

    Work comes all the while, and fills the busiest part by `load` (below 1). Infinite when the
    backlog is still there after ten times as long.
    """
    rate = bottleneck(costs, at)[1] / FULL * load
    away_ms, steps = away_s * 1000, int(rate / at.shards * away_s * 11)
    for step in simulated(costs, at, rate, steps, away_ms):
        if step.came > away_ms and step.waited < 1000:
            return (step.came - away_ms) / 1000
    return float("inf")


def measure(bench: Bench, flow: str, executions: int) -> Costs:
    """Runs executions and divides what each part used by the steps."""
    pids = {part: bench.cluster.pid(part) for part in PARTS}
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    bench.run_many(flow, executions)
    total = executions * STEPS
    spent = {part: (cpu_seconds(pid) - before[part]) / total for part, pid in pids.items()}
    return Costs(**{part: max(seconds * 1000, 0.001) for part, seconds in spent.items()})


def measured(executions: int) -> dict[str, Costs]:
    """The costs of a step in process and of one that travels to a queue, on this machine."""
    cluster = Cluster()
    try:
        cluster.start()
        bench = Bench(cluster)
        flows = {
            "in process": bench.in_process("inside", STEPS),
            "routed": bench.routed("routed", STEPS),
        }
        for flow in flows.values():
            bench.warm_up(flow)
        return {name: measure(bench, flow, executions) for name, flow in flows.items()}
    finally:
        cluster.stop()


#: cores of workers, cores of a database, databases
SIZES = ((2, 2, 1), (8, 4, 1), (32, 8, 1), (128, 16, 1), (512, 32, 1), (4000, 32, 16))


def table(costs: dict[str, Costs]) -> str:
    """A line for each size and kind of step."""
    lines = [
        "| worker cores | databases × cores | step | steps/s | full first | p95 of waiting, ms |",
        "|---|---|---|---|---|---|",
    ]
    for workers, cores, shards in SIZES:
        at = Installation(workers, cores, shards)
        for name, cost in costs.items():
            part, rate = bottleneck(cost, at)
            wait = waits(cost, at, rate)
            lines.append(
                f"| {workers} | {shards} × {cores} | {name} | {rate:.0f} | {part} | {wait:.1f} |"
            )
    return "\n".join(lines)


def loss_table(costs: dict[str, Costs], away_s: float = 60.0) -> str:
    """How long it takes to catch up with a loss, by how busy the busiest part was before."""
    lines = ["| busy before | " + " | ".join(costs) + " |", "|---" * (len(costs) + 1) + "|"]
    for load in LOADS:
        found = (catch_up(cost, Installation(8, 4), load, away_s) for cost in costs.values())
        lines.append(f"| {load:.0%} | " + " | ".join(f"{s / away_s:.2f} ×" for s in found) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measures or reads the costs, prints them and the table."""
    parser = argparse.ArgumentParser(description="What saturates first, by measured costs")
    parser.add_argument("--costs", type=Path, help="a file that an earlier run printed")
    parser.add_argument("--executions", type=int, default=100, help="of each kind, to measure")
    given = parser.parse_args()
    if given.costs:
        found = json.loads(given.costs.read_text(encoding="utf-8"))
        costs = {name: Costs(**values) for name, values in found.items()}
    else:
        costs = measured(given.executions)
    print(json.dumps({name: asdict(cost) for name, cost in costs.items()}, indent=2))
    print(table(costs))
    print(loss_table(costs))


if __name__ == "__main__":
    main()
