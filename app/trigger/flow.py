"""Flow: the end of another execution starts one (flow language 7.5)."""

from typing import Any, ClassVar

from app.model.state import TERMINATED, State
from app.model.task import AbstractTrigger


class FlowTrigger(AbstractTrigger):
    """Start an execution when an execution of another flow reaches one of `states`."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Flow"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Flow",)

    states: tuple[State, ...] = (*sorted(TERMINATED), State.PAUSED)
    preconditions: dict[str, Any] | None = None


class PushTrigger(AbstractTrigger):
    """Start an execution once a pushed commit of the flow's repository was applied."""

    type_name: ClassVar[str] = "trunkline.git.Push"

    source: str | None = None
    """The source that is pushed to; by default the one that the flow comes from."""
    branches: tuple[str, ...] = ()
    """Globs; any branch when empty."""
    paths: tuple[str, ...] = ()
    """Globs on changed files; any change when empty."""
