"""The Celery app: how messages travel, not what they mean (reliability 2.12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import PreconditionFailed  # type: ignore[import-untyped]
from celery import Celery
from celery.app.amqp import AMQP
from kombu.entity import Queue as KombuQueue

from app.dispatch import kept_client
from app.dispatch.impatience import ImpatientControl, dropped_when_silent
from app.dispatch.refusal import QueueRefused
from app.dispatch.tls import without_tls
from app.settings import Settings

RUN = "trunkline.run"  #: the one job of the engine; its kwargs name the step for Flower
SYNC = "trunkline.sync"  #: the job of the `git` queue: work on one source
POLL = "trunkline.poll"  #: the job that evaluates a polling trigger
ENGINE = "engine"  #: the queue of steps in process
ANSWER_S = 2.0  #: seconds
REDIS_PRIORITIES = (0, 9)  #: of work that somebody waits for, of background work
QUEUES = ("engine", "default", "git", "script", "docker")


class _Messages(AMQP):  # type: ignore[misc]
    """Ends a worker that may not serve its queues; tells Flower the names that people know."""

    def TaskConsumer(self, *args: Any, **kwargs: Any) -> Any:
        """What a worker gets its messages by. Celery alone would connect anew again and again.

        Raises QueueRefused, which ends the worker.
        """
        try:
            return super().TaskConsumer(*args, **kwargs)
        except PreconditionFailed as error:
            raise QueueRefused(error) from error

    def as_task_v2(self, *args: Any, **kwargs: Any) -> Any:
        """The message, and the event that goes with it.

        Celery's own event of a message that was sent has the name of the function; it often comes
        after the worker's, and Flower believes the last one.
        """
        message = super().as_task_v2(*args, **kwargs)
        if message.sent_event and message.headers["shadow"]:
            message.sent_event["name"] = message.headers["shadow"]
        return message


class _ImpatientSender(Celery):  # type: ignore[misc]
    """Waits for answers to what it sends no longer than `ANSWER_S` (`impatience.py`)."""

    @contextmanager
    def producer_or_acquire(self, producer: Any = None) -> Iterator[Any]:
        """What every message is sent by, also those that Celery sends by itself."""
        with super().producer_or_acquire(producer) as found, dropped_when_silent(found):
            yield found

    def connection_for_write(self, url: str | None = None, **more: Any) -> Any:
        """A connection that messages are published by."""
        options = {**(more.pop("transport_options", None) or {}), "read_timeout": ANSWER_S}
        return super().connection_for_write(url, transport_options=options, **more)


class _KeepingClients(Celery):  # type: ignore[misc]
    """Talks to Redis by a transport that keeps its clients."""

    def connection_for_read(self, url: str | None = None, **more: Any) -> Any:
        """A connection that messages are taken from."""
        return _keeping(super().connection_for_read(url, **more))

    def connection_for_write(self, url: str | None = None, **more: Any) -> Any:
        """A connection that messages are published by."""
        return _keeping(super().connection_for_write(url, **more))


def _keeping(connection: Any) -> Any:
    if connection.transport_cls in ("redis", "rediss"):
        connection.transport_cls = kept_client.NAME
    return connection


def make_celery(settings: Settings) -> Celery:
    """The app of one process. Raises Invalid for an address with TLS that cannot be read."""
    url, tls = without_tls(settings.broker_url)
    app = _class_for(settings)("trunkline", broker=url, amqp=_Messages, control=ImpatientControl)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_publish_retry=False,
        task_inherit_parent_priority=True,  # what a job of many branches hands on
        task_default_queue="engine",
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=settings.soft_shutdown_s,
        worker_send_task_events=settings.task_events,
        task_send_sent_event=settings.task_events,
        worker_enable_remote_control=True,
        worker_max_memory_per_child=settings.worker_max_memory_kb,
        worker_proc_alive_timeout=30,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # RabbitMQ closes the channel of a step that lasts longer than its `consumer_timeout`: the
        # worker connects anew. The step goes on; its message comes again and claims nothing
        broker_channel_error_retry=True,
        broker_transport_options=_transport(settings),
        broker_heartbeat=10,
        enable_utc=True,
    )
    if _is_rabbit(settings):
        # quorum queues keep what they confirmed when a node dies
        app.conf.update(
            task_default_queue_type="quorum",
            task_create_missing_queue_type="quorum",
            worker_detect_quorum_queues=True,
            broker_use_ssl=tls,
        )
    return app


def _class_for(settings: Settings) -> type[Celery]:
    return _ImpatientSender if _is_rabbit(settings) else _KeepingClients


def _is_rabbit(settings: Settings) -> bool:
    return settings.broker_url.startswith(("amqp", "pyamqp"))


def _transport(settings: Settings) -> dict[str, object]:
    if _is_rabbit(settings):
        return {
            "confirm_publish": True,
            "connect_timeout": 5,
            "read_timeout": 30,
            "write_timeout": 5,
        }
    if not settings.broker_url.startswith("redis"):
        return {}
    return {
        # redelivery is not what recovers work: recovery is. A copy of each message that a worker
        # has in hand would cost two transactions of the broker, only to double messages one day
        "ack_emulation": False,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 5,
        "queue_order_strategy": "round_robin",
        "priority_steps": list(REDIS_PRIORITIES),  # a list of each queue for either, no more
    }


def queues_of(names: list[str], settings: Settings) -> list[KombuQueue]:
    """The queues that a worker is told to serve."""
    arguments = {"x-queue-type": "quorum"} if _is_rabbit(settings) else None
    return [
        KombuQueue(name, queue_arguments=arguments)  # type: ignore[no-untyped-call]
        for name in names
    ]
