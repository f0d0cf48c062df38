"""P14: beat with 10,000 enabled cron triggers: a round, and the time to its first firing."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from app.database.schema_instance import triggers
from app.service import flows, schedules
from bench.support.bench import Bench
from bench.support.cluster import Cluster, wait_for
from bench.support.figures import Goal, Report, median
from bench.support.proc import cpu_seconds

ROW = "P14"
ITEM = "10,000 enabled cron triggers"
PER_FLOW = 100
FLOW = """
id: p14
namespace: bench.triggers
tasks:
  - {id: one, type: io.kestra.plugin.core.debug.Return, format: fired}
triggers:
"""


def measure(bench: Bench) -> Report:
    """On a database of its own, where no other beat runs."""
    cluster = bench.cluster
    environ = cluster.environment(cluster.postgres.new_database())
    rt = cluster.runtime(environ)
    cluster.migrate(rt)
    count = bench.size(10_000, 200)
    _save(rt, count)
    ticks = [_cpu(lambda: schedules.fire_due(rt)) for _ in range(bench.size(20, 3))]
    start, cpu = _start(cluster, rt, environ)
    rt.database.close()
    return Report(
        ROW,
        ITEM,
        [
            Goal("tick, CPU", median(ticks) * 1000, 100, unit="ms"),
            Goal("start to first firing", start, 5, unit="s"),
        ],
        {
            "triggers": count,
            "tick, CPU ms": median(ticks) * 1000,
            "start, s": start,
            "start, CPU s": cpu,
        },
    )


def _save(rt: Any, count: int) -> None:
    """A hundred triggers of one saved flow; the others are its rows under other names."""
    lines = "\n".join(
        f"  - {{id: t{i}, type: io.kestra.plugin.core.trigger.Schedule, cron: '{i % 60} 3 1 1 *'}}"
        for i in range(PER_FLOW)
    )
    flows.save(rt, FLOW + lines)
    with rt.database.transaction() as tx:
        for table, key in (("flows", "id"), ("flow_revisions", "id"), ("triggers", "flow_id")):
            _copy(tx, table, key, count // PER_FLOW - 1)


def _copy(tx: Any, table: str, key: str, times: int) -> None:
    names = tx.execute(
        text(
            "select column_name from information_schema.columns"
            " where table_name = :table and table_schema = current_schema()"
        ),
        {"table": table},
    ).scalars()
    columns = {name: f't."{name}"' for name in names}
    columns[key] = f't."{key}" || g'
    quoted = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    tx.execute(
        text(
            f"insert into {table} ({quoted}) select {values}"
            f" from {table} t, generate_series(1, :times) as g"
        ),
        {"times": times},
    )


def _cpu(act: Any) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _start(cluster: Cluster, rt: Any, environ: dict[str, str]) -> tuple[float, float]:
    """From the command to the execution of a trigger that was due: seconds, and of CPU."""
    with rt.database.transaction() as tx:
        one = (triggers.c.flow_id == "p14") & (triggers.c.trigger_id == "t0")
        due = rt.clock() - timedelta(seconds=1)
        tx.execute(triggers.update().where(one).values(next_at=due))

    def fired() -> bool:
        with rt.database.reading() as tx:
            return bool(tx.execute(text("select count(*) from executions")).scalar())

    began = time.monotonic()
    cluster.spawn("beat-p14", "beat", environ=environ)
    wait_for(fired, 120, "the first firing")
    seconds, cpu = time.monotonic() - began, cpu_seconds(cluster.pid("beat-p14"))
    cluster.end("beat-p14")
    return seconds, cpu
