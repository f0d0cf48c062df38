"""Jobs as messages of Celery, made without its signatures.

Celery builds, clones, freezes and merges a signature for each message, and again for each link of a
chain that goes on, which cost more than to send it (decision 0108). A link is made here as it
travels, in the form that Celery itself would give it.
"""

from collections.abc import Sequence
from typing import Any

from celery import Celery
from kombu.utils.uuid import uuid

from app.dispatch.celery_app import RUN
from app.telemetry import tracing

Link = dict[str, Any]  #: a signature of Celery as it travels in a chain


def link(kwargs: dict[str, Any], *, queue: str, priority: int, shadow: str) -> Link:
    """One step of a chain. `shadow` is what Flower and Celery's own log show as its name."""
    options: dict[str, Any] = {
        "queue": queue,
        "priority": priority,
        "shadow": shadow,
        "kwargsrepr": f"execution {kwargs['execution']} attempt {kwargs['attempt']}",
        "argsrepr": "",
    }
    if headers := tracing.carried():
        options["headers"] = headers
    return {
        "task": RUN,
        "args": [],
        "kwargs": kwargs,
        "options": options,
        "subtask_type": None,
        "immutable": True,
    }


def send(
    app: Celery,
    producer: Any,
    links: Sequence[Link],
    *,
    root: str | None = None,
    parent: str | None = None,
) -> None:
    """Sends the last of these links, and the others with it as its chain, the next one last.

    `root` and `parent` are the ids of the chain's first message and of the one before it. Raises
    what the transport raises.
    """
    first, options = links[-1], links[-1]["options"]
    message = app.amqp.as_task_v2(
        options.get("task_id") or uuid(),
        RUN,
        (),
        first["kwargs"],
        root_id=root,
        parent_id=parent,
        shadow=options["shadow"],
        argsrepr=options["argsrepr"],
        kwargsrepr=options["kwargsrepr"],
        ignore_result=True,
        chain=list(links[:-1]) or None,
        create_sent_event=app.conf.task_send_sent_event,
    )
    app.amqp.send_task_message(
        producer,
        RUN,
        message,
        queue=options["queue"],
        priority=options["priority"],
        headers=options.get("headers"),
        retry=False,
    )
