"""A queue of RabbitMQ that somebody else made, of another kind than ours: the broker keeps it so.

Trying again changes nothing: a person has to delete it. What is told names it, once a minute.
"""

import logging
import re
import time

from amqp.exceptions import AMQPError, PreconditionFailed  # type: ignore[import-untyped]
from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.platforms import EX_UNAVAILABLE
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
TELL_EVERY_S = 60.0
CONNECT_S = 5.0
_QUEUE = re.compile(r"for queue '([^']+)' in vhost '([^']+)'")


class QueueRefused(WorkerShutdown):  # type: ignore[misc]
    """Ends a worker whose queue it may not serve; the next one waits (`workers/standby.py`)."""

    def __init__(self, error: PreconditionFailed) -> None:
        log.error("%s", explain(error))
        super().__init__(EX_UNAVAILABLE)


def explain(error: PreconditionFailed) -> str:
    """What is wrong with which queue, and what to do."""
    found = _QUEUE.search(error.reply_text)
    if found is None:
        return f"the broker refuses a queue: {error.reply_text}"
    name, place = found.groups()
    return (
        f"the broker has a queue {name!r} that is not ours to use ({error.reply_text}). Delete it "
        f"(`rabbitmqctl delete_queue {name} -p {place}`): it is made anew, and what is due is sent "
        "again; or name a virtual host of Trunkline's own in TRUNKLINE_BROKER_URL"
    )


def find(app: Celery) -> str | None:
    """Why a worker may not serve the queues of its app, for people; None on Redis.

    None also when that cannot be asked: the worker connects again and again by itself, and ends by
    QueueRefused if need be.
    """
    if not str(app.conf.broker_url).startswith(("amqp", "pyamqp")):
        return None
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=0, timeout=CONNECT_S)
            for queue in app.conf.task_queues:
                queue(connection.default_channel).declare()
    except PreconditionFailed as error:
        return explain(error)
    except (OperationalError, AMQPError, OSError) as error:
        log.warning("whether the queues are ours could not be asked: %s", type(error).__name__)
    return None


class Refusals:
    """Tells each refusal of one process once a minute."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def tell(self, error: PreconditionFailed) -> None:
        """One line at error level, unless it was written lately."""
        now, text = time.monotonic(), explain(error)
        if now - self._told.get(text, float("-inf")) >= TELL_EVERY_S:
            self._told[text] = now
            log.error("%s", text)
