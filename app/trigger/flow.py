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
