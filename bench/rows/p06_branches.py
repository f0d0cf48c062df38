"""P6: 500 parallel branches and what follows their join, against a raw chord."""

from bench.support import raw
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P6"
ITEM = "500 parallel branches and a join"


def fan(bench: Bench, flow_id: str, width: int, limit: int = 0) -> str:
    """A flow of one loop over `width` values and a step after it."""
    return bench.save(
        flow_id,
        f"""
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{{{ range(1, {width}) }}}}"
    concurrencyLimit: {limit}
    tasks:
      - {{id: inner, type: io.kestra.plugin.core.debug.Return, format: "{{{{ taskrun.value }}}}"}}
  - {{id: after, type: io.kestra.plugin.core.debug.Return, format: "joined"}}
""",
    )


def measure(bench: Bench) -> Report:
    """One after the other; all branches are in process."""
    width = bench.size(500, 5)
    flow = fan(bench, "p6", width)
    bench.warm_up(fan(bench, "p6-warm", 5))
    found = interleaved(
        bench.size(5, 1),
        ours=lambda: timed(lambda: bench.run(flow)),
        chord=lambda: timed(lambda: raw.chord_of(width)),
        counter=lambda: timed(lambda: raw.counter_join_of(width)),
    )
    ours, chord, counter = (median(found[name]) for name in ("ours", "chord", "counter"))
    return Report(
        ROW,
        ITEM,
        [
            Goal("time over raw chord", ours / chord, 2),
            Goal("time over raw counter join", ours / counter, 2 * chord / counter, 1),
        ],
        {
            "raw chord, ms": chord * 1000,
            "raw counter join, ms": counter * 1000,
            "branches and join, ms": ours * 1000,
        },
    )
