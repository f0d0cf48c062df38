"""P13: memory and CPU of the API, beat and a worker that have nothing to do."""

import os
import time

from bench.support.bench import Bench
from bench.support.figures import Goal, Report
from bench.support.proc import cpu_seconds, memory_mb

ROW = "P13"
ITEM = "idle footprint of api + beat + workers"
PARTS = ("api", "beat", "worker")


def measure(bench: Bench) -> Report:
    """Proportional memory (what a fork shares counts once) and CPU over half a minute.

    `BENCH_IDLE_S` makes it longer.
    """
    bench.warm_up(bench.in_process("p13", 1))
    pids = {part: bench.cluster.pid(part) for part in PARTS}
    span = bench.size(int(os.environ.get("BENCH_IDLE_S", "30")), 2)
    time.sleep(1)
    before = {part: cpu_seconds(pid) for part, pid in pids.items()}
    time.sleep(span)
    used = {part: (cpu_seconds(pid) - before[part]) / span * 100 for part, pid in pids.items()}
    memory = {part: memory_mb(pid) for part, pid in pids.items()}
    figures = {f"{part}, MB": memory[part][0] for part in PARTS}
    figures |= {f"{part}, % of a core": used[part] for part in PARTS}
    figures["resident, MB"] = sum(rss for _, rss in memory.values())
    return Report(
        ROW,
        ITEM,
        [
            Goal("memory", sum(pss for pss, _ in memory.values()), 450, 250, unit="MB"),
            Goal("CPU", sum(used.values()), 2, unit="% of a core"),
        ],
        figures,
    )
