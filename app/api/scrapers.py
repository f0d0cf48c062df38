"""Who reads the figures is known for a while, so that they can be read while the database is away.

Figures are looked at most when the database, which knows the credentials, cannot be asked for them.
It is asked at each scrape all the same: what it refuses is refused at once.
"""

import hmac
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from app.errors import DatabaseAway
from app.model.access import Caller
from app.service.question import Question

ENDPOINTS = frozenset({"metrics.text", "metrics.names", "metrics.one"})
#: since the scrape before: longer than any usual interval, and as long as somebody who was shut out
#: meanwhile may still read
KEPT_S = 300.0
ANSWER_S = 1.0  #: with the figures' own limits it stays below the ten seconds of Prometheus
MOST = 100
_PEPPER = os.urandom(32)


@dataclass
class _Known:
    caller: Caller
    at: float
    question: Question[Caller | None] = field(default_factory=Question)


class Scrapers:
    """Those of one process. Safe to share among threads."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find_caller(self, header: str, check: Callable[[], Caller | None]) -> Caller | None:
        """What `check` says of this header, or said lately when the database is away or hangs.

        Raises DatabaseAway when it is away and the header was not let in lately.
        """
        key = hmac.digest(_PEPPER, header.encode("utf-8", "surrogatepass"), "sha256")
        with self._lock:
            known = self._known.get(key)
        if known is None or time.monotonic() - known.at > self._kept_s:
            caller, known = check(), None
        else:
            try:
                caller = known.question.ask(check, ANSWER_S)
            except (DatabaseAway, TimeoutError):
                caller = known.caller
        self._keep(key, caller, known)
        return caller

    def _keep(self, key: bytes, caller: Caller | None, known: _Known | None) -> None:
        with self._lock:
            if caller is None:
                self._known.pop(key, None)
                return
            kept = self._known[key] = known or _Known(caller, 0.0)
            kept.caller, kept.at = caller, time.monotonic()
            self._known.move_to_end(key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
