"""Sync windows: when a sync may change what runs. Pure: the moment is an argument."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from cronsim import CronSim
from dateutil.rrule import rrule, rrulestr

_RULE = re.compile(
    r"(?:DTSTART:(?P<start>20\d{6}T\d{6})\s+)?(?:RRULE:)?(?P<rule>[A-Z0-9=;,+-]+)", re.ASCII
)
_START = "20200101T000000"
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_LOOK_AHEAD = 500  #: instants that are looked at for the next opening


class WindowKind(StrEnum):
    """What a window does while it is open."""

    ALLOW = "allow"  #: syncs happen only while one of these is open
    DENY = "deny"  #: no sync happens; wins over every `allow`


@dataclass(frozen=True, kw_only=True)
class Window:
    """Opens at each instant of a cron expression or a recurrence rule, for a duration."""

    name: str
    kind: WindowKind
    cron: str = ""
    rrule: str = ""  #: in place of `cron`; its times are those of the time zone
    duration: timedelta
    timezone: str = "UTC"
    manual_allowed: bool = False  #: whether a person may sync although it forbids
    bindings: tuple[str, ...] = ()  #: globs of binding names; empty: every binding

    def concerns(self, binding: str) -> bool:
        """Whether it is about a binding."""
        return not self.bindings or any(fnmatchcase(binding, glob) for glob in self.bindings)

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies within one of its spans; the end is outside."""
        started = next(self._starts(now - self.duration), None)
        return started is not None and started <= now

    def changes_at(self, now: datetime) -> datetime | None:
        """When it next opens or closes."""
        following = next(self._starts(now), None)
        moments = [following] if following is not None else []
        if self.is_open(now):
            last = None
            for _, start in zip(
                range(_LOOK_AHEAD), self._starts(now - self.duration), strict=False
            ):
                if start > now:
                    break
                last = start
            if last is not None:
                moments.append(last + self.duration)
        return min(moments, default=None)

    def _starts(self, after: datetime) -> Iterator[datetime]:
        """The instants at which it opens, later than a moment."""
        zone = ZoneInfo(self.timezone)
        local = after.astimezone(zone)
        if not self.rrule:
            return (start.astimezone(UTC) for start in CronSim(self.cron, local))
        rule = read_rule(self.rrule)
        found = rule.xafter(local.replace(tzinfo=None, fold=0), count=_LOOK_AHEAD)
        return (start.replace(tzinfo=zone).astimezone(UTC) for start in found)


def read_rule(text: str) -> rrule:
    """A recurrence rule of iCalendar: `DTSTART:20260102T180000 RRULE:FREQ=WEEKLY;BYDAY=FR`.

    Without DTSTART it starts at midnight, so that it needs BYHOUR. Raises ValueError for one that
    cannot be read, has times of another zone, comes more than once a day or never.
    """
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise ValueError("is no recurrence rule (DTSTART:20260102T180000 RRULE:FREQ=…)")
    parts = dict(part.partition("=")[::2] for part in found["rule"].split(";") if part)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
    start = datetime.strptime(found["start"] or _START, "%Y%m%dT%H%M%S")
    if parts.get("UNTIL", "").endswith("Z"):
        raise ValueError("UNTIL is a time of the window's zone, without Z")
    rule: rrule = rrulestr(found["rule"], dtstart=start)
    # a rule that never comes would be looked for until the year 9999
    if next(iter(rule.replace(count=None, until=start + timedelta(days=366 * 9))), None) is None:
        raise ValueError("never comes")
    return rule


@dataclass(frozen=True)
class Verdict:
    """Whether a sync may go on now; if not, why and until when."""

    is_open: bool
    reason: str = ""
    until: datetime | None = None  #: the next moment at which it may be another


def judge(windows: Sequence[Window], binding: str, now: datetime, *, manual: bool) -> Verdict:
    """Deny wins; no window is open; with `allow` windows one of them must be open.

    A manual sync passes when every window that forbids it says `manualAllowed`.
    """
    mine = [window for window in windows if window.concerns(binding)]
    denying = [w for w in mine if w.kind is WindowKind.DENY and w.is_open(now)]
    allowing = [w for w in mine if w.kind is WindowKind.ALLOW]
    shut = denying
    if not shut and allowing and not any(w.is_open(now) for w in allowing):
        shut = allowing
    if not shut or (manual and all(w.manual_allowed for w in shut)):
        return Verdict(True)
    names = ", ".join(w.name for w in shut)
    word = "is open" if shut is denying else "is closed"
    until = min((at for w in mine if (at := w.changes_at(now)) is not None), default=None)
    return Verdict(False, f"the sync window {names} {word}", until)
