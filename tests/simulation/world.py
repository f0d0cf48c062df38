"""A hostile world around the real engine: messages are lost, doubled and shuffled, processes die
at any of their commits, workers freeze and drain, the clock jumps, the broker forgets all, people
interfere.

The code under test is the project's own services on a real database; time is simulated. `World.run`
ends when every execution has, and `checks` says what must hold whatever happened. Ids come from the
seed as well, so that a seed is one story, told alike each time.
"""

import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, delete, event, select

from app.database import schema
from app.database.schema import executions as table
from app.database.schema import task_runs
from app.database.session import Database, Session
from app.errors import TrunklineError
from app.model.ids import drawn_by
from app.model.state import Gate, State
from app.service import claiming, executions, operations, recovery, reopen, search, steps
from app.service.inputs import Upload
from app.service.settle import settle
from app.service.work import Step
from tests.simulation import checks, flows
from tests.support.driver import Driver
from workers.attempt import run_step
from workers.process import Held, Process

_MOST_ROUNDS = 4000
_START = datetime(2026, 5, 1, 12, tzinfo=UTC)
_TABLES = [found for found in vars(schema).values() if isinstance(found, Table)]
_EMPTY = [delete(one) for one in _TABLES]
_ALL = select(table.c.id).order_by(table.c.created_at)
_OF_GATES = _ALL.where(table.c.gate.in_(bindparam("gates", expanding=True)))
_OPEN_GATES = tuple(gate.value for gate in Gate if gate is not Gate.ENDED)


class Died(BaseException):
    """The process ends here: nothing that it would do comes any more."""


