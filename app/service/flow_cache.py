"""Compiled flows, kept as long as the plugin defaults around them stay the same."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from app.engine.index import FlowIndex
from app.language.parse import InvalidFlow

DEFAULTS_FOR_S = 5.0  #: how long a process may miss that plugin defaults have changed
_lock = Lock()
Defaults = tuple[Mapping[str, Any], ...]


@dataclass
class Slot:
    """A compiled flow, the defaults around it when it was compiled, when they were read."""

    index: FlowIndex | None = None
    defaults: Defaults = ()
    read_at: float = 0.0

    def fresh(self) -> FlowIndex | None:
        """The flow, unless the defaults around it have to be looked at again."""
        is_fresh = time.monotonic() - self.read_at < DEFAULTS_FOR_S
        return self.index if is_fresh else None

    def filled(self, defaults: Defaults, build: Callable[[], FlowIndex]) -> FlowIndex:
        """The flow with these defaults; it goes on as it was when they make it invalid."""
        made = self.index
        if made is None or self.defaults != defaults:
            try:
                made = build()
            except InvalidFlow:
                if made is None:
                    raise
        with _lock:
            self.index, self.defaults, self.read_at = made, defaults, time.monotonic()
        return made


@lru_cache(maxsize=2048)
def slot(database: str, namespace: str, flow_id: str, revision: int) -> Slot:
    """The place of a revision; the caller, who has the transaction, fills it."""
    return Slot()


def forget() -> None:
    """Plugin defaults have changed: this process sees it at once."""
    slot.cache_clear()
