"""P10: a task in a container of its own and in a reused one, over bare `docker run`."""

import subprocess

from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median
from tests.support.docker import SHELL_IMAGE, engine, shell_image
from workers.runner.container import PREFIX

ROW = "P10"
ITEM = "docker task over bare docker run"


def tasks(count: int, reuse: bool) -> str:
    """The tasks of a flow of containers."""
    kind = "io.kestra.plugin.scripts.runner.docker.Docker"
    runner = f"{{type: {kind}, pullPolicy: NEVER, reuse: {str(reuse).lower()}}}"
    return "\n".join(
        f"  - id: c{i}\n    type: io.kestra.plugin.scripts.shell.Commands\n"
        f"    taskRunner: {runner}\n    containerImage: {SHELL_IMAGE}\n    commands: [echo hi]"
        for i in range(count)
    )


def measure(bench: Bench) -> Report:
    """In turn with the command line of the engine."""
    client = engine()
    shell_image(client)
    count = bench.size(10, 1)
    own = bench.save("p10-own", tasks(count, reuse=False))
    reused = bench.save("p10-reused", tasks(count, reuse=True))
    command = ["docker", "run", "--rm", "--init", SHELL_IMAGE, "/bin/sh", "-c", "echo hi"]

    def bare() -> None:
        for _ in range(count):
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    bench.run(own)
    found = interleaved(
        bench.size(3, 1),
        own=lambda: timed(lambda: bench.run(own)),
        reused=lambda: timed(lambda: bench.run(reused)),
        bare=lambda: timed(bare),
    )
    for left in client.containers.list(filters={"label": f"{PREFIX}flow-id={reused}"}):
        left.remove(force=True)  # the worker ends before it would remove them
    client.close()
    base, mine = median(found["bare"]) / count, median(found["own"]) / count
    return Report(
        ROW,
        ITEM,
        [
            Goal(
                "own container, more than bare",
                (mine - base) * 1000,
                max(100 * base, 50),
                unit="ms",
            ),
            Goal("reused container over bare", median(found["reused"]) / count / base, 1.1, 0.3),
        ],
        {"bare, ms": base * 1000, "own, ms": mine * 1000},
    )
