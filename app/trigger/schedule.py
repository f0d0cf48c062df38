"""Schedule and ScheduleOnDates: instants of a clock in a time zone (flow language 7.2, 7.3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AliasChoices, Field, field_validator, model_validator

from app.model.moment import check_moment
from app.model.property import DEPRECATED, Duration
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


class DatedTrigger(AbstractTrigger):
    """A trigger that fires at instants: those of a cron expression, or a list of them."""

    timezone: str | None = None
    """A zone such as `Europe/Paris`; the server's if none."""
    late_maximum_delay: Duration | None = None
    """Instants that are late by more than this are left out."""
    recover_missed_schedules: RecoverMissed | None = None
    """Which of the instants that were missed are made up for."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"unknown time zone '{name}'") from None
        return name

    def zone(self, default: str) -> ZoneInfo:
        """The zone of its instants."""
        return ZoneInfo(self.timezone or default)

    def following(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """Its instants after a moment, the nearest first, in its zone."""
        raise NotImplementedError

    def preceding(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """Its instants before a moment, the nearest first."""
        raise NotImplementedError

    def next_after(self, moment: datetime, default_zone: str) -> datetime | None:
        """The first instant after a moment; None when there is none in 50 years."""
        return next(self.following(moment, default_zone), None)

    def previous_before(self, moment: datetime, default_zone: str) -> datetime | None:
        """The last instant before a moment."""
        return next(self.preceding(moment, default_zone), None)


class Schedule(DatedTrigger):
    """Start an execution at each instant of a cron expression."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Schedule"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Schedule",)

    cron: str
    """Five fields, or six with the seconds first when `withSeconds` is set, or a nickname."""
    with_seconds: bool = False
    """Whether the expression has six fields, the first for seconds."""
    conditions: tuple[AnyCondition, ...] | None = Field(
        None, validation_alias=AliasChoices("conditions", "scheduleConditions")
    )
    """All of them must hold for an instant."""
    backfill: dict[str, Any] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older way of a backfill, ignored: backfills are asked for by the API."""

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

    def following(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """See DatedTrigger."""
        return CronSim(self._expression(), moment.astimezone(self.zone(default_zone)))

    def preceding(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """See DatedTrigger."""
        local = moment.astimezone(self.zone(default_zone))
        return CronSim(self._expression(), local, reverse=True)


class ScheduleOnDates(DatedTrigger):
    """Start an execution at each date of a list."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.ScheduleOnDates"

    dates: tuple[str, ...] = Field(min_length=1)
    """ISO-8601 dates; in `timezone` where they name no zone."""

    @field_validator("dates")
    @classmethod
    def _are_dates(cls, dates: tuple[str, ...]) -> tuple[str, ...]:
        for text in dates:
            try:
                check_moment(datetime.fromisoformat(text))
            except ValueError:
                raise ValueError(f"`dates`: {text[:40]!r} is no ISO-8601 date") from None
        return dates

    def _moments(self, default_zone: str) -> list[datetime]:
        zone = self.zone(default_zone)
        found = [datetime.fromisoformat(text) for text in self.dates]
        return sorted((d if d.tzinfo else d.replace(tzinfo=zone)).astimezone(zone) for d in found)

    def following(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """See DatedTrigger."""
        return (date for date in self._moments(default_zone) if date > moment)

    def preceding(self, moment: datetime, default_zone: str) -> Iterator[datetime]:
        """See DatedTrigger."""
        return (date for date in reversed(self._moments(default_zone)) if date < moment)
