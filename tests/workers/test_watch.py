"""A worker that hears nothing of work that waits for it."""

import os
import signal
import subprocess
import time

import pytest

from app.service import recovery
from workers.process import Process
from workers.watch import Watch

FLOW = "id: f\nnamespace: a.b\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]\n"


@pytest.fixture
def parent():
    made = subprocess.Popen(["sleep", "60"])
    yield made
    made.kill()
    made.wait()


@pytest.fixture
def watch(driver, parent):
    driver.save(FLOW)
    driver.start("a.b", "f")
    return Watch(Process(driver.rt), ["engine"], parent.pid)


def silent_for(watch, times):
    watch.shared.heard_at = time.monotonic() - watch.rt.settings.deaf_s * times


def test_it_asks_for_a_new_connection_then_ends_then_is_killed(watch, parent):
    silent_for(watch, 1.1)
    watch.listen()
    watch.listen()  # too early: each try gets its time
    asked, alive = watch.shared.restart_asked, parent.poll() is None
    watch.tried_at -= watch.rt.settings.deaf_s
    watch.listen()

    assert (asked, alive) == (1, True)
    assert parent.wait(5) == -signal.SIGTERM


def test_a_new_connection_that_brings_nothing_either_is_not_asked_for_again(watch, parent):
    silent_for(watch, 1.1)
    watch.listen()
    watch.shared.connected_at = time.monotonic()  # the parent did as it was asked
    watch.listen()
    watch.shared.connected_at -= watch.rt.settings.deaf_s
    watch.tried_at -= watch.rt.settings.deaf_s
    watch.listen()

    assert watch.shared.restart_asked == 1
    assert parent.wait(5) == -signal.SIGTERM


def test_the_last_step_does_not_ask(watch, parent):
    os.kill(parent.pid, signal.SIGSTOP)  # as one that hangs: it does not heed SIGTERM
    watch.tries = 2
    silent_for(watch, 1.1)
    watch.listen()

    assert parent.wait(5) == -signal.SIGKILL


def test_a_machine_that_slept_does_not_end_its_workers(watch, parent):
    silent_for(watch, 50)
    watch.listen()

    assert watch.shared.restart_asked == 1
    assert parent.poll() is None


def test_it_is_content_while_messages_come(watch):
    silent_for(watch, 0.4)
    watch.listen()

    assert watch.shared.restart_asked == 0


def test_it_is_content_without_work_for_its_queues(watch):
    watch.queues = ["docker"]
    silent_for(watch, 1.1)
    watch.listen()

    assert watch.shared.restart_asked == 0
    assert time.monotonic() - watch.shared.heard_at < 5


def test_recovery_is_done_by_one_child_of_a_worker(driver):
    process = Process(driver.rt)
    first, second = Watch(process, []), Watch(process, [])
    process.shared.keeper, process.shared.kept_at = 1.0, time.monotonic()
    while_it_is_heard_of = first.is_keeper()
    process.shared.kept_at -= 11

    assert not while_it_is_heard_of
    assert second.is_keeper()
    recovery.work_round(driver.rt, first.leases)  # what the keeper does


def test_work_of_a_paused_queue_is_no_sign_that_nothing_comes(watch):
    watch.shared.serve(watch.queues)
    watch.shared.pause(["engine"])
    silent_for(watch, 1.1)
    watch.listen()
    asked = watch.shared.restart_asked
    watch.shared.pause([])
    silent_for(watch, 1.1)
    watch.listen()

    assert (asked, watch.shared.restart_asked) == (0, 1)
