"""Random flows: every kind of step that the engine steers, in any nesting."""

import random
from collections.abc import Iterator
from typing import Any

CORE = "io.kestra.plugin.core"
CHILDREN = ("child0", "child1", "child2")


def random_flow(rng: random.Random, name: str, ids: Iterator[int]) -> dict[str, Any]:
    """A flow of up to three levels; some with blocks, a limit of executions, an SLA."""
    flow: dict[str, Any] = {"id": name, "namespace": "sim"}
    flow["tasks"] = random_tasks(rng, 2, ids)
    for block, chance in (("errors", 0.3), ("finally", 0.3), ("afterExecution", 0.15)):
        if rng.random() < chance:
            flow[block] = random_tasks(rng, 0, ids, 1)
    if rng.random() < 0.15:
        behavior = rng.choice(("QUEUE", "QUEUE", "CANCEL", "FAIL"))
        flow["concurrency"] = {"limit": rng.choice((1, 2)), "behavior": behavior}
    if rng.random() < 0.05:
        flow["sla"] = [{"id": "s", "type": "MAX_DURATION", "duration": "PT40S",
                        "behavior": rng.choice(("FAIL", "CANCEL", "NONE"))}]  # fmt: skip
    return flow


def child_flows(rng: random.Random, ids: Iterator[int]) -> list[dict[str, Any]]:
    """The flows that Subflow tasks call; the last one has a limit and an input for batches."""
    found = []
    for name in CHILDREN:
        tasks = [leaf(rng, ids) for _ in range(2)]
        for task in tasks:
            if task["type"].endswith("Subflow"):  # no flow calls itself
                task.update(random_leaf(random.Random(1)))
                for key in ("namespace", "flowId", "wait"):
                    del task[key]
        flow = {"id": name, "namespace": "sim", "tasks": tasks}
        found.append(flow)
    found[-1]["concurrency"] = {"limit": 2, "behavior": "QUEUE"}
    return found


def leaf(rng: random.Random, ids: Iterator[int]) -> dict[str, Any]:
    return {"id": f"t{next(ids)}"} | random_leaf(rng)


def random_tasks(
    rng: random.Random, depth: int, ids: Iterator[int], most: int = 3
) -> list[dict[str, Any]]:
    return [random_task(rng, depth, ids) for _ in range(rng.randint(1, most))]


def random_task(rng: random.Random, depth: int, ids: Iterator[int]) -> dict[str, Any]:
    if depth <= 0 or rng.random() < 0.5:
        return leaf(rng, ids)
    task: dict[str, Any] = {"id": f"t{next(ids)}"}
    if rng.random() < 0.15:
        task["allowFailure"] = True
    if rng.random() < 0.2:
        task["errors"] = random_tasks(rng, 0, ids, 1)
    if rng.random() < 0.2:
        task["finally"] = random_tasks(rng, 0, ids, 1)
    return task | rng.choice(_FLOWABLES)(rng, depth, ids, task["id"])


def _sequential(rng, depth, ids, name):
    return {"type": f"{CORE}.flow.Sequential", "tasks": random_tasks(rng, depth - 1, ids)}


def _parallel(rng, depth, ids, name):
    limit = rng.choice((0, 0, 1, 2))
    children = random_tasks(rng, depth - 1, ids)
    return {"type": f"{CORE}.flow.Parallel", "tasks": children, "concurrent": limit}


def _for_each(rng, depth, ids, name):
    values = [f"v{n}" for n in range(rng.choice((0, 1, 2, 4)))]
    found = {"values": values, "concurrencyLimit": rng.choice((0, 1, 2))}
    return found | {"type": f"{CORE}.flow.ForEach", "tasks": random_tasks(rng, depth - 1, ids)}


def _if(rng, depth, ids, name):
    found = {"condition": rng.random() < 0.5, "then": random_tasks(rng, depth - 1, ids)}
    return found | {"type": f"{CORE}.flow.If"}


def _switch(rng, depth, ids, name):
    cases = {key: random_tasks(rng, depth - 1, ids, 2) for key in ("a", "b")}
    found = {"value": rng.choice(("a", "b", "c")), "cases": cases}
    if rng.random() < 0.7:
        found["defaults"] = random_tasks(rng, 0, ids, 1)
    return found | {"type": f"{CORE}.flow.Switch"}


def _dag(rng, depth, ids, name):
    nodes: list[dict[str, Any]] = []
    for _ in range(rng.randint(2, 5)):
        known = [node["task"]["id"] for node in nodes]
        needs = rng.sample(known, rng.randint(0, min(2, len(known))))
        nodes.append({"task": random_task(rng, depth - 1, ids), "dependsOn": needs})
    rng.shuffle(nodes)
    return {"type": f"{CORE}.flow.Dag", "tasks": nodes, "concurrent": rng.choice((0, 1, 2))}


def _loop_until(rng, depth, ids, name):
    often = {"interval": rng.choice(("PT0S", "PT2S")), "maxIterations": 3}
    ends = f"{{{{ (taskrun.value ?? '') == 'v1' or {rng.choice(('true', 'false'))} }}}}"
    found = {"condition": ends, "checkFrequency": often, "failOnMaxReached": rng.random() < 0.3}
    found["tasks"] = random_tasks(rng, depth - 1, ids, 2)
    return found | {"type": f"{CORE}.flow.LoopUntil"}


def _directory(rng, depth, ids, name):
    log = {"type": f"{CORE}.log.Log", "message": "{{ taskrun.id }}"}
    children = [{"id": f"t{next(ids)}"} | log for _ in range(2)]
    if rng.random() < 0.3:
        children.append({"id": f"t{next(ids)}", "type": f"{CORE}.execution.Fail"})
    return {"type": f"{CORE}.flow.WorkingDirectory", "tasks": children}


def _batches(rng, depth, ids, name):
    found = {"items": "{{ inputs.file }}", "batch": {"rows": rng.choice((1, 2, 9))}}
    found |= {"namespace": "sim", "flowId": rng.choice(CHILDREN), "wait": rng.random() < 0.8}
    return found | {"type": f"{CORE}.flow.ForEachItem"}


_FLOWABLES = (
    _sequential, _parallel, _parallel, _for_each, _for_each, _if, _switch, _dag, _dag, _loop_until,
    _directory, _batches,
)  # fmt: skip


def random_leaf(rng: random.Random) -> dict[str, Any]:
    kind = rng.random()
    if kind < 0.6:
        message = "{{ taskrun.id }}/{{ taskrun.attemptsCount }}"
        return {"type": f"{CORE}.log.Log", "message": message}
    if kind < 0.75:
        least = rng.choice((0, 1, 2, 9))
        condition = f"{{{{ taskrun.attemptsCount < {least} }}}}"
        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": rng.choice((1, 2, 3))}
        return {"type": f"{CORE}.execution.Fail", "condition": condition, "retry": retry}
    if kind < 0.83:
        return {"type": f"{CORE}.flow.Sleep", "duration": f"PT{rng.randint(1, 20)}S"}
    if kind < 0.88:
        wait = {"pauseDuration": "PT5S"} if rng.random() < 0.5 else {}
        return {"type": f"{CORE}.flow.Pause"} | wait
    if kind < 0.95:
        found = {"namespace": "sim", "flowId": rng.choice(CHILDREN), "wait": rng.random() < 0.8}
        return found | {"type": f"{CORE}.flow.Subflow"}
    return {"type": f"{CORE}.log.Log", "message": "never", "runIf": "{{ false }}"}
