"""Conditions that several executions meet within a time window: what is met is kept in rows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.database import trigger_windows
from app.database.session import Session
from app.trigger.flow import Group
from app.trigger.window import WindowType

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  #: a sliding window has one row
_FIRED = "fired"  #: it fires no more in this window
_HIT = "hit"  #: it has fired in this window
_MARKS = frozenset({_FIRED, _HIT})


def meet(
    tx: Session,
    trigger: Row[Any],
    groups: Sequence[tuple[Group, list[str]]],
    execution: Row[Any],
    moment: datetime,
    zone: ZoneInfo,
) -> dict[str, Any] | None:
    """Notes what an execution meets; all that is met once every group is, else None.

    The trigger's row is locked. A group whose window the moment lies outside of meets nothing.
    """
    noted: list[tuple[Group, tuple[datetime, datetime], dict[str, Any]]] = []
    for group, names in groups:
        span = group.window.span(moment, ZoneInfo(group.timezone) if group.timezone else zone)
        if span is None:
            continue
        place = (_ALWAYS if group.window.type is WindowType.SLIDING_WINDOW else span[0], span[1])
        met = trigger_windows.met(tx, trigger, group.id, place[0])
        met = {k: v for k, v in met.items() if k in _MARKS or _is_within(v, span)}
        entry = {
            "at": moment.astimezone(UTC).isoformat(),
            "execution": execution.id,
            "flow": execution.flow_id,
            "namespace": execution.namespace,
            "outputs": execution.outputs or {},  # a URI when they are large
        }
        met |= dict.fromkeys(names, entry)
        noted.append((group, place, met))
    is_met = len(noted) == len(groups) and all(_is_met(group, met) for group, _, met in noted)
    found: dict[str, Any] = {}
    for group, span, met in noted:
        if is_met:
            found |= {f"{group.id}/{k}": v for k, v in met.items() if k not in _MARKS}
            met = {_FIRED: True} if group.once else ({} if group.reset else met)
            met |= {_HIT: True} if group.is_watched else {}
        trigger_windows.write(tx, trigger, group.id, span, met)
    return found if is_met else None


def _is_within(entry: Any, span: tuple[datetime, datetime]) -> bool:
    return span[0] <= datetime.fromisoformat(entry["at"]) <= span[1]


def _is_met(group: Group, met: dict[str, Any]) -> bool:
    return _FIRED not in met and 0 < group.needed <= len(met.keys() - _MARKS)


def has_fired(tx: Session, trigger: Row[Any], group: Group, starts_at: datetime) -> bool:
    """Whether a trigger has fired in the window that began at a moment."""
    return _HIT in trigger_windows.met(tx, trigger, group.id, starts_at)
