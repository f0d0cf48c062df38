"""How fast jobs of each queue begin on a worker: what its row tells of the last five minutes."""

import time
from collections import deque

from app.service.presence import EVERY_S

SPAN_S = 300.0


class Pace:
    """Counts at moments; kept by the pool child that writes the row."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, dict[str, int]]] = deque()

    def of(self, counts: dict[str, int], now: float | None = None) -> dict[str, float]:
        """Jobs a minute, by queue, of the last five minutes or as long as it has been asked.

        `now` is in seconds of a monotonic clock. Nothing at first, and of queues without any.
        """
        now = time.monotonic() if now is None else now
        self._seen.append((now, counts))
        while now - self._seen[0][0] > SPAN_S + EVERY_S / 2:
            self._seen.popleft()
        since, before = self._seen[0]
        if now - since < EVERY_S / 2:
            return {}
        minutes = (now - since) / 60
        paces = {name: (count - before[name]) / minutes for name, count in counts.items()}
        return {name: round(pace, 2) for name, pace in paces.items() if pace > 0}
