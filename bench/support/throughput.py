"""Many executions at once against as many raw chains: rate and CPU per task.

Both sides do the same: sequences whose steps run one after the other, each to an end that is seen.
Raw messages that have nothing to do with each other, and no result, are measured beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.support import raw
from bench.support.bench import OURS, RAW, Bench, timed
from bench.support.figures import interleaved, median


@dataclass(frozen=True)
class Cost:
    """Medians over the repetitions."""

    rate: float  #: tasks a second
    cpu_ms: float  #: of all processes that took part, per task


@dataclass(frozen=True)
class Throughput:
    """One size, on three sides."""

    ours: Cost
    chains: Cost  #: as many raw chains of as many tasks
    messages: Cost  #: as many raw tasks that are no chains, fired and forgotten

    @property
    def rate(self) -> float:
        """Our tasks a second over those of raw chains."""
        return self.ours.rate / self.chains.rate

    @property
    def cpu(self) -> float:
        """Our CPU per task over that of raw chains."""
        return self.ours.cpu_ms / self.chains.cpu_ms

    def figures(self) -> dict[str, float]:
        """Everything that was measured, by name."""
        sides = {
            "ours": self.ours,
            "raw chains": self.chains,
            "raw messages without order or result": self.messages,
        }
        found: dict[str, float] = {}
        for name, side in sides.items():
            found[f"{name}, tasks a second"] = side.rate
            found[f"{name}, CPU per task, ms"] = side.cpu_ms
        return found


def throughput(bench: Bench, flow: str, executions: int, steps: int) -> Throughput:
    """`executions` × `steps` tasks of ours, and as many raw ones, in turn."""
    bench.warm_up(flow)
    total = executions * steps
    costs: dict[str, list[float]] = {}

    def side(name: str, parts: tuple[str, ...], act: Callable[[], object]) -> Callable[[], float]:
        def measured() -> float:
            before = bench.cpu(parts)
            seconds = timed(act)
            costs.setdefault(name, []).append((bench.cpu(parts) - before) / total)
            return seconds

        return measured

    found = interleaved(
        bench.size(5, 1),
        ours=side("ours", OURS, lambda: bench.run_many(flow, executions)),
        chains=side("chains", RAW, lambda: raw.chains(executions, steps)),
        messages=side("messages", RAW, lambda: raw.many(total)),
    )
    sides = {name: Cost(total / median(found[name]), median(costs[name]) * 1000) for name in found}
    return Throughput(**sides)
