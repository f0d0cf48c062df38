"""P12: a script that prints 200,000 lines: when they can be queried, what the worker grew by."""

import time
from pathlib import Path

from sqlalchemy import text

from app.service import executions
from bench.support.bench import NAMESPACE, Bench
from bench.support.figures import Goal, Report, median
from bench.support.proc import tree

ROW = "P12"
ITEM = "one script printing 200,000 lines"
TASK = """  - id: t
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["seq 1 {count}; date +%s.%N > {mark}"]"""


def measure(bench: Bench) -> Report:
    """Medians of the wait after the script's end, the highest growth."""
    count = bench.size(200_000, 1_000)
    mark = bench.cluster.folder / "p12-ended"
    flow = bench.save("p12", TASK.format(count=count, mark=mark))
    bench.warm_up(bench.save("p12-small", TASK.format(count=10, mark=mark)))
    waits, rates, growth = [], [], [0.0]
    for _ in range(bench.size(3, 1)):
        mark.unlink(missing_ok=True)
        worker = tree(bench.cluster.pid("worker"))
        before = {pid: _kb(pid, "VmRSS") for pid in worker}
        began = time.time()
        execution = executions.start(bench.cluster.rt, NAMESPACE, flow)
        seen = _all_are_there(bench, execution, count)
        ended = float(mark.read_text(encoding="ascii"))
        waits.append(max(seen - ended, 0.0))
        rates.append(count / (seen - began))
        bench.ends.wait([execution])
        growth += [(_kb(pid, "VmHWM") - before[pid]) / 1024 for pid in worker]
    return Report(
        ROW,
        ITEM,
        [
            Goal("all queryable after its end", median(waits), 1, 0.3, unit="s"),
            Goal("growth of a worker process", max(growth), 32, unit="MB"),
        ],
        {"lines a second": median(rates)},
    )


def _all_are_there(bench: Bench, execution: str, count: int) -> float:
    """The moment at which the last line can be read."""
    asked = text("select count(*) from logs where execution_id = :id and message ~ '^[0-9]+$'")
    ends = time.monotonic() + 300
    while True:
        with bench.cluster.rt.database.reading() as tx:
            if tx.execute(asked, {"id": execution}).scalar_one() >= count:
                return time.time()
        if time.monotonic() > ends:
            raise TimeoutError("the lines did not come")
        time.sleep(0.05)


def _kb(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(li.split()[1]) for li in status.splitlines() if li.startswith(name)), 0)
