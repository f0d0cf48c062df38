"""P1: one no-op task on an idle system, from the REST request to the final state."""

from bench.support import raw
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median, quantile

ROW = "P1"
ITEM = "submit over REST → terminal, 1 task, idle"


def submissions(bench: Bench, flow: str, count: int) -> list[float]:
    """Seconds from request to final state, one after the other."""
    return [timed(lambda: bench.submit_and_wait(flow)) for _ in range(count)]


def measure(bench: Bench) -> Report:
    """Round trips in turn with raw Celery's."""
    flow = bench.in_process("p1", 1)
    bench.warm_up(flow)
    submissions(bench, flow, bench.size(10, 1))
    found = interleaved(
        bench.size(150, 3),
        ours=lambda: timed(lambda: bench.submit_and_wait(flow)),
        raw=lambda: timed(raw.round_trip),
    )
    ours, base = found["ours"], median(found["raw"])
    p50, p95 = median(ours) * 1000, quantile(ours, 0.95) * 1000
    return Report(
        ROW,
        ITEM,
        [
            Goal("p50 over raw round trip", median(ours) / base, 4, 2.5),
            Goal("p50", p50, 25, unit="ms"),
            Goal("p95", p95, 60, unit="ms"),
        ],
        {"raw round trip p50, ms": base * 1000, "p50, ms": p50, "p95, ms": p95},
    )
