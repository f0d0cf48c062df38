"""Which workers take no work: a mark in the database, which a restart does not wipe out.

A supervisor starts a worker again that has ended. Only a mark tells the new process that somebody
wanted its machine, or itself, to be left alone. It names a worker (`name@host`) or a host.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.database import services
from app.errors import Invalid
from app.service.runtime import Runtime

LONGEST = 300  #: characters of a name


@dataclass(frozen=True)
class Mark:
    """A worker or host that is drained, or a queue that is paused."""

    name: str
    since: datetime


def drain(rt: Runtime, name: str) -> None:
    """Marks a worker or all of a host; again changes nothing. Raises Invalid."""
    if not name.strip("@") or len(name) > LONGEST or name.split() != [name]:
        raise Invalid(f"{name[:100]!r} names no worker: it is `worker@host`, or a host")
    with rt.database.transaction() as tx:
        services.drain(tx, name, rt.clock())


def undrain(rt: Runtime, name: str) -> bool:
    """Takes the mark of this very name away; False when there was none."""
    with rt.database.transaction() as tx:
        return services.undrain(tx, name)


def list_marks(rt: Runtime) -> Sequence[Mark]:
    """Every mark, by name; whether anybody runs under it is not asked."""
    with rt.database.reading() as tx:
        return [Mark(row.name, row.since) for row in services.list_drains(tx)]


def find_mark(rt: Runtime, worker: str) -> Mark | None:
    """The mark that a worker of this machine has to obey: its own, or its machine's."""
    host = socket.gethostname()
    with rt.database.reading() as tx:
        row = services.find_drain(tx, [host, f"{worker}@{host}"])
    return Mark(row.name, row.since) if row is not None else None
