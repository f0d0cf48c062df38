"""P2: ten steps in process, one execution, against a raw chain of ten."""

from bench.support.bench import Bench
from bench.support.chains import against_chain
from bench.support.figures import Goal, Report

ROW = "P2"
ITEM = "10 in-process steps, one execution"


def measure(bench: Bench) -> Report:
    """One execution after the other, in turn with the chain."""
    ratio, figures = against_chain(bench, bench.in_process("p2", 10), bench.size(60, 2))
    return Report(ROW, ITEM, [Goal("time over raw chain", ratio, 1.0, 0.5)], figures)
