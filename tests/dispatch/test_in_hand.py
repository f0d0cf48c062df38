"""What a worker has in hand: one message each, of which the broker keeps no copy; on a Valkey."""

import pytest
from kombu.transport.virtual import base

from app.dispatch import kept_client
from app.dispatch.job import Job

JOB = Job("execution", "sequence", 0, 1, "script", "task", flow="a.b")


@pytest.fixture
def queue(publisher):
    return publisher.app.amqp.queues.select_add("script")


@pytest.fixture
def take(publisher, queue):
    """Gives a message to `act` and lets it act; the message's first argument."""
    with publisher.app.connection_for_read() as connection:

        def taken(act):
            found = []

            def heard(body, message):
                found.append((body[1]["execution"], message.headers["shadow"]))
                act(message)

            with connection.Consumer([queue], callbacks=[heard], accept=["json"]):
                while not found:
                    connection.drain_events(timeout=10)
            return found[0]

        yield taken


def keys(publisher):
    return {key.decode() for key in publisher.client().scan_iter() if b"_kombu" not in key}


def test_the_broker_keeps_no_copy_of_what_a_worker_has_in_hand(publisher, take):
    publisher.publish([JOB])
    seen = []

    take(lambda message: (seen.append(keys(publisher)), message.ack()))

    assert seen == [set()]


def test_a_message_that_is_given_back_comes_again_as_it_was(publisher, take):
    publisher.publish([JOB])

    first = take(lambda message: message.reject(requeue=True))
    depth = publisher.depth("script")
    again = take(lambda message: message.ack())

    assert first == again == ("execution", "a.b.task")
    assert depth == 1
    assert publisher.depth("script") == 0


def test_a_consumer_that_ends_gives_back_what_it_has_in_hand(publisher, take, queue):
    publisher.publish([JOB])
    with publisher.app.connection_for_read() as connection:
        with connection.Consumer([queue], callbacks=[lambda *_: None], accept=["json"]):
            connection.drain_events(timeout=10)
        assert publisher.depth("script") == 0

    assert take(lambda message: message.ack())[0] == "execution"


def test_what_a_broker_that_is_away_does_not_take_back_is_no_file(publisher, queue, monkeypatch):
    def away(*_args, **_options):
        raise ConnectionError

    dumped = []
    monkeypatch.setattr(base, "emergency_dump_state", lambda *a, **_: dumped.append(a))
    publisher.publish([JOB])
    takes = {"callbacks": [lambda *_: None], "accept": ["json"]}
    door = publisher.app.connection_for_read()
    with door as connection, connection.Consumer([queue], **takes) as taker:
        connection.drain_events(timeout=10)
        monkeypatch.setattr(taker.channel, "_put", away)
        monkeypatch.setattr(taker.channel, "conn_or_acquire", away)
        taker.channel.qos.restore_unacked_once()

    assert dumped == []


@pytest.mark.parametrize("door", ["connection_for_read", "connection_for_write"])
def test_a_channel_keeps_its_client_as_long_as_its_pool(publisher, door):
    with getattr(publisher.app, door)() as connection:
        channel = connection.default_channel
        assert isinstance(channel, kept_client.Channel)
        with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
            assert first is second
            assert first is not channel.client
        channel._disconnect_pools()
        with channel.conn_or_acquire() as third:
            assert third is not first
            assert third.ping()


def test_a_message_costs_the_broker_one_push_and_one_pop(publisher, queue):
    publisher.publish([JOB])  # the queue is declared, the client is there
    door = publisher.app.connection_for_read()
    takes = {"callbacks": [lambda _, message: message.ack()], "accept": ["json"]}
    with door as connection, connection.Consumer([queue], **takes):
        connection.drain_events(timeout=10)
        before = calls(publisher)

        publisher.publish([JOB] * 10)
        for _ in range(10):
            connection.drain_events(timeout=10)

        after = calls(publisher)
    spent = {name: after[name] - before.get(name, 0) for name in after if name != "info"}
    assert spent.pop("brpop") in (10, 11)  # the next one may have been sent
    # with an event for Flower, whom the settings of the test allow
    assert {name: count for name, count in spent.items() if count} == {"lpush": 10, "publish": 10}


def calls(publisher):
    stats = publisher.client().info("commandstats")
    return {name.removeprefix("cmdstat_"): found["calls"] for name, found in stats.items()}
