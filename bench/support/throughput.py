"""Many executions at once against as many raw messages: rate and CPU per task."""

from dataclasses import dataclass

from bench.support import raw
from bench.support.bench import OURS, RAW, Bench, timed
from bench.support.figures import interleaved, median


@dataclass(frozen=True)
class Throughput:
    """Medians over the repetitions."""

    rate: float  #: tasks a second
    raw_rate: float
    cpu_ms: float  #: of all processes that took part, per task
    raw_cpu_ms: float


def throughput(bench: Bench, flow: str, executions: int, steps: int) -> Throughput:
    """`executions` × `steps` tasks of ours, and as many raw ones, in turn."""
    total = executions * steps
    costs: dict[str, list[float]] = {"ours": [], "raw": []}

    def ours() -> float:
        before = bench.cpu(OURS)
        seconds = timed(lambda: bench.run_many(flow, executions))
        costs["ours"].append((bench.cpu(OURS) - before) / total)
        return seconds

    def plain() -> float:
        before = bench.cpu(RAW)
        seconds = timed(lambda: raw.many(total))
        costs["raw"].append((bench.cpu(RAW) - before) / total)
        return seconds

    found = interleaved(bench.size(5, 1), ours=ours, raw=plain)
    return Throughput(
        rate=total / median(found["ours"]),
        raw_rate=total / median(found["raw"]),
        cpu_ms=median(costs["ours"]) * 1000,
        raw_cpu_ms=median(costs["raw"]) * 1000,
    )
