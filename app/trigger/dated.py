"""Conditions (flow language 7.7): questions about a date."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import field_validator

from app.errors import TrunklineError
from app.library import Library
from app.model.property import Dynamic
from app.trigger.condition import NEW, Asked, Subject, names_of

holidays = Library("holidays")


class Dated(Asked):
    """Asks about a date, by default the trigger's."""

    date: Dynamic[str] = "{{ trigger.date }}"
    """The date that is asked about."""

    def moment(self, subject: Subject) -> datetime:
        """The date, rendered."""
        return subject.to_date(subject.render(self.date))


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


_DAYS = list(Day)


class DayInMonth(StrEnum):
    """Which of the days of a month that are the same day of the week."""

    FIRST = "FIRST"
    SECOND = "SECOND"
    THIRD = "THIRD"
    FOURTH = "FOURTH"
    LAST = "LAST"


class DayWeek(Dated):
    """The date is a certain day of the week."""

    type_name: ClassVar[str] = NEW + "DayWeek"
    aliases: ClassVar[tuple[str, ...]] = names_of("DayWeek")

    day_of_week: Dynamic[Day]
    """The day."""

    def holds(self, subject: Subject) -> bool:
        """By name, in any case."""
        wanted = subject.render(self.day_of_week).upper()
        return _DAYS[self.moment(subject).weekday()] == wanted


class Weekend(Dated):
    """The date is a Saturday or a Sunday."""

    type_name: ClassVar[str] = NEW + "Weekend"
    aliases: ClassVar[tuple[str, ...]] = names_of("Weekend")

    def holds(self, subject: Subject) -> bool:
        """By the day."""
        return self.moment(subject).weekday() >= 5


class DayWeekInMonth(Dated):
    """The date is, for instance, the second Monday of its month."""

    type_name: ClassVar[str] = NEW + "DayWeekInMonth"
    aliases: ClassVar[tuple[str, ...]] = names_of("DayWeekInMonth")

    day_of_week: Dynamic[Day]
    """The day."""
    day_in_month: Dynamic[DayInMonth]
    """Which one of the month."""

    def holds(self, subject: Subject) -> bool:
        """FIRST to FOURTH, or LAST."""
        moment = self.moment(subject)
        if _DAYS[moment.weekday()] != subject.render(self.day_of_week).upper():
            return False
        wanted = subject.render(self.day_in_month).upper()
        if wanted == "LAST":
            return (moment + timedelta(days=7)).month != moment.month
        return ["FIRST", "SECOND", "THIRD", "FOURTH", ""][(moment.day - 1) // 7] == wanted


class PublicHoliday(Dated):
    """The date is a public holiday of a country."""

    type_name: ClassVar[str] = NEW + "PublicHoliday"
    aliases: ClassVar[tuple[str, ...]] = names_of("PublicHoliday")

    country: Dynamic[str] | None = None
    """Two letters, as `FR`; `US` if none."""
    sub_division: Dynamic[str] | None = None
    """A part of the country, by its ISO code."""

    def holds(self, subject: Subject) -> bool:
        """By the calendar of the country (US by default)."""
        country = subject.render(self.country) if self.country else "US"
        part = subject.render(self.sub_division) if self.sub_division else None
        try:
            calendar = holidays.country_holidays(country, subdiv=part)
        except (NotImplementedError, KeyError) as error:
            raise TrunklineError(f"unknown country or part of one: {error}") from None
        day: date = self.moment(subject).date()
        return day in calendar


class TimeBetween(Dated):
    """The time of day lies between two times."""

    type_name: ClassVar[str] = NEW + "TimeBetween"
    aliases: ClassVar[tuple[str, ...]] = names_of("TimeBetween")

    after: str | None = None
    """The time of day is later: `09:00:00+02:00`."""
    before: str | None = None
    """The time of day is earlier."""

    @field_validator("after", "before")
    @classmethod
    def _is_time(cls, text: str | None) -> str | None:
        if text is not None:
            time.fromisoformat(text)
        return text

    def holds(self, subject: Subject) -> bool:
        """Strictly between, in the zone that each bound names."""
        moment = self.moment(subject)
        after, before = (time.fromisoformat(t) if t else None for t in (self.after, self.before))
        shown = [moment.astimezone(t.tzinfo).time() if t and t.tzinfo else moment.time()
                 for t in (after, before)]  # fmt: skip
        return (after is None or shown[0] > after.replace(tzinfo=None)) and (
            before is None or shown[1] < before.replace(tzinfo=None)
        )


class DateTimeBetween(Dated):
    """The date lies between two moments."""

    type_name: ClassVar[str] = NEW + "DateTimeBetween"
    aliases: ClassVar[tuple[str, ...]] = names_of("DateTimeBetween")

    after: str | None = None
    """The date is later: `2024-01-01T00:00:00Z`."""
    before: str | None = None
    """The date is earlier."""

    def holds(self, subject: Subject) -> bool:
        """Strictly between. Raises TrunklineError when neither bound is given."""
        if self.after is None and self.before is None:
            raise TrunklineError("`after` or `before` must be given")
        moment = self.moment(subject)
        return (self.after is None or moment > subject.to_date(self.after)) and (
            self.before is None or moment < subject.to_date(self.before)
        )
