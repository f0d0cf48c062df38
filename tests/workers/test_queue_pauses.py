"""A queue that is paused, as the processes of a worker see it."""

import time
from types import SimpleNamespace

import pytest
from celery.exceptions import Reject

from app.dispatch.celery_app import make_celery, queues_of
from app.service import queue_pauses
from app.settings import Settings
from workers import jobs, parent
from workers.shared import Shared
from workers.standby import Standby


class Consumer:
    """A connection of Celery, as far as it is asked here."""

    def __init__(self, *names):
        self.names = set(names)
        self.task_consumer = SimpleNamespace(consuming_from=self.names.__contains__)
        self.cancel_task_queue, self.add_task_queue = self.names.remove, self.names.add


@pytest.fixture
def shared(monkeypatch):
    made = Shared()
    made.serve(["engine", "script", "docker"])
    monkeypatch.setattr(parent, "shared", made)
    monkeypatch.setattr(parent, "_left", set())
    return made


def test_a_queue_that_was_left_by_a_command_is_not_come_back_to(shared):
    consumer = Consumer("engine", "docker")  # as by `celery control cancel_consumer script`

    parent.take_from(consumer)

    assert consumer.names == {"engine", "docker"}


def test_the_parent_leaves_what_is_paused_and_comes_back_to_it(shared):
    consumer, seen = Consumer("engine", "script", "docker"), []
    for paused in (["script", "elsewhere"], [], ["script", "docker"], ["docker"]):
        shared.pause(paused)
        parent.take_from(consumer)
        seen.append(sorted(consumer.names))

    assert seen == [["docker", "engine"], ["docker", "engine", "script"], ["engine"],
                    ["engine", "script"]]  # fmt: skip


def test_a_worker_that_stops_does_not_come_back_to_a_queue(shared):
    consumer = Consumer("engine")
    shared.draining_since = 1.0
    parent.take_from(consumer)

    assert consumer.names == {"engine"}


def test_what_waits_in_a_queue_that_is_resumed_is_no_sign_of_a_deaf_worker(shared):
    consumer = Consumer("engine", "script", "docker")
    shared.pause(["script"])
    parent.take_from(consumer)
    shared.heard_at = 1.0
    shared.pause([])
    parent.take_from(consumer)

    assert time.monotonic() - shared.heard_at < 5


def test_a_message_goes_back_once_nothing_more_is_taken_and_never_before(shared, driver):
    request = SimpleNamespace(delivery_info={"routing_key": "script"})
    process = SimpleNamespace(shared=shared)
    before = jobs.Child.process
    jobs.Child.process = process
    told = []
    try:
        for act in (lambda: shared.pause(["script"]), lambda: shared.leave("script")):
            act()
            try:
                jobs.run(SimpleNamespace(request=request), "e", "s", 0, 1)
            except Reject as error:
                told.append((error.reason, error.requeue))
            except AttributeError:  # it goes on to claim
                told.append("claims")
    finally:
        jobs.Child.process = before

    assert told == ["claims", ("its queue is paused", True)]


def test_nothing_is_left_of_a_pause_that_is_over(shared):
    shared.pause(["script"])
    shared.leave("script")
    shared.pause(["script"])  # read again: it stays left
    left = shared.has_left("script")
    shared.pause([])
    shared.leave("script")  # too late

    assert left
    assert (shared.is_paused("script"), shared.has_left("script")) == (False, False)


def test_a_worker_that_starts_knows_which_queues_are_paused(driver, shared):
    queue_pauses.pause(driver.rt, "script")
    waiting = Standby(driver.rt, "w1", ["script"], time.time(), lambda: None)
    waiting.wait()
    settings = Settings(broker_url="redis://127.0.0.1:1/0")
    app = make_celery(settings)
    app.conf.task_queues = queues_of(["engine", "script", "docker"], settings)
    parent.select(app, waiting.paused)

    assert sorted(app.amqp.queues.consume_from) == ["docker", "engine"]
