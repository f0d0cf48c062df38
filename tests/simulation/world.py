"""A hostile world around the real engine: messages are lost, doubled and shuffled, workers die,
freeze and drain, the clock jumps, the broker forgets all, people interfere.

The code under test is the project's own services on a real database file; time is simulated.
`World.run` ends when every execution has, and `checks` says what must hold whatever happened.
"""

import io
import random
from collections import Counter
from typing import Any

import yaml
from sqlalchemy import select

from app import failpoints
from app.database.schema import executions as table
from app.database.schema import task_runs
from app.errors import TrunklineError
from app.model.state import State
from app.service import claiming, executions, operations, recovery, reopen, steps
from app.service.inputs import Upload
from app.service.settle import settle
from app.service.work import Progress, Step
from tests.simulation import checks, flows
from tests.support.driver import Driver
from workers.attempt import run_step
from workers.process import Held, Process

_MOST_ROUNDS = 4000


class QuietProcess(Process):
    """A process whose heartbeat is the world's."""

    def hold(self, step: Step) -> Held:
        held = Held(step, float("inf"))
        self.held[(step.task_run_id, step.attempt)] = held
        return held


class World:
    """One seed: some flows, some workers, faults and users until the budget is spent."""

    def __init__(self, driver: Driver, seed: int, *, faults: bool, users: bool) -> None:
        self.driver, self.rng = driver, random.Random(seed)
        self.faults, self.users = faults, users
        self.stats: Counter[str] = Counter()
        self.mono = 0.0
        self.watch = recovery.LeaseWatch(monotonic=lambda: self.mono)
        self.frozen: list[tuple[QuietProcess, Step]] = []
        self.forced: set[str] = set()  #: flows whose limit a user has overruled
        self.changed: set[str] = set()  #: executions in which a user decided how a run ended

    def run(self, count: int) -> int:
        """Runs so many executions and all that they start; how many there were at last."""
        rng, ids = self.rng, iter(range(10_000))
        for child in flows.child_flows(rng, ids):
            self._save(child)
        names = [f"f{n}" for n in range(max(1, count // 2))]
        for name in names:
            self._save(flows.random_flow(rng, name, ids))
        for _ in range(count):
            self._start(rng.choice(names))
        hostile = self.faults or self.users
        budget = rng.choice((20, 100, 300)) if hostile else 0
        for turn in range(_MOST_ROUNDS):
            if turn >= budget and turn % 5 == 0 and not self.open_ids():
                break
            self._turn(hostile=turn < budget)
        checks.check(self)
        return len(self.all_ids())

    def _save(self, flow: dict[str, Any]) -> None:
        flow["inputs"] = [{"id": "file", "type": "FILE", "required": False}]
        self.driver.save(str(yaml.safe_dump(flow, sort_keys=False)))

    def _start(self, name: str) -> None:
        rows = "".join(f"row{n}\n" for n in range(self.rng.randint(0, 5))).encode()
        self.driver.start("sim", name, file=Upload("rows.txt", io.BytesIO(rows)))

    def all_ids(self) -> list[str]:
        with self.driver.rt.database.reading() as tx:
            return list(tx.execute(select(table.c.id).order_by(table.c.created_at)).scalars())

    def open_ids(self) -> list[str]:
        with self.driver.rt.database.reading() as tx:
            wanted = select(table.c.id).where(table.c.gate != "ENDED").order_by(table.c.created_at)
            return list(tx.execute(wanted).scalars())

    # -- one turn

    def _turn(self, *, hostile: bool) -> None:
        rng, jobs = self.rng, self.driver.publisher.jobs
        if hostile and self.faults:
            self._break(jobs)
        if jobs:
            job = jobs.pop(rng.randrange(len(jobs)) if self.faults else 0)
            self._work(job, hostile=hostile)
        if self.frozen and (not hostile or rng.random() < 0.15):
            self._go_on(*self.frozen.pop(0), hostile=hostile)
        if hostile and self.users and rng.random() < 0.1:
            self._use(rng.choice(self.all_ids()))
        if not jobs or rng.random() < 0.2:
            self._beat(rng.choice((0.1, 1, 3, 6)))

    def _beat(self, seconds: float) -> None:
        rt, jobs = self.driver.rt, self.driver.publisher.jobs
        self.driver.clock.advance(seconds)
        self.mono += seconds
        recovery.work_timers(rt)
        recovery.recover_leases(rt, self.watch)
        recovery.republish(rt, lambda queue: len(jobs))
        checks.check_limits(self)
        for execution_id in self.open_ids():
            if executions.get(rt, execution_id).gate == "PAUSED":
                operations.resume(rt, execution_id)

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
        elif dice < 0.19:
            self.driver.clock.advance(self.rng.choice((-25, 40)))
            self.stats["clock steps"] += 1

    def _work(self, job: Any, *, hostile: bool) -> None:
        """One job, whose worker may die, freeze or drain at any of its commits."""
        process = QuietProcess(self.driver.rt)
        place = (job.execution_id, job.sequence, job.pos, job.attempt)
        claim = claiming.claim(self.driver.rt, *place, process.owner)
        self.stats["claims"] += claim is not None
        if claim is None or self._happens(0.06, "crashes", hostile):
            return
        settle(self.driver.rt, claim.progress)
        if claim.step is not None:
            self._go_on(process, claim.step, hostile=hostile)

    def _go_on(self, process: QuietProcess, step: Step | None, *, hostile: bool) -> None:
        rt = self.driver.rt
        while step is not None:
            if self._happens(0.04, "frozen", hostile):
                self.frozen.append((process, step))
                return
            if self._happens(0.03, "drained", hostile):
                settle(rt, steps.give_back(rt, step))
                return
            done = self._run_step(process, step, hostile=hostile)
            if done is None or self._happens(0.06, "crashes", hostile):
                return
            step = done.fused
            settle(rt, done)

    def _run_step(self, process: QuietProcess, step: Step, *, hostile: bool) -> Progress | None:
        """The step and what is evaluated with it; its worker may die before it has recorded any."""
        if self._happens(0.04, "crashes before a record", hostile):
            failpoints._active["before_record"] = "raise"
        try:
            return run_step(process, step, fuse=self.rng.random() < 0.8)
        except failpoints.FailpointRaised:
            return None
        finally:
            failpoints._active.clear()

    def _happens(self, chance: float, what: str, hostile: bool) -> bool:
        happens = hostile and self.faults and self.rng.random() < chance
        self.stats[what] += happens
        return happens

    # -- users

    def _use(self, execution_id: str) -> None:
        act = self.rng.choice(
            ("kill", "pause", "restart", "restart", "replay", "change", "force", "unqueue")
        )
        try:
            getattr(self, f"_{act}")(execution_id)
        except TrunklineError:
            return
        self.stats[act] += 1

    def _kill(self, execution_id: str) -> None:
        operations.kill(self.driver.rt, execution_id)

    def _pause(self, execution_id: str) -> None:
        operations.pause(self.driver.rt, execution_id)

    def _restart(self, execution_id: str) -> None:
        self._overrule(execution_id)
        reopen.restart(self.driver.rt, execution_id)

    def _replay(self, execution_id: str) -> None:
        if len(self.all_ids()) > 40:
            return
        self._overrule(execution_id)
        run = None if self.rng.random() < 0.3 else self._some_run(execution_id)
        self.changed.add(reopen.replay(self.driver.rt, execution_id, task_run_id=run))

    def _change(self, execution_id: str) -> None:
        run = self._some_run(execution_id)
        if run is not None:
            self._overrule(execution_id)
            state = self.rng.choice((State.SUCCESS, State.FAILED, State.WARNING))
            self.changed.add(execution_id)
            reopen.change_state(self.driver.rt, execution_id, run, state)

    def _force(self, execution_id: str) -> None:
        self._overrule(execution_id)
        operations.force_run(self.driver.rt, execution_id)

    def _unqueue(self, execution_id: str) -> None:
        self._overrule(execution_id)
        operations.unqueue(self.driver.rt, execution_id)

    def _overrule(self, execution_id: str) -> None:
        self.forced.add(executions.get(self.driver.rt, execution_id).flow_id)

    def _some_run(self, execution_id: str) -> str | None:
        c = task_runs.c
        where = (c.execution_id == execution_id) & ~c.gone & c.sequence.is_not(None)
        with self.driver.rt.database.reading() as tx:
            wanted = select(c.id).where(where).order_by(c.created_at)
            found = list(tx.execute(wanted).scalars())
        return self.rng.choice(found) if found else None
