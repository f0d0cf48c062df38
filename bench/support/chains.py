"""One execution of ten steps after the other, in turn with a raw chain of ten."""

from bench.support import raw
from bench.support.bench import Bench, timed
from bench.support.figures import interleaved, median


def against_chain(bench: Bench, flow: str, times: int) -> tuple[float, dict[str, float]]:
    """The time of an execution as a multiple of the chain's, and both of them."""
    bench.warm_up(flow)
    raw.chain_of(10)
    found = interleaved(
        times,
        ours=lambda: timed(lambda: bench.run(flow)),
        raw=lambda: timed(lambda: raw.chain_of(10)),
    )
    ours, base = median(found["ours"]), median(found["raw"])
    return ours / base, {"raw chain of 10, ms": base * 1000, "10 steps, ms": ours * 1000}
