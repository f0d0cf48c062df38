"""Time windows of Flow triggers: within which span of time several conditions have to be met.

Days and hours are those of a wall clock in a zone; an event outside of its day's window has none.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from app.model.property import Duration, WireModel

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1)


class WindowType(StrEnum):
    """How a window is placed."""

    DURATION_WINDOW = "DURATION_WINDOW"  #: spans that follow each other, aligned to midnight
    SLIDING_WINDOW = "SLIDING_WINDOW"  #: so far back from each event
    DAILY_TIME_DEADLINE = "DAILY_TIME_DEADLINE"  #: from midnight to a time of day
    DAILY_TIME_WINDOW = "DAILY_TIME_WINDOW"  #: from one time of day to another


_FIELDS = {
    WindowType.DURATION_WINDOW: {"window", "window_advance"},
    WindowType.SLIDING_WINDOW: {"window"},
    WindowType.DAILY_TIME_DEADLINE: {"deadline"},
    WindowType.DAILY_TIME_WINDOW: {"start_time", "end_time"},
}
_NEEDED = {
    WindowType.DAILY_TIME_DEADLINE: {"deadline"},
    WindowType.DAILY_TIME_WINDOW: {"start_time", "end_time"},
}
_NAMES = {"window_advance": "windowAdvance", "start_time": "startTime", "end_time": "endTime"}


def _time(text: str | None) -> str | None:
    if text is not None:
        try:
            time.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text[:30]!r} is no time of day such as 09:00:00") from None
    return text


class TimeWindow(WireModel):
    """A window in the words of 1.x."""

    type: WindowType = WindowType.DURATION_WINDOW
    window: Duration | None = None
    """How long it is; a day if nothing is said."""
    window_advance: Duration | None = None
    """What its begin is shifted by."""
    deadline: str | None = None
    """The time of day by which all has to be met."""
    start_time: str | None = None
    """The time of day from which on executions count."""
    end_time: str | None = None
    """The time of day until which they count."""

    _times = field_validator("deadline", "start_time", "end_time")(_time)

    @model_validator(mode="after")
    def _only_its_own(self) -> "TimeWindow":
        given = {name for name in _NAMES.keys() | {"window", "deadline"} if getattr(self, name)}
        wrong = sorted(given - _FIELDS[self.type])
        missing = sorted(_NEEDED.get(self.type, set()) - given)
        messages = [f"`{_NAMES.get(n, n)}` does not fit a {self.type}" for n in wrong]
        messages += [f"a {self.type} needs `{_NAMES.get(n, n)}`" for n in missing]
        if self.window is not None and self.window <= timedelta(0):
            messages.append("`window` must be longer than nothing")
        if messages:
            raise ValueError("invalid time window: " + ", ".join(messages))
        return self

    def span(self, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Start and end of the window of an event; None when the event lies in none."""
        local = moment.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        length = self.window or _DAY
        if self.type is WindowType.SLIDING_WINDOW:
            return moment - length, moment
        if self.type is WindowType.DURATION_WINDOW:
            wall = local.replace(tzinfo=None) - (self.window_advance or timedelta(0))
            start = _EPOCH + ((wall - _EPOCH) // length) * length
            start += self.window_advance or timedelta(0)
            return start.replace(tzinfo=zone), (start + length).replace(tzinfo=zone)
        first = time.fromisoformat(self.start_time) if self.start_time else time(0)
        last = time.fromisoformat(self.deadline or self.end_time or "23:59:59")
        start, end = _at(midnight, first), _at(midnight, last)
        if end < start:  # over midnight: the one that began yesterday, or begins today
            start, end = (start - _DAY, end) if local <= end else (start, end + _DAY)
        return (start, end) if start <= local <= end else None

    def next_end(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When the first window ends that ends after a moment. ValueError for a sliding window."""
        if self.type is WindowType.SLIDING_WINDOW:
            raise ValueError("a sliding window has no end")
        if self.type is WindowType.DURATION_WINDOW:
            found = self.span(moment, zone)
            assert found is not None
            return found[1]
        local = moment.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        last = time.fromisoformat(self.deadline or self.end_time or "23:59:59")
        ends = (_at(midnight + _DAY * days, last) for days in (-1, 0, 1, 2))
        return next(end for end in ends if end > local)


def _at(midnight: datetime, clock: time) -> datetime:
    zone = clock.tzinfo or midnight.tzinfo
    return datetime.combine(midnight.date(), clock.replace(tzinfo=None), zone)


class Window(WireModel):
    """A window in the words of 2.x; one of `deadline`, `from` and `to`, `every`, `lookback`."""

    deadline: str | None = None
    """The time of day by which all has to be met."""
    from_: str | None = Field(None, alias="from")
    """The time of day from which on executions count."""
    to: str | None = None
    """The time of day until which they count."""
    every: Duration | None = None
    """Spans of this length follow each other."""
    offset: Duration | None = None
    """What the spans of `every` are shifted by."""
    lookback: Duration | None = None
    """So far back from each execution."""
    timezone: str | None = None
    """A zone such as `Europe/Paris`; the server's if none."""
    fire_once: bool = False
    """Whether the trigger fires at most once in a window."""

    _times = field_validator("deadline", "from_", "to")(_time)

    @model_validator(mode="after")
    def _one_kind(self) -> "Window":
        kinds = [self.deadline, self.from_ or self.to, self.every, self.lookback]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "a window needs one of `deadline`, `from` and `to`, `every`, `lookback`"
            )
        if (self.from_ is None) != (self.to is None):
            raise ValueError("`from` and `to` go together")
        if self.timezone is not None:
            try:
                ZoneInfo(self.timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"unknown time zone '{self.timezone}'") from None
        return self

    def as_time_window(self) -> TimeWindow:
        """The same in the words of 1.x."""
        if self.deadline is not None:
            return TimeWindow(type=WindowType.DAILY_TIME_DEADLINE, deadline=self.deadline)
        if self.from_ is not None:
            kind = WindowType.DAILY_TIME_WINDOW
            return TimeWindow(type=kind, start_time=self.from_, end_time=self.to)
        if self.lookback is not None:
            return TimeWindow(type=WindowType.SLIDING_WINDOW, window=self.lookback)
        return TimeWindow(window=self.every, window_advance=self.offset)
