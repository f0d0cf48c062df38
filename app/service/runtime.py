"""What a process of Trunkline holds on to: settings, database, storage, broker, clock, types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from app.database.session import Database
from app.dispatch.job import Publisher
from app.plugin.registry import Registry, default_registry
from app.settings import Settings
from app.storage.storage import Storage


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Handed to every service function; made once per process, after any fork."""

    settings: Settings
    database: Database
    storage: Storage
    publisher: Publisher
    environ: Mapping[str, str] = field(default_factory=dict)  #: of the process at its start
    registry: Registry = field(default_factory=default_registry)
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def settings_map(self) -> Mapping[str, Any]:
        """The settings as the map that tasks see; never changed."""
        return self.settings.model_dump()
