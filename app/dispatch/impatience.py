"""Publishing to a RabbitMQ that is full, which is silent: it waits once, and not for a farewell.

Full, a node reads nothing from those who publish, for as long as it is: it confirms nothing,
answers no goodbye, and tells no error. Celery's remote control would try again for ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.app.control import Control
from kombu.exceptions import OperationalError
from kombu.pidbox import Mailbox


@contextmanager
def dropped_when_silent(producer: Any) -> Iterator[Any]:
    """The producer; its connection is closed without a word when an answer did not come in time."""
    try:
        yield producer
    except (TimeoutError, OperationalError):  # Celery hands some on as they are, some by its name
        connection: Any = getattr(producer.channel, "connection", None)
        if hasattr(connection, "collect"):  # of amqp
            connection.collect()
        raise


class _Once:
    """A producer that publishes without trying again."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def publish(self, body: Any, **options: Any) -> Any:
        """Raises what the first try raised."""
        return self._producer.publish(body, **{**options, "retry": False})


class _Mailbox(Mailbox):
    @contextmanager
    def producer_or_acquire(self, producer: Any = None, channel: Any = None) -> Iterator[Any]:
        with super().producer_or_acquire(producer, channel) as found, dropped_when_silent(found):
            yield _Once(found)


class ImpatientControl(Control):  # type: ignore[misc]
    """Remote control that gives up when the broker does not take the message."""

    Mailbox = _Mailbox
