"""How many requests one caller may make in a minute: 429 with Retry-After beyond it.

Counted in this process, by caller (else by address) and by what is asked: reads, changes, starts.
"""

import time

from flask import Flask, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.api.auth import OPEN, SAFE_METHODS
from app.errors import Busy
from app.settings import Settings

STARTS = frozenset({"executions.start", "webhooks.call"})


class Rates:
    """The counters of a process."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        most = {
            "read": settings.api_reads_a_minute,
            "change": settings.api_changes_a_minute,
            "start": settings.api_starts_a_minute,
        }
        self._items = {kind: RateLimitItemPerMinute(n) for kind, n in most.items() if n}

    def count(self, kind: str, who: str) -> None:
        """Counts a request. Raises Busy over the limit, with the seconds until it begins anew."""
        item = self._items.get(kind)
        if item is None or self._limiter.hit(item, kind, who):
            return
        ends = self._limiter.get_window_stats(item, kind, who).reset_time
        message = f"more than {item.amount} requests of this kind in a minute"
        raise Busy(message, retry_after_s=max(1, round(ends - time.time())))


def kind_of(endpoint: str, method: str) -> str:
    """Which of the limits a request counts for."""
    if endpoint in STARTS:
        return "start"
    return "read" if method in SAFE_METHODS else "change"


def _count() -> None:
    endpoint = (request.endpoint or "").replace("_plain.", ".")
    if not endpoint or (endpoint in OPEN and endpoint not in STARTS):
        return
    caller = g.get("caller")
    who = caller.id if caller is not None else f"address {request.remote_addr}"
    rates: Rates = current_app.config["RATES"]
    rates.count(kind_of(endpoint, request.method), who)


def register(app: Flask) -> None:
    """Counts before every request that the guard lets in."""
    app.before_request(_count)
