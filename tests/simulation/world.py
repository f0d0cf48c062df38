"""A hostile world around the real engine: messages are lost, doubled and shuffled, workers die.

Flows are random; the code under test is the project's own services on a real database file. Time is
simulated. `World.run` ends when every execution has, and checks what must hold whatever happened.
"""

import random
from collections import Counter
from typing import Any

import yaml

from app.errors import TrunklineError
from app.model.state import State
from app.service import executions, operations, recovery, reopen, search, steps
from app.service.settle import settle
from tests.support.driver import Driver
from workers.attempt import run_step
from workers.process import Process

CORE = "io.kestra.plugin.core"
_MOST_ROUNDS = 4000


def random_tasks(rng: random.Random, depth: int, ids: Any, most: int = 3) -> list[dict[str, Any]]:
    return [random_task(rng, depth, ids) for _ in range(rng.randint(1, most))]


def random_task(rng: random.Random, depth: int, ids: Any) -> dict[str, Any]:
    task: dict[str, Any] = {"id": f"t{next(ids)}"}
    kind = rng.random()
    if depth <= 0 or kind < 0.5:
        return task | random_leaf(rng)
    if rng.random() < 0.15:
        task["allowFailure"] = True
    if rng.random() < 0.2:
        task["errors"] = random_tasks(rng, 0, ids, 1)
    if rng.random() < 0.2:
        task["finally"] = random_tasks(rng, 0, ids, 1)
    children = random_tasks(rng, depth - 1, ids)
    if kind < 0.62:
        return task | {"type": f"{CORE}.flow.Sequential", "tasks": children}
    if kind < 0.76:
        limit = rng.choice((0, 0, 1, 2))
        return task | {"type": f"{CORE}.flow.Parallel", "tasks": children, "concurrent": limit}
    if kind < 0.9:
        values = [f"v{n}" for n in range(rng.choice((0, 1, 2, 4)))]
        limit = rng.choice((0, 1, 2))
        found = {"type": f"{CORE}.flow.ForEach", "values": values, "concurrencyLimit": limit}
        return task | found | {"tasks": children}
    chosen = rng.random() < 0.5
    return task | {"type": f"{CORE}.flow.If", "condition": chosen, "then": children}


def random_leaf(rng: random.Random) -> dict[str, Any]:
    kind = rng.random()
    if kind < 0.6:
        return {
            "type": f"{CORE}.log.Log",
            "message": "{{ taskrun.id }}/{{ taskrun.attemptsCount }}",
        }
    if kind < 0.8:
        least = rng.choice((0, 1, 2, 9))
        condition = f"{{{{ taskrun.attemptsCount < {least} }}}}"
        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": rng.choice((1, 2, 3))}
        return {"type": f"{CORE}.execution.Fail", "condition": condition, "retry": retry}
    if kind < 0.9:
        return {"type": f"{CORE}.flow.Sleep", "duration": f"PT{rng.randint(1, 20)}S"}
    return {"type": f"{CORE}.log.Log", "message": "never", "runIf": "{{ false }}"}


