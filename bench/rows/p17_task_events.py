"""P17: what task events cost, on which Flower lives: routed steps with and without them."""

from app.service import executions
from app.service.runtime import Runtime
from bench.support.bench import NAMESPACE, OURS, Bench
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P17"
ITEM = "task events on over off, routed steps"
STEPS = 10


def measure(bench: Bench) -> Report:
    """CPU per task of worker, broker, database and sender; each time on a fresh worker."""
    flow = bench.routed("p17", STEPS)
    count = bench.size(60, 2)
    costs = interleaved(
        bench.size(3, 1),
        on=lambda: _cost(bench, flow, count, "true"),
        off=lambda: _cost(bench, flow, count, "false"),
    )
    _use_worker(bench, "false")
    on, off = median(costs["on"]), median(costs["off"])
    figures = {"CPU per task with events, ms": on * 1000, "without, ms": off * 1000}
    return Report(ROW, ITEM, [Goal("CPU per task with events over without", on / off, 2)], figures)


def _cost(bench: Bench, flow: str, count: int, events: str) -> float:
    """CPU seconds of a task while the worker and who starts executions send events, or do not."""
    rt = _use_worker(bench, events)
    try:
        _run(bench, rt, flow, 2)  # the worker has met the flow
        before = bench.cpu(OURS)
        _run(bench, rt, flow, count)
        return (bench.cpu(OURS) - before) / (count * STEPS)
    finally:
        rt.database.close()


def _use_worker(bench: Bench, events: str) -> Runtime:
    cluster = bench.cluster
    environ = {**cluster.environ, "TRUNKLINE_TASK_EVENTS": events}
    cluster.end("worker")
    cluster.spawn_worker("worker", environ)
    return cluster.runtime(environ)


def _run(bench: Bench, rt: Runtime, flow: str, count: int) -> None:
    bench.ends.wait([executions.start(rt, NAMESPACE, flow) for _ in range(count)])
