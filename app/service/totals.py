"""The totals of long lists, remembered for some seconds.

A page of a list is found by an index, however long the list is; its total is counted row by row, up
to a limit. So a total of 1,000 and more may be as old as `KEPT_S`; a shorter list is counted anew.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable

KEPT_S = 10.0
LEAST = 1_000
_MOST = 1_000
_kept: "OrderedDict[Hashable, tuple[float, int]]" = OrderedDict()
_lock = threading.Lock()


def find(question: Hashable) -> int | None:
    """The total of this question's answer, if it is long and was counted just now."""
    with _lock:
        known = _kept.get(question)
    return known[1] if known is not None and time.monotonic() - known[0] < KEPT_S else None


def keep(question: Hashable, total: int) -> None:
    """Remembers what was counted, if it was long to count."""
    if total < LEAST:
        return
    with _lock:
        _kept[question] = (time.monotonic(), total)
        _kept.move_to_end(question)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
