"""Sync windows: when a sync may change what runs. Pure: the moment is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from cronsim import CronSim

_LOOK_AHEAD = 500  #: instants that are looked at for the next opening


class WindowKind(StrEnum):
    """What a window does while it is open."""

    ALLOW = "allow"  #: syncs happen only while one of these is open
    DENY = "deny"  #: no sync happens; wins over every `allow`


@dataclass(frozen=True, kw_only=True)
class Window:
    """Opens at each instant of a cron expression, for a duration."""

    name: str
    kind: WindowKind
    cron: str
    duration: timedelta
    timezone: str = "UTC"
    manual_allowed: bool = False  #: whether a person may sync although it forbids
    bindings: tuple[str, ...] = ()  #: globs of binding names; empty: every binding

    def concerns(self, binding: str) -> bool:
        """Whether it is about a binding."""
        return not self.bindings or any(fnmatchcase(binding, glob) for glob in self.bindings)

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies within one of its spans; the end is outside."""
        local = now.astimezone(ZoneInfo(self.timezone))
        started = next(CronSim(self.cron, local - self.duration), None)
        return started is not None and started.astimezone(UTC) <= now

    def changes_at(self, now: datetime) -> datetime | None:
        """When it next opens or closes."""
        zone = ZoneInfo(self.timezone)
        following = next(CronSim(self.cron, now.astimezone(zone)), None)
        moments = [following.astimezone(UTC)] if following is not None else []
        if self.is_open(now):
            spans = CronSim(self.cron, now.astimezone(zone) - self.duration)
            last = None
            for _, start in zip(range(_LOOK_AHEAD), spans, strict=False):
                if start.astimezone(UTC) > now:
                    break
                last = start
            if last is not None:
                moments.append(last.astimezone(UTC) + self.duration)
        return min(moments, default=None)


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
