"""Schedule: a cron expression in a time zone (flow language 7.2)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AliasChoices, Field, field_validator, model_validator

from app.model.property import Duration
from app.model.task import AbstractTrigger, AnyCondition

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class RecoverMissed(StrEnum):
    """What happens to instants that passed while no beat ran."""

    ALL = "ALL"
    LAST = "LAST"
    NONE = "NONE"


class Schedule(AbstractTrigger):
    """Start an execution at each instant of a cron expression."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Schedule"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Schedule",)

    cron: str
    """Five fields, or six with the seconds first when `withSeconds` is set, or a nickname."""
    with_seconds: bool = False
    timezone: str | None = None
    conditions: tuple[AnyCondition, ...] | None = Field(
        None, validation_alias=AliasChoices("conditions", "scheduleConditions")
    )
    late_maximum_delay: Duration | None = None
    """Instants that are late by more than this are left out."""
    recover_missed_schedules: RecoverMissed | None = None
    backfill: dict[str, Any] | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"unknown time zone '{name}'") from None
        return name

    @model_validator(mode="after")
    def _known_cron(self) -> "Schedule":
        try:
            CronSim(self._expression(), datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            reason = str(error) or "not a cron expression"
            raise ValueError(f"invalid cron expression '{self.cron}': {reason}") from None
        return self

    def _expression(self) -> str:
        text = _NICKNAMES.get(self.cron.strip().lower(), self.cron.strip())
        fields = 6 if self.with_seconds else 5
        if self.cron.strip().startswith("@"):
            return "0 " + text if self.with_seconds and len(text.split()) == 5 else text
        if len(text.split()) != fields:
            raise CronSimError(f"it must have {fields} fields")
        return text

    def zone(self, default: str) -> ZoneInfo:
        """The zone of its instants."""
        return ZoneInfo(self.timezone or default)

    def next_after(self, moment: datetime, default_zone: str) -> datetime | None:
        """The first instant after a moment, in its zone; None when there is none in 50 years."""
        try:
            return next(CronSim(self._expression(), moment.astimezone(self.zone(default_zone))))
        except StopIteration:
            return None

    def previous_before(self, moment: datetime, default_zone: str) -> datetime | None:
        """The last instant before a moment."""
        local = moment.astimezone(self.zone(default_zone))
        try:
            return next(CronSim(self._expression(), local, reverse=True))
        except StopIteration:
            return None