class MortalDatabase(Database):
    """A database whose clients may die before or after each commit. It forgets at power loss."""

    def __init__(self, url: str, **more: Any) -> None:
        super().__init__(url, **more)
        self.dies: Callable[[str], bool] = lambda _when: False
        quick = "PRAGMA synchronous=OFF" if self.is_sqlite else "SET synchronous_commit TO OFF"

        @event.listens_for(self.engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.execute(quick)
            connection.commit()  # else a reader could not leave the transaction of it

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As its base; the client may not live to see it commit, or to see it committed."""
        with super().transaction() as tx:
            yield tx
            if self.dies("before a commit"):
                raise Died
        if self.dies("after a commit"):
            raise Died

    def empty(self) -> None:
        """Removes all that the engine keeps."""
        with super().transaction() as tx:
            for one in _EMPTY:
                tx.execute(one)


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
        self.namespace = f"sim.w{seed}"  # flows are compiled once for a name and a revision
        self.faults, self.users = faults, users
        self.stats: Counter[str] = Counter()
        self.mono = 0.0
        self.watch = recovery.LeaseWatch(monotonic=lambda: self.mono)
        self.frozen: list[tuple[QuietProcess, Step]] = []
        self.hostile = False
        self.limits: dict[str, int] = {}  #: of the flows that have one
        self.forced: set[str] = set()  #: flows whose limit a user has overruled
        self.changed: set[str] = set()  #: executions in which a user decided how a run ended

    def run(self, count: int) -> int:
        """Runs so many executions and all that they start; how many there were at last."""
        database, clock = self.driver.rt.database, self.driver.clock
        assert isinstance(database, MortalDatabase)
        database.empty()
        self.driver.publisher.jobs.clear()
        self.driver.publisher.life, clock.now = "first", _START
        database.dies = lambda when: self._happens(0.03, f"died {when}")
        with drawn_by(random.Random(self.rng.random()).getrandbits):
            try:
                return self._run(count)
            finally:
                database.dies = lambda _when: False

    def _run(self, count: int) -> int:
        rng, ids = self.rng, iter(range(10_000))
        for child in flows.child_flows(rng, ids):
            self._save(child)
        names = [f"f{n}" for n in range(max(1, count // 2))]
        for name in names:
            self._save(flows.random_flow(rng, name, ids))
        for _ in range(count):
            self._start(rng.choice(names))
        hostile = self.faults or self.users
        budget = rng.choice((20, 60, 180)) if hostile else 0
        for turn in range(_MOST_ROUNDS):
            self.hostile = turn < budget
            if turn % 5 == 0 and not (self.hostile and self.users) and not self.open_ids():
                self.hostile = False
                self._pass(1)  # the last to die may have left a note to a beat
                if not self.open_ids():
                    break
            self._turn()
        checks.check(self)
        return len(self.all_ids())

    def _save(self, flow: dict[str, Any]) -> None:
        if "concurrency" in flow:
            self.limits[flow["id"]] = flow["concurrency"]["limit"]
        flow["inputs"] = [{"id": "file", "type": "FILE", "required": False}]
        text = json.dumps(flow)  # which is YAML, and written much faster
        self.driver.save(text.replace('"sim"', f'"{self.namespace}"'))

    def _start(self, name: str) -> None:
        rows = "".join(f"row{n}\n" for n in range(self.rng.randint(0, 5))).encode()
        self.driver.start(self.namespace, name, file=Upload("rows.txt", io.BytesIO(rows)))

    def all_ids(self) -> list[str]:
        with self.driver.rt.database.reading() as tx:
            return list(tx.execute(_ALL).scalars())

    def open_ids(self, *gates: str) -> list[str]:
        """The executions with one of these gates, or all that have not ended."""
        with self.driver.rt.database.reading() as tx:
            found = tx.execute(_OF_GATES, {"gates": gates or _OPEN_GATES})
            return list(found.scalars())

    def story(self) -> list[Any]:
        """What became of everything: equal when a seed is run twice."""
        found: list[Any] = [sorted(self.stats.items())]
        for execution_id in self.all_ids():
            row, runs, tries = search.whole(self.driver.rt, execution_id)
            found.append((execution_id, row.histories))
            found += [(run.id, run.task_id, run.attempt, run.histories) for run in runs]
            found += sorted((one.task_run_id, one.n, one.histories) for one in tries)
        return found

    # -- one turn

    def _turn(self) -> None:
        rng, jobs = self.rng, self.driver.publisher.jobs
        if self.hostile and self.faults:
            self._break(jobs)
        with suppress(Died):
            if jobs:
                self._work(jobs.pop(rng.randrange(len(jobs)) if self.faults else 0))
        with suppress(Died):
            if self.frozen and (not self.hostile or rng.random() < 0.15):
                self._go_on(*self.frozen.pop(0))
        with suppress(Died):
            if self.hostile and self.users and rng.random() < (0.1 if jobs else 0.3):
                self._use(rng.choice(self.all_ids()))
        if not jobs or rng.random() < 0.2:
            self._pass(rng.choice((0.1, 1, 3, 6) if jobs else (1, 5, 9, 12)))

    def _pass(self, seconds: float) -> None:
        """Time passes; a beat does what is due."""
        self.driver.clock.advance(seconds)
        self.mono += seconds
        with suppress(Died):
            self._beat()
        checks.check_limits(self)

    def _beat(self) -> None:
        rt, jobs = self.driver.rt, self.driver.publisher.jobs
        recovery.work_timers(rt)
        recovery.recover_leases(rt, self.watch)
        recovery.admit_queued(rt)
        recovery.republish(rt, lambda queue: len(jobs))
        for execution_id in self.open_ids("PAUSED"):
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

    def _work(self, job: Any) -> None:
        """One job, whose worker may die, freeze or drain."""
        process = QuietProcess(self.driver.rt)
        place = (job.execution_id, job.sequence, job.pos, job.attempt)
        claim = claiming.claim(self.driver.rt, *place, process.owner)
        if claim is not None:
            self.stats["claims"] += 1
            settle(self.driver.rt, claim.progress)
            self._go_on(process, claim.step)

    def _go_on(self, process: QuietProcess, step: Step | None) -> None:
        rt = self.driver.rt
        while step is not None:
            if self._happens(0.04, "frozen"):
                self.frozen.append((process, step))
                return
            if self._happens(0.03, "drained"):
                settle(rt, steps.give_back(rt, step))
                return
            done = run_step(process, step, fuse=self.rng.random() < 0.8)
            if done is None:
                return
            step = done.fused
            settle(rt, done)

    def _happens(self, chance: float, what: str) -> bool:
        happens = self.hostile and self.faults and self.rng.random() < chance
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
        reopen.replay(self.driver.rt, execution_id, task_run_id=run)

    def _change(self, execution_id: str) -> None:
        run = self._some_run(execution_id)
        if run is not None:
            self._overrule(execution_id)
            state = self.rng.choice((State.SUCCESS, State.FAILED, State.WARNING, State.KILLED))
            self.changed.add(execution_id)
            before = self._row(run)
            reopen.change_state(self.driver.rt, execution_id, run, state)
            checks.check_given(before, self._row(run), state)

    def _force(self, execution_id: str) -> None:
        self._overrule(execution_id)
        operations.force_run(self.driver.rt, execution_id)

    def _unqueue(self, execution_id: str) -> None:
        self._overrule(execution_id)
        operations.unqueue(self.driver.rt, execution_id)

    def _overrule(self, execution_id: str) -> None:
        self.forced.add(executions.get(self.driver.rt, execution_id).flow_id)

    def _row(self, run_id: str) -> Row[Any]:
        with self.driver.rt.database.reading() as tx:
            return tx.execute(select(task_runs).where(task_runs.c.id == run_id)).one()

    def _some_run(self, execution_id: str) -> str | None:
        c = task_runs.c
        where = (c.execution_id == execution_id) & ~c.gone & c.sequence.is_not(None)
        with self.driver.rt.database.reading() as tx:
            wanted = select(c.id).where(where).order_by(c.created_at)
            found = list(tx.execute(wanted).scalars())
        return self.rng.choice(found) if found else None
