"""A worker without Celery: jobs wait in a list, and the test says when they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.dispatch.job import Depth, Job
from app.service import claiming, executions, flows, recovery, schedules, search
from app.service.runtime import Runtime
from app.service.settle import settle
from workers.attempt import run_step
from workers.polls import evaluate_trigger
from workers.process import Process


@dataclass
class ListPublisher:
    """Keeps jobs in memory; the chain of a job is kept with it, as the broker would."""

    jobs: list[Job] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    life: str | None = "first"  #: None: it is away
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def publish(self, jobs: Sequence[Job]) -> None:
        self.jobs.extend(jobs)

    def pass_on(self, links: Any, root: Any, parent: Any) -> None:
        raise AssertionError("nothing travels here but single jobs")

    def broadcast_kill(self, execution_id: str) -> None:
        pass

    def wake_source(self, source_id: str, *, after_s: float = 0.0) -> None:
        self.sources.append(source_id)

    def ask_trigger(self, *place: Any) -> None:
        self.asked.append(place)

    def announce(self, channel: str, payload: Mapping[str, Any]) -> None:
        pass

    def depth(self, queue: str) -> int:
        return 0

    def depth_by_priority(self, queue: str) -> Depth:
        return Depth(0, 0)

    def answers(self) -> bool:
        return self.life is not None

    def incarnation(self) -> str | None:
        return self.life


class Clock:
    """A clock that the test moves."""

    def __init__(self, start: Any) -> None:
        self.now = start

    def __call__(self) -> Any:
        self.now += timedelta(microseconds=50)
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Driver:
    """Runs flows to their end in this process."""

    rt: Runtime
    publisher: ListPublisher
    clock: Clock

    def __post_init__(self) -> None:
        self.process = Process(self.rt)

    def save(self, text: str) -> None:
        flows.save(self.rt, text)

    def start(self, namespace: str, flow_id: str, **inputs: Any) -> str:
        return executions.start(self.rt, namespace, flow_id, inputs)

    def work_one(self, job: Job) -> None:
        claim = claiming.claim(
            self.rt, job.execution_id, job.sequence, job.pos, job.attempt, self.process.owner
        )
        if claim is None:
            return
        settle(self.rt, claim.progress)
        step = claim.step
        while step is not None:
            done = run_step(self.process, step, fuse=True)
            step = done.fused if done is not None else None
            settle(self.rt, done)

    def work(self, most: int = 2000) -> None:
        """Runs jobs until none is left."""
        while self.publisher.jobs:
            most -= 1
            assert most > 0, "the flow never comes to rest"
            self.work_one(self.publisher.jobs.pop(0))

    def poll(self) -> None:
        """Beat looks at triggers; what it hands to workers is evaluated."""
        schedules.fire_due(self.rt)
        while self.publisher.asked:
            _queue, *place = self.publisher.asked.pop(0)
            evaluate_trigger(self.process, *place)
        self.work()

    def work_timers(self, seconds: float) -> None:
        """Time passes; what became due happens."""
        self.clock.advance(seconds)
        for _ in range(50):
            if not recovery.work_timers(self.rt) and not self.publisher.jobs:
                return
            self.work()

    def run(self, text: str, **inputs: Any) -> str:
        """Saves a flow, starts it, works until nothing moves; the execution's id."""
        self.save(text)
        parsed = flows.parse(self.rt, text).flow
        execution_id = self.start(parsed.namespace, parsed.id, **inputs)
        self.work()
        return execution_id

    def state(self, execution_id: str) -> str:
        return executions.get(self.rt, execution_id).state

    def runs(self, execution_id: str) -> list[tuple[str, str]]:
        """(task id, state) of every task run, in order."""
        return [(run.task_id, run.state) for run in search.whole(self.rt, execution_id)[1]]

    def outputs(self, execution_id: str, task_id: str) -> Any:
        found = [r for r in search.whole(self.rt, execution_id)[1] if r.task_id == task_id]
        return found[-1].outputs

    def messages(self, execution_id: str) -> list[str]:
        return [row.message for row in search.list_logs(self.rt, {"execution_id": execution_id})]
