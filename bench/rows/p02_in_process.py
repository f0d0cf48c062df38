"""P2: ten steps in process, one execution, against a raw chain of ten."""

from bench.support import raw
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P2"
ITEM = "10 in-process steps, one execution"


def measure(bench: Bench) -> Report:
    """One execution after the other, in turn with the chain."""
    flow = bench.in_process("p2", 10)
    bench.warm_up(flow)
    raw.chain_of(10)
    found = interleaved(
        bench.size(60, 2),
        ours=lambda: timed(lambda: bench.run(flow)),
        raw=lambda: timed(lambda: raw.chain_of(10)),
    )
    ours, base = median(found["ours"]), median(found["raw"])
    return Report(
        ROW,
        ITEM,
        [Goal("time over raw chain", ours / base, 1.0, 0.5)],
        {"raw chain of 10, ms": base * 1000, "10 steps, ms": ours * 1000},
    )
