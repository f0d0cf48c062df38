"""Messages of background work let those of others pass; on a real Valkey."""

from app.dispatch.celery_app import make_celery
from app.dispatch.job import Job, Link
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings


def job(name, *, is_background, links=()):
    return Job(name, "sequence", 0, 1, "script", "task", links, "a.b", is_background)


def consumed(publisher, count, *, go_on=False):
    """The executions of messages, in the order in which a worker gets them."""
    found = []

    def heard(body, message):
        found.append((body[1]["execution"], message.properties.get("priority")))
        message.ack()
        if go_on and body[2]["chain"]:
            publisher.pass_on(body[2]["chain"], message.headers["root_id"], message.headers["id"])

    with publisher.app.connection_for_read() as connection:
        queue = publisher.app.amqp.queues.select_add("script")
        with connection.Consumer([queue], callbacks=[heard], accept=["json"]) as consumer:
            consumer.qos(prefetch_count=1)
            while len(found) < count:
                connection.drain_events(timeout=10)
    return found


def test_background_work_waits_for_other_work_and_counts_in_the_depth(publisher):
    publisher.publish([job(f"slow{n}", is_background=True) for n in range(3)])
    publisher.publish([job(f"fast{n}", is_background=False) for n in range(2)])

    depth, order = publisher.depth("script"), consumed(publisher, 5)

    assert depth == 5
    assert [name for name, _ in order] == ["fast0", "fast1", "slow0", "slow1", "slow2"]
    assert {priority for name, priority in order if name.startswith("slow")} == {9}


def test_the_links_of_a_background_chain_stay_in_the_background(publisher):
    links = (Link("sequence", 1, "script", "next"),)
    publisher.publish([job("slow", is_background=True, links=links)])
    publisher.publish([job("fast", is_background=False)])

    order = consumed(publisher, 2, go_on=True)
    rest = consumed(publisher, 1)

    assert [name for name, _ in order] == ["fast", "slow"]
    assert rest == [("slow", 9)]


def test_quorum_queues_of_rabbitmq_are_told_by_their_own_numbers():
    rabbit = CeleryPublisher(make_celery(Settings(broker_url="amqp://localhost//")))

    assert rabbit.priority(is_background=True) <= 4 < rabbit.priority(is_background=False)
