"""A backfill: in which order the instants of a time in the past run, and how many at once.

What is kept of one is a map on its trigger's row, in the names of the wire; one from a client
of the reference has neither `order` nor `concurrencyLimit`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

MOST_AT_ONCE = 1000


class Order(StrEnum):
    """Which of the instants that are left runs next."""

    OLDEST_FIRST = "OLDEST_FIRST"
    NEWEST_FIRST = "NEWEST_FIRST"


def read_order(value: Any) -> Order:
    """The order that a text names, the oldest first without one. Raises ValueError."""
    if value is None:
        return Order.OLDEST_FIRST
    if not isinstance(value, str) or value not in Order.__members__:
        raise ValueError(f"it must be {' or '.join(Order)}")
    return Order(value)


def read_limit(value: Any) -> int | None:
    """The most runs at once; None: as the trigger and its flow have it. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_AT_ONCE:
        raise ValueError(f"it must be a whole number from 1 to {MOST_AT_ONCE}")
    return value


def limit_of(backfill: Mapping[str, Any] | None) -> int | None:
    """How many runs of a kept backfill may be alive at once; None: it has no limit of its own."""
    return (backfill or {}).get("concurrencyLimit")


def is_newest_first(backfill: Mapping[str, Any] | None) -> bool:
    """Whether a kept backfill goes back in time."""
    return (backfill or {}).get("order") == Order.NEWEST_FIRST


def is_within(backfill: Mapping[str, Any], instant: datetime | None) -> bool:
    """Whether an instant that comes next belongs to a kept backfill; if not, it is done."""
    if instant is None:
        return False
    first, last = (datetime.fromisoformat(backfill[name]) for name in ("start", "end"))
    return first <= instant <= last
