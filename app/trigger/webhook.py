"""Webhook: an HTTP call starts an execution (flow language 7.4)."""

from typing import Any, ClassVar

from pydantic import Field

from app.model.property import Dynamic
from app.model.task import AbstractTrigger


class Webhook(AbstractTrigger):
    """Start an execution when somebody calls the flow's address with the key."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Webhook"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Webhook",)

    key: Dynamic[str] = Field(min_length=1, max_length=256)
    """The secret at the end of the address."""
    wait: bool = False
    """The answer comes at the execution's end."""
    return_outputs: bool = False
    response_content_type: str | None = None
    response_code: int | None = None
    signature: dict[str, Any] | None = None
