"""A RabbitMQ that is full: whoever sends to it waits once and for a moment, whatever is sent."""

import time
from dataclasses import replace

import pytest

from app.dispatch.celery_app import ANSWER_S, make_celery
from app.dispatch.job import Job, Link
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings
from tests.faults.cluster import until
from tests.support.rabbitmq import started

JOB = Job(queue="script", execution_id="e", sequence="s", pos=0, attempt=1, task_id="t")
LINKED = replace(JOB, links=(Link("s", 1, "script", "u"), Link("s", 2, "script", "v")))
ACTS = {
    "jobs": lambda publisher: publisher.publish([JOB]),
    "chain": lambda publisher: publisher.publish([LINKED]),
    "kill": lambda publisher: publisher.broadcast_kill("e"),
    "drain": lambda publisher: publisher.drain("w1@nowhere"),
    "source": lambda publisher: publisher.wake_source("s"),
    "trigger": lambda publisher: publisher.ask_trigger("script", "n", "f", "t", 1),
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = started(tmp_path_factory.mktemp("rabbit") / "node")
    CeleryPublisher(make_celery(Settings(broker_url=made.url))).publish([JOB])
    yield made
    made.stop()


@pytest.fixture
def full(node):
    node.may_use(0)
    yield node
    node.may_use(0.6)


def took_s(act, publisher):
    began = time.monotonic()
    act(publisher)
    return time.monotonic() - began


def publisher_to(node):
    return CeleryPublisher(make_celery(Settings(broker_url=node.url)))


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.timeout(120)
def test_what_cannot_be_sent_is_given_up_after_one_wait(full, name):
    """Celery's remote control would try again until there is room: a kill never answered."""
    assert ANSWER_S <= took_s(ACTS[name], publisher_to(full)) < 2 * ANSWER_S


def test_it_is_left_alone_for_most_of_the_time_and_sent_to_once_it_has_room(node):
    publisher = publisher_to(node)
    before = publisher.depth("script")
    node.may_use(0)
    try:
        began, waited_s = time.monotonic(), 0.0
        while time.monotonic() - began < 20:
            waited_s += took_s(ACTS["jobs"], publisher)
            time.sleep(0.02)
        share = waited_s / (time.monotonic() - began)
    finally:
        node.may_use(0.6)

    def sent():
        publisher.publish([JOB])
        return (publisher.depth("script") or 0) > before

    assert 0 < share < 0.3
    until(sent, "nothing was sent when there was room again", 30)
