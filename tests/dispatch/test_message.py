"""The messages that we make are those that Celery would make; on a Valkey."""

import pytest
from celery import signature

from app.dispatch.job import Job, Link

JOB = Job(
    "execution", "sequence", 0, 1, "script", "first", flow="a.b",
    links=(Link("sequence", 1, "script", "next"), Link("sequence", 2, "git", "last")),
)  # fmt: skip


@pytest.fixture
def taken(publisher):
    """Takes the next message of the queue `script`."""
    queue = publisher.app.amqp.queues.select_add("script")
    with publisher.app.connection_for_read() as connection:

        def take():
            found = []

            def heard(body, message):
                found.extend([body, message.headers, message.properties])
                message.ack()

            with connection.Consumer([queue], callbacks=[heard], accept=["json"]):
                while not found:
                    connection.drain_events(timeout=10)
            return found

        yield take


def shown(message):
    """A message without what is new in each."""
    body, headers, properties = message
    own = {"id", "stamped_headers", "stamps"}
    kept = {name: value for name, value in headers.items() if name not in own}
    # the descriptions stand in the headers; Celery lets them slip among the properties too
    tags = {"correlation_id", "delivery_tag", "reply_to", "argsrepr", "kwargsrepr"}
    return body, kept, {name: value for name, value in properties.items() if name not in tags}


def test_a_chain_goes_on_as_celery_would_let_it(publisher, taken):
    publisher.publish([JOB])
    body, headers, _ = taken()
    rest, root, parent = body[2]["chain"], headers["root_id"], headers["id"]

    publisher.pass_on(rest, root, parent)
    ours = taken()
    made = signature(rest[-1], app=publisher.app)
    made.apply_async((None,), chain=rest[:-1], root_id=root, parent_id=parent, ignore_result=True)
    celerys = taken()

    assert shown(ours) == shown(celerys)
    assert ours[1]["root_id"] == ours[1]["parent_id"] == headers["id"]
    assert ours[0][1] == {"execution": "execution", "sequence": "sequence", "pos": 1, "attempt": 1}
    assert [link["options"]["queue"] for link in ours[0][2]["chain"]] == ["git"]


def test_a_first_message_is_the_root_of_its_chain(publisher, taken):
    publisher.publish([JOB])

    body, headers, _ = taken()

    assert headers["root_id"] == headers["id"]
    assert headers["shadow"] == "a.b.first"
    assert [link["kwargs"]["pos"] for link in body[2]["chain"]] == [2, 1]
