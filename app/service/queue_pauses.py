"""Which queues rest: a mark in the database, as of a drain, which no restart wipes out.

Workers go on to serve their other queues. What waits in a paused queue waits on, in the broker and
as rows; what runs of it ends as it would have.
"""

from collections.abc import Sequence

from app.database import services
from app.dispatch.celery_app import ENGINE
from app.errors import Invalid
from app.service.draining import LONGEST, Mark
from app.service.runtime import Runtime

GIT = "git"
_NEVER = {
    ENGINE: "every execution takes its steps through it, those of other queues as well",
    GIT: "it keeps what is applied in step with Git; suspend the source or binding instead",
}


def pause(rt: Runtime, name: str) -> None:
    """Marks a queue; again changes nothing. Raises Invalid, also for those that never rest."""
    if not name or len(name) > LONGEST or name.split() != [name]:
        raise Invalid(f"{name[:100]!r} names no queue")
    if (reason := _NEVER.get(name.partition(".")[0])) is not None:
        raise Invalid(f"the queue {name!r} cannot be paused: {reason}")
    with rt.database.transaction() as tx:
        services.pause_queue(tx, name, rt.clock())


def can_be_paused(name: str) -> bool:
    """Whether a queue may ever rest."""
    return name.partition(".")[0] not in _NEVER


def resume(rt: Runtime, name: str) -> bool:
    """Takes the mark away; False when there was none."""
    with rt.database.transaction() as tx:
        return services.resume_queue(tx, name)


def names(rt: Runtime) -> frozenset[str]:
    """The names of the queues that are paused."""
    return frozenset(mark.name for mark in list_marks(rt))


def list_marks(rt: Runtime) -> Sequence[Mark]:
    """The queues that are paused, by name; whether anybody serves them is not asked."""
    with rt.database.reading() as tx:
        return [Mark(row.name, row.since) for row in services.list_paused_queues(tx)]
