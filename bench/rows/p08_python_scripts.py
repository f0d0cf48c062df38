"""P8: forty Python scripts on the process runner, cold and warm, over bare interpreter starts."""

import resource
import subprocess
from collections.abc import Callable

from bench.support.bench import OURS, Bench, timed
from bench.support.figures import Goal, Report, interleaved, median
from workers.script.interpreters import local_python

ROW = "P8"
ITEM = "40 Python scripts fib(10), process runner"
SCRIPT = "fib = lambda n: n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib({n}))"


def scripts(count: int, n: int, warm: bool) -> str:
    """The tasks of a flow of Python scripts."""
    body = "\n".join("      " + line for line in SCRIPT.format(n=n).splitlines())
    runner = f"{{type: io.kestra.plugin.core.runner.Process, warm: {str(warm).lower()}}}"
    kind = "io.kestra.plugin.scripts.python.Script"
    return "\n".join(
        f"  - id: s{i}\n    type: {kind}\n    taskRunner: {runner}\n    script: |\n{body}"
        for i in range(count)
    )


def cpu(bench: Bench) -> float:
    """CPU seconds so far: worker with its scripts, database, broker, this process and its own."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return bench.cpu(OURS) + ended.ru_utime + ended.ru_stime


def measure(bench: Bench) -> Report:
    """Cold, warm and bare in turn."""
    count = bench.size(40, 2)
    cold = bench.save("p8-cold", scripts(count, 10, warm=False))
    warm = bench.save("p8-warm", scripts(count, 10, warm=True))
    python = local_python().path

    def bare() -> None:
        for _ in range(count):
            subprocess.run(
                [python, "-c", SCRIPT.format(n=10)], stdout=subprocess.DEVNULL, check=True
            )

    bench.warm_up(cold)
    bench.warm_up(warm)
    spent: dict[str, list[float]] = {"cold": [], "warm": [], "bare": []}

    def measured(name: str, act: Callable[[], object]) -> float:
        """The seconds of an act; the CPU of everything that took part is kept beside."""
        before = cpu(bench)
        seconds = timed(act)
        spent[name].append(cpu(bench) - before)
        return seconds

    found = interleaved(
        bench.size(7, 1),
        cold=lambda: measured("cold", lambda: bench.run(cold)),
        warm=lambda: measured("warm", lambda: bench.run(warm)),
        bare=lambda: measured("bare", bare),
    )
    base, least = median(found["bare"]), median(spent["bare"])
    return Report(
        ROW,
        ITEM,
        [
            Goal("own processes over bare starts", median(found["cold"]) / base, 1.5),
            Goal("warm over bare starts", median(found["warm"]) / base, 1.5, 0.4),
        ],
        {
            "bare, ms each": base / count * 1000,
            "cold, ms each": median(found["cold"]) / count * 1000,
            "warm, ms each": median(found["warm"]) / count * 1000,
            "bare, CPU ms each": least / count * 1000,
            "cold, CPU of all processes over bare": median(spent["cold"]) / least,
            "warm, CPU of all processes over bare": median(spent["warm"]) / least,
        },
    )
