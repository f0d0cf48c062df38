"""Git events: something that happened to a binding starts an execution (GitOps 8)."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from app.model.task import AbstractTrigger


class GitEvent(AbstractTrigger):
    """Start an execution when a sync failed, a resource drifted, an approval is waited for."""

    type_name: ClassVar[str] = "trunkline.git.Event"

    events: tuple[str, ...] | None = None
    """`sync-failed`, `sync-succeeded`, `drifted`, `conflict`, `degraded`, `verification-failed`,
    `awaiting-approval`; any when absent."""
    bindings: tuple[str, ...] | None = None
    """Globs of binding names; any when absent."""
    inputs: dict[str, Any] | None = None
    """Given to its executions; rendered."""

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event is one of this trigger's."""
        if self.events is not None and event["event"] not in self.events:
            return False
        name = event["binding"] or ""
        return self.bindings is None or any(fnmatchcase(name, glob) for glob in self.bindings)
