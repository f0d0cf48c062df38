"""P4: 200 executions of ten steps in process, two worker processes, against 200 raw chains."""

from bench.support.bench import Bench
from bench.support.figures import Goal, Report
from bench.support.throughput import throughput

ROW = "P4"
ITEM = "throughput, 200 executions × 10 in-process steps"


def measure(bench: Bench) -> Report:
    """Rate and CPU, with that of the database, the broker and the sender."""
    flow = bench.in_process("p4", 10)
    found = throughput(bench, flow, bench.size(200, 4), 10)
    goals = [
        Goal("tasks/s over raw chains", found.rate, 1.5, 3, at_least=True),
        Goal("CPU per task over raw chains", found.cpu, 0.8, 0.4),
    ]
    return Report(ROW, ITEM, goals, found.figures())
