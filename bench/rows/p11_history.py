"""P11: lists and submissions with 10,000 and 100,000 stored executions against an empty history."""

from sqlalchemy import text

from bench.rows.p01_submit import submissions
from bench.support.bench import NAMESPACE, OURS, Bench, timed
from bench.support.figures import Goal, Report, median, quantile

ROW = "P11"
ITEM = "10,000 and 100,000 stored executions"
READERS = ("api", "postgres")  #: who answers a list
_COPY = """
insert into executions ({columns}) select {values}
from executions e, generate_series(1, :count) as g where e.id = :id
"""


def measure(bench: Bench) -> Report:
    """The same list and the same submission before and after the history was written; the list is
    a full page each time. CPU stands beside the time: it does not drift with what else runs."""
    flow = bench.in_process("p11", 1)
    bench.warm_up(flow)
    submissions(bench, flow, bench.size(25, 2))
    figures: dict[str, float] = {}
    lists, submits = [], []
    stored = 0
    for total in (0, bench.size(10_000, 20), bench.size(100_000, 40)):
        _store(bench, flow, total - stored)
        stored = total
        before = bench.cpu(READERS)
        times = [timed(lambda: _list(bench)) for _ in range(bench.size(100, 3))]
        cpu = (bench.cpu(READERS) - before) / len(times)
        lists.append((quantile(times, 0.95), cpu))
        before = bench.cpu(("api", *OURS))
        times = submissions(bench, flow, bench.size(40, 2))
        cpu = (bench.cpu(("api", *OURS)) - before) / len(times)
        submits.append((median(times), cpu))
        figures[f"list p95 with {total}, ms"] = lists[-1][0] * 1000
        figures[f"list CPU with {total}, ms"] = lists[-1][1] * 1000
        figures[f"submit p50 with {total}, ms"] = submits[-1][0] * 1000
        figures[f"submit CPU with {total}, ms"] = submits[-1][1] * 1000
    goals = [
        Goal("list p95", max(time for time, _ in lists) * 1000, 30, unit="ms"),
        Goal("list p95 over empty", _growth(lists, 0), 1.5),
        Goal("list CPU over empty", _growth(lists, 1), 1.5),
        Goal("submit p50 over empty", _growth(submits, 0), 1.1),
        Goal("submit CPU over empty", _growth(submits, 1), 1.1),
    ]
    return Report(ROW, ITEM, goals, figures)


def _growth(measured: list[tuple[float, float]], part: int) -> float:
    empty, *full = (one[part] for one in measured)
    return max(full) / max(empty, 1e-6)


def _list(bench: Bench) -> None:
    query = {"namespace": NAMESPACE, "size": 25, "sort": "state.startDate:desc"}
    bench.cluster.client.get("/executions/search", params=query).raise_for_status()


def _store(bench: Bench, flow: str, count: int) -> None:
    """Copies of an execution that has ended, a second apart."""
    if count <= 0:
        return
    known = bench.run(flow)
    with bench.cluster.rt.database.transaction() as tx:
        names = tx.execute(
            text(
                "select column_name from information_schema.columns where table_name = 'executions'"
            )
        ).scalars()
        columns = {name: f'e."{name}"' for name in names}
        columns["id"] = "e.id || 'x' || g || 'n' || (select count(*) from executions)"
        columns["created_at"] = "e.created_at - cast(g as bigint) * 1000000"
        quoted = ", ".join(f'"{name}"' for name in columns)
        statement = _COPY.format(columns=quoted, values=", ".join(columns.values()))
        tx.execute(text(statement), {"id": known, "count": count})
    with bench.cluster.rt.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("analyze"))
