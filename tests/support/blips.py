"""A database that is away for one use of it, and back at the next: a cut, a lock, a failover."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from app.database.session import Database
from app.errors import DatabaseAway

T = TypeVar("T")
DOORS = ("transaction", "reading", "at_once", "standing_still")


class Blip:
    """`happened` once the use that fails has come."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.happened = False

    def meet(self) -> None:
        """Counts one use of the database down; raises at the one that fails."""
        self.left -= 1
        if self.left == -1:
            self.happened = True
            raise DatabaseAway("the database cannot be reached")


class Absence(Blip):
    """Each use fails."""

    def meet(self) -> None:
        """Raises."""
        self.happened = True
        raise DatabaseAway("the database cannot be reached")


@contextmanager
def blip(database: Database, nth: int) -> Iterator[Blip]:
    """The use number `nth` (from 0) of the database fails in the block, before it begins."""
    with _doors(database, Blip(nth)) as made:
        yield made


@contextmanager
def away(database: Database) -> Iterator[Blip]:
    """Every use of the database fails in the block."""
    with _doors(database, Absence(0)) as made:
        yield made


@contextmanager
def _doors(database: Database, made: Blip) -> Iterator[Blip]:
    for door in DOORS:
        setattr(database, door, _guarded(getattr(database, door), made))
    try:
        yield made
    finally:
        for door in DOORS:
            delattr(database, door)


def _guarded(open_door: Callable[..., Any], made: Blip) -> Callable[..., Any]:
    def guarded(**options: Any) -> Any:
        made.meet()
        return open_door(**options)

    return guarded


def at_each_use(database: Database, act: Callable[[], object]) -> Iterator[int]:
    """Does `act` with the database away at its first use, its second, … up to its last.

    Once more when it raised, as whoever is left with work that is due does. Yields after each.
    """
    for nth in count():
        with blip(database, nth) as made:
            try:
                act()
            except DatabaseAway:
                assert made.happened
                act()
        if not made.happened:
            assert nth, "the database was not used"
            return
        yield nth


def until_done(database: Database, act: Callable[[], T]) -> T:
    """What `act` gives, after the database was away once at each use of it."""
    for nth in count():
        with blip(database, nth) as made:
            try:
                return act()
            except DatabaseAway:
                assert made.happened
    raise AssertionError("unreachable")
