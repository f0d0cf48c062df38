"""P9: ten scripts that compute for a while, over a shell loop of the same."""

import subprocess
from collections.abc import Callable

from bench.rows.p08_python_scripts import SCRIPT, cpu, scripts
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median
from workers.script.interpreters import local_python

ROW = "P9"
ITEM = "10 × fib(33) scripts over a shell loop"


def measure(bench: Bench) -> Report:
    """In turn with the loop."""
    count, n = bench.size(10, 1), bench.size(33, 10)
    flow = bench.save("p9", scripts(count, n, warm=True))
    loop = f'for i in $(seq {count}); do "$0" -c "$1" > /dev/null; done'
    command = ["/bin/sh", "-c", loop, local_python().path, SCRIPT.format(n=n)]
    bench.run(flow)
    spent: dict[str, list[float]] = {"ours": [], "shell": []}

    def measured(name: str, act: Callable[[], object]) -> float:
        """The seconds of an act; the CPU of everything that took part is kept beside."""
        before = cpu(bench)
        seconds = timed(act)
        spent[name].append(cpu(bench) - before)
        return seconds

    found = interleaved(
        bench.size(3, 1),
        ours=lambda: measured("ours", lambda: bench.run(flow)),
        shell=lambda: measured("shell", lambda: subprocess.run(command, check=True)),
    )
    ours, shell = median(found["ours"]), median(found["shell"])
    return Report(
        ROW,
        ITEM,
        [Goal("over the shell loop", ours / shell, 1.05, 1.02)],
        {
            "ours, s": ours,
            "shell, s": shell,
            "CPU of all processes over the loop's": median(spent["ours"]) / median(spent["shell"]),
        },
    )
