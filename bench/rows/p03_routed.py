"""P3: ten routed steps that go over four queues, against a raw chain of ten."""

from bench.support import raw
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P3"
ITEM = "10 routed steps over different queues"


def measure(bench: Bench) -> Report:
    """One execution after the other, in turn with the chain."""
    flow = bench.routed("p3", 10)
    bench.warm_up(flow)
    raw.chain_of(10)
    found = interleaved(
        bench.size(40, 2),
        ours=lambda: timed(lambda: bench.run(flow)),
        raw=lambda: timed(lambda: raw.chain_of(10)),
    )
    ours, base = median(found["ours"]), median(found["raw"])
    return Report(
        ROW,
        ITEM,
        [Goal("time over raw chain", ours / base, 2.5, 1.6)],
        {"raw chain of 10, ms": base * 1000, "10 routed steps, ms": ours * 1000},
    )
