"""What a worker's parent and its pool children know of each other: numbers in shared memory.

Made before the first fork. Each number has one meaning and is written whole; a lost race between
two writers costs a round, never a wrong result.
"""

import struct
import time
from mmap import mmap


class _Number:
    """A place in the shared memory, as an attribute; 0 at first."""

    def __init__(self, place: int) -> None:
        self.place = place * 8

    def __get__(self, shared: "Shared", _owner: object = None) -> float:
        return float(struct.unpack_from("d", shared.memory, self.place)[0])

    def __set__(self, shared: "Shared", value: float) -> None:
        struct.pack_into("d", shared.memory, self.place, value)


class Shared:
    """Moments are `time.monotonic()` seconds, which all processes of a machine share."""

    draining_since = _Number(0)  #: the parent was told to stop; 0: it was not
    kills = _Number(1)  #: kills that the parent heard of
    heard_at = _Number(2)  #: a child got a message
    restart_asked = _Number(3)  #: how often children asked for a new connection to the broker
    keeper = _Number(4)  #: the child that does recovery
    kept_at = _Number(5)  #: when it last did
    started_at = _Number(6)  #: the worker's start, by the wall clock
    connected_at = _Number(7)  #: the parent connected to the broker: before, nobody could hear

    def __init__(self) -> None:
        self.memory = mmap(-1, 64)
        self.heard_at = time.monotonic()
        self.started_at = time.time()
