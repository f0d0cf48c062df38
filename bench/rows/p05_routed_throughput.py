"""P5: 100 executions of ten routed steps, two worker processes, against 100 raw chains."""

from bench.support.bench import Bench
from bench.support.figures import Goal, Report
from bench.support.throughput import throughput

ROW = "P5"
ITEM = "throughput, routed steps"


def measure(bench: Bench) -> Report:
    """Rate and CPU, with that of the database, the broker and the sender."""
    flow = bench.routed("p5", 10)
    found = throughput(bench, flow, bench.size(100, 3), 10)
    goals = [Goal("tasks/s over raw chains", found.rate, 0.5, 0.75, at_least=True)]
    return Report(ROW, ITEM, goals, found.figures())
