"""How fast jobs begin, as a worker tells it."""

from datetime import UTC, datetime

from app.service import queues
from app.service.presence import Presence
from workers.pace import Pace
from workers.shared import Shared


def test_the_pace_is_that_of_the_last_five_minutes():
    pace = Pace()
    first = pace.of({"script": 10, "git": 1}, 0)
    short = pace.of({"script": 30, "git": 1}, 60)
    for n in range(3, 10):
        pace.of({"script": 30, "git": 1}, 60 * (n - 1))
    late = pace.of({"script": 80, "git": 1}, 600)

    assert (first, short) == ({}, {"script": 20})
    assert late == {"script": 10}


def test_jobs_are_counted_by_queue_and_told_of_all_workers(driver):
    shared = Shared()
    shared.serve(["engine", "script"])
    for name in ("script", "script", "engine", "elsewhere"):
        shared.count(name)
    for n in range(2):
        told = {"pace": {"script": 1.5 + n}}
        start = datetime(2026, 1, n + 1, tzinfo=UTC)
        Presence(
            driver.rt, "worker", f"w{n}", start, ("script",), more=lambda told=told: told
        ).show()
    found = {queue.name: queue.begun_per_minute for queue in queues.list_queues(driver.rt)}

    assert shared.begun() == {"engine": 1, "script": 2}
    assert (found["script"], found["docker"]) == (4.0, 0)
