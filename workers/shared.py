"""What a worker's parent and its pool children know of each other: numbers in shared memory.

Made anew when a worker begins, before its first fork. Each number has one meaning and is written
whole; a lost race between two writers costs a round, never a wrong result.
"""

import struct
import time
from collections.abc import Collection, Sequence
from mmap import mmap


class _Number:
    """A place in the shared memory, as an attribute; 0 at first."""

    def __init__(self, place: int) -> None:
        self.place = place * 8

    def __get__(self, shared: "Shared", _owner: object = None) -> float:
        return float(struct.unpack_from("d", shared.memory, self.place)[0])

    def __set__(self, shared: "Shared", value: float) -> None:
        struct.pack_into("d", shared.memory, self.place, value)


_IS_PAUSED, _IS_LEFT = 1, 2


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
        self.begin()

    def begin(self) -> None:
        """A worker begins. It may be forked from a process that loaded this, as one before it was:
        what that one left, that it stops above all, says nothing of this one."""
        self.memory = mmap(-1, 64)
        self.serve([])
        self.heard_at = time.monotonic()
        self.started_at = time.time()

    def serve(self, queues: Sequence[str]) -> None:
        """Before the fork: a byte for each queue, which says whether it is paused, and a count."""
        self._places = {name: n for n, name in enumerate(queues)}
        self._rests = mmap(-1, len(queues) + 1)
        self._begun = mmap(-1, 8 * (len(queues) + 1))

    def pause(self, paused: Collection[str]) -> None:
        """Somebody has read which of the worker's queues are to be left alone."""
        for name, place in self._places.items():
            if name not in paused:
                self._rests[place] = 0
            elif not self._rests[place]:
                self._rests[place] = _IS_PAUSED

    @property
    def queues(self) -> Collection[str]:
        """Those that the worker was told to serve, paused or not."""
        return self._places.keys()

    def leave(self, name: str) -> None:
        """The parent takes no more messages of a paused queue: what it still has goes back."""
        if self.is_paused(name):
            self._rests[self._places[name]] = _IS_LEFT

    def is_paused(self, name: str) -> bool:
        """Whether a queue is to be left alone, as far as this worker knows."""
        return self._state(name) != 0

    def has_left(self, name: str) -> bool:
        """Whether a message of a queue may be given back without coming here again at once."""
        return self._state(name) == _IS_LEFT

    def count(self, name: str) -> None:
        """A job of a queue has begun. Two children at one instant may count one."""
        if (place := self._places.get(name)) is not None:
            (count,) = struct.unpack_from("q", self._begun, 8 * place)
            struct.pack_into("q", self._begun, 8 * place, count + 1)

    def begun(self) -> dict[str, int]:
        """How many jobs of each queue have begun since the start of the worker."""
        counts = struct.unpack_from(f"{len(self._places)}q", self._begun)
        return dict(zip(self._places, counts, strict=True))

    def _state(self, name: str) -> int:
        place = self._places.get(name)
        return self._rests[place] if place is not None else 0
