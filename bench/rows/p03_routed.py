"""P3: ten routed steps that go over four queues, against a raw chain of ten."""

from bench.support.bench import Bench
from bench.support.chains import against_chain
from bench.support.figures import Goal, Report

ROW = "P3"
ITEM = "10 routed steps over different queues"


def measure(bench: Bench) -> Report:
    """One execution after the other, in turn with the chain."""
    ratio, figures = against_chain(bench, bench.routed("p3", 10), bench.size(40, 2))
    return Report(ROW, ITEM, [Goal("time over raw chain", ratio, 2.5, 1.6)], figures)