class World:
    """One seed: some flows, some workers, faults and users until the budget is spent."""

    def __init__(self, driver: Driver, seed: int, *, faults: bool, users: bool) -> None:
        self.driver, self.rng = driver, random.Random(seed)
        self.faults, self.users = faults, users
        self.stats: Counter[str] = Counter()
        self.mono = 0.0
        self.watch = recovery.LeaseWatch(monotonic=lambda: self.mono)
        self.touched: set[str] = set()

    def run(self, count: int) -> list[str]:
        rng, ids = self.rng, iter(range(10_000))
        found = []
        for n in range(count):
            flow: dict[str, Any] = {"id": f"f{n}", "namespace": "sim"}
            flow["tasks"] = random_tasks(rng, 2, ids)
            if rng.random() < 0.3:
                flow["errors"] = random_tasks(rng, 0, ids, 1)
            if rng.random() < 0.3:
                flow["finally"] = random_tasks(rng, 0, ids, 1)
            self.driver.save(_yaml(flow))
            found.append(self.driver.start("sim", flow["id"]))
        budget = rng.choice((20, 100, 300)) if self.faults or self.users else 0
        for turn in range(_MOST_ROUNDS):
            if turn >= budget and all(self._ended(execution) for execution in found):
                break
            self._turn(found, hostile=turn < budget)
        self._check(found)
        return found

    def _ended(self, execution_id: str) -> bool:
        return executions.get(self.driver.rt, execution_id).gate == "ENDED"

    def _turn(self, found: list[str], *, hostile: bool) -> None:
        rng, jobs = self.rng, self.driver.publisher.jobs
        if hostile and self.faults:
            self._break(jobs)
        if jobs:
            job = jobs.pop(rng.randrange(len(jobs)) if self.faults else 0)
            self._work(job, hostile=hostile)
        if hostile and self.users and rng.random() < 0.1:
            self._use(rng.choice(found))
        if not jobs or rng.random() < 0.2:
            seconds = rng.choice((0.1, 1, 3, 6))
            self.driver.clock.advance(seconds)
            self.mono += seconds
            recovery.work_timers(self.driver.rt)
            recovery.recover_leases(self.driver.rt, self.watch)
            recovery.republish(self.driver.rt, lambda queue: len(jobs))
            self._resume(found)

    def _break(self, jobs: list[Any]) -> None:
        dice = self.rng.random()
        if jobs and dice < 0.08:
            jobs.pop()
            self.stats["dropped"] += 1
        elif jobs and dice < 0.16:
            jobs.append(jobs[-1])
            self.stats["doubled"] += 1
        elif dice < 0.18:
            jobs.clear()
            self.driver.publisher.life = f"life {self.rng.random()}"
            self.stats["flushed"] += 1

    def _work(self, job: Any, *, hostile: bool) -> None:
        """One job, which may die at any of its commits."""
        rt = self.driver.rt
        process = Process(rt)
        place = (job.execution_id, job.sequence, job.pos, job.attempt)
        claim = steps.claim(rt, *place, process.owner)
        self.stats["claims"] += claim is not None
        if claim is None or self._dies(hostile):
            return
        settle(rt, claim.progress)
        step = claim.step
        while step is not None:
            done = run_step(process, step, fuse=self.rng.random() < 0.8)
            if done is None or self._dies(hostile):
                return
            step = done.fused
            settle(rt, done)

    def _dies(self, hostile: bool) -> bool:
        dead = hostile and self.faults and self.rng.random() < 0.06
        self.stats["crashes"] += dead
        return dead

    def _use(self, execution_id: str) -> None:
        act = self.rng.choice(("kill", "pause", "restart", "restart"))
        rt = self.driver.rt
        try:
            if act == "kill":
                operations.kill(rt, execution_id)
            elif act == "pause":
                operations.pause(rt, execution_id)
            else:
                reopen.restart(rt, execution_id)
        except TrunklineError:
            return
        self.stats[act] += 1
        self.touched.add(execution_id)

    def _resume(self, found: list[str]) -> None:
        for execution_id in found:
            if executions.get(self.driver.rt, execution_id).gate == "PAUSED":
                operations.resume(self.driver.rt, execution_id)

    def _check(self, found: list[str]) -> None:
        rt = self.driver.rt
        for execution_id in found:
            row, runs, tries = search.whole(rt, execution_id)
            assert row.gate == "ENDED", ("did not end", row.state, row.gate, _show(runs))
            assert State(row.state).is_terminated, row.state
            left = [run.task_id for run in runs if not State(run.state).is_terminated]
            assert left == [], ("left open", row.state, _show(runs))
            assert not [t for t in tries if t.state == "RUNNING"], "an attempt is left running"
            places = [(run.sequence, run.pos) for run in runs]
            assert len(places) == len(set(places)), "a step has two task runs"
            keys = [(t.task_run_id, t.n) for t in tries]
            assert len(keys) == len(set(keys)), "an attempt is recorded twice"
        assert recovery.work_timers(rt) == 0, "a timer is left"
        assert recovery.count_stranded(rt) == 0


def _show(runs: Any) -> list[tuple[str, str, Any]]:
    return [(run.task_id, run.state, run.phase) for run in runs]


def _yaml(flow: dict[str, Any]) -> str:
    return str(yaml.safe_dump(flow, sort_keys=False))
