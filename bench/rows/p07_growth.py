"""P7: 5,000 branches against 500, and late steps of a long loop against its first ones.

Of every flowable that has as many branches as its data: ForEach, Loop, Dag, ForEachItem.
"""

import time
from itertools import pairwise

from sqlalchemy import text

from bench.support.bench import NAMESPACE, OURS, Bench
from bench.support.figures import Goal, Report, median

ROW = "P7"
ITEM = "growth: 5,000 branches against 500; step 5,000 against step 1"
RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = "io.kestra.plugin.core.flow"
KINDS = ("ForEach", "Loop", "Dag", "ForEachItem")
IN_TURN = ("ForEach", "Loop", "Dag")  #: the batches of a ForEachItem have no order


def measure(bench: Bench) -> Report:
    """Time and CPU of all branches at once; the steps of a loop are compared by their ends."""
    few, many = bench.size(500, 4), bench.size(5000, 8)
    bench.in_process("p7-child", 1)
    goals, figures = [], {}
    for kind in KINDS:
        _run(bench, _save(bench, kind, 3))
        small = [_run(bench, _save(bench, kind, few)) for _ in range(bench.size(3, 1))]
        seconds, cpu = _run(bench, _save(bench, kind, many))
        base, base_cpu = (min(values) for values in zip(*small, strict=True))
        goals.append(Goal(f"{kind}, ten times the branches", seconds / base, 12, 10.5))
        figures[f"{kind}, few branches, ms"] = base * 1000
        figures[f"{kind}, many branches, ms"] = seconds * 1000
        figures[f"{kind}, CPU of many over few"] = cpu / max(base_cpu, 0.01)
    for kind in IN_TURN:
        execution = bench.run(_save(bench, kind, many, limit=1))
        first, last = _gaps(bench, execution, bench.size(500, 3))
        goals.append(Goal(f"{kind}, late step over first", last / first, 1.5, 1.1))
        figures[f"{kind}, early step, ms"] = first * 1000
        figures[f"{kind}, late step, ms"] = last * 1000
    return Report(ROW, ITEM, goals, figures)


def _run(bench: Bench, flow: str) -> tuple[float, float]:
    """Seconds and CPU seconds of one execution."""
    began, cpu = time.perf_counter(), bench.cpu(OURS)
    bench.run(flow)
    return time.perf_counter() - began, bench.cpu(OURS) - cpu


def _save(bench: Bench, kind: str, count: int, limit: int = 0) -> str:
    """A flow of `count` branches, side by side or (limit 1) one after the other."""
    body = {"ForEach": _loop, "Loop": _loop, "Dag": _dag, "ForEachItem": _batches}[kind]
    after = f"  - {{id: after, type: {RETURN}, format: joined}}\n"
    name = f"p7-{kind.lower()}-{count}-{limit}"
    return bench.save(name, body(kind, count, limit) + after)


def _loop(kind: str, count: int, limit: int) -> str:
    value = "item.value" if kind == "Loop" else "taskrun.value"
    return f"""
  - id: each
    type: {FLOW}.{kind}
    values: "{{{{ range(1, {count}) }}}}"
    concurrencyLimit: {limit}
    tasks:
      - {{id: inner, type: {RETURN}, format: "{{{{ {value} }}}}"}}
"""


def _dag(_kind: str, count: int, limit: int) -> str:
    lines = [f"\n  - id: each\n    type: {FLOW}.Dag\n    tasks:\n"]
    for i in range(count):
        task = f"{{id: inner{i}, type: {RETURN}, format: '{{{{ execution.id }}}} {i}'}}"
        needs = f", dependsOn: [inner{i - 1}]" if limit and i else ""
        lines.append(f"      - {{task: {task}{needs}}}\n")
    return "".join(lines)


def _batches(_kind: str, count: int, _limit: int) -> str:
    rows = f"{{{{ range(1, {count}) | join('\\n') }}}}"
    return f"""
  - {{id: lines, type: io.kestra.plugin.core.storage.Write, content: "{rows}"}}
  - id: each
    type: {FLOW}.ForEachItem
    items: "{{{{ outputs.lines.uri }}}}"
    batch: {{rows: 1}}
    namespace: {NAMESPACE}
    flowId: p7-child
"""


def _gaps(bench: Bench, execution_id: str, count: int) -> tuple[float, float]:
    """The median time from one step to the next, among the first `count` and the last."""
    with bench.cluster.rt.database.reading() as tx:
        rows = tx.execute(
            text(
                "select ended_at from task_runs where execution_id = :id and task_id like 'inner%'"
                " order by ended_at"
            ),
            {"id": execution_id},
        ).scalars()
        ends = list(rows)
    gaps = [(after - before) / 1e6 for before, after in pairwise(ends)]
    return median(gaps[:count]), median(gaps[-count:])
