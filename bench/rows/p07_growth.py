"""P7: 5,000 branches against 500, and late steps of a long loop against its first ones."""

from itertools import pairwise

from sqlalchemy import text

from bench.rows.p06_branches import fan
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P7"
ITEM = "growth: 5,000 branches against 500; step 5,000 against step 1"


def measure(bench: Bench) -> Report:
    """The loop runs one value after the other; its steps are compared by their start."""
    few, many = bench.size(500, 4), bench.size(5000, 8)
    small, large = fan(bench, "p7-few", few), fan(bench, "p7-many", many)
    loop = fan(bench, "p7-loop", many, limit=1)
    bench.warm_up(fan(bench, "p7-warm", 5))
    found = interleaved(
        bench.size(2, 1),
        few=lambda: timed(lambda: bench.run(small)),
        many=lambda: timed(lambda: bench.run(large)),
    )
    growth = median(found["many"]) / median(found["few"])
    first, last = _gaps(bench, bench.run(loop), bench.size(500, 3))
    return Report(
        ROW,
        ITEM,
        [
            Goal("branches, ten times as many", growth, 12, 10.5),
            Goal("late step over first step", last / first, 1.5, 1.1),
        ],
        {
            "few branches, ms": median(found["few"]) * 1000,
            "many branches, ms": median(found["many"]) * 1000,
            "early step, ms": first * 1000,
            "late step, ms": last * 1000,
        },
    )


def _gaps(bench: Bench, execution_id: str, count: int) -> tuple[float, float]:
    """The median time from one step to the next, among the first `count` and the last."""
    with bench.cluster.rt.database.reading() as tx:
        rows = tx.execute(
            text(
                "select ended_at from task_runs where execution_id = :id and task_id = 'inner'"
                " order by ended_at"
            ),
            {"id": execution_id},
        ).scalars()
        ends = list(rows)
    gaps = [(after - before) / 1e6 for before, after in pairwise(ends)]
    return median(gaps[:count]), median(gaps[-count:])
