"""A task that goes on without a worker: its run waits for a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Suspended:
    """Given by `run`: wake the run at `until`; `data` may say how it ends then."""

    until: datetime | None
    data: Mapping[str, Any] | None = None
