"""Functions on the calendar, for `when`: days of the week, holidays, working days."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from app.expression.calls import function
from app.expression.dates import parse_date, zone
from app.expression.env import Env
from app.expression.errors import ExpressionError
from app.expression.values import to_text

_DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
_POSITIONS = ["FIRST", "SECOND", "THIRD", "FOURTH"]


def _moment(env: Env, value: Any) -> datetime:
    """The date as it is written: its own zone counts, else the server's."""
    return parse_date(value, None, zone(None, env))


def _day(name: Any) -> int:
    text = to_text(name).strip().upper()
    if text not in _DAYS:
        raise ExpressionError(f"{text[:20]!r} is no day of the week such as MONDAY")
    return _DAYS.index(text)


def _nth_day(env: Env, date: Any, day_of_week: Any, position: Any) -> bool:
    """Whether a date is, for instance, the second Monday of its month."""
    moment, wanted = _moment(env, date), to_text(position).strip().upper()
    if wanted not in (*_POSITIONS, "LAST"):
        raise ExpressionError(f"{wanted[:20]!r} is none of {', '.join(_POSITIONS)}, LAST")
    if moment.weekday() != _day(day_of_week):
        return False
    if wanted == "LAST":
        return (moment + timedelta(days=7)).month != moment.month
    return (moment.day - 1) // 7 == _POSITIONS.index(wanted)


def _is_holiday(env: Env, date: Any, country: Any, sub_division: Any = None) -> bool:
    """Whether a date is a public holiday of a country, or of a part of it."""
    try:
        part = to_text(sub_division) if sub_division is not None else None
        found = import_module("holidays").country_holidays(to_text(country), subdiv=part)
    except (NotImplementedError, KeyError) as error:
        raise ExpressionError(f"unknown country or part of one: {error}") from None
    return _moment(env, date).date() in found


def _is_last_working(env: Env, date: Any, days: Any = None) -> bool:
    """Whether no working day (Monday to Friday, or those listed) of the month follows."""
    moment = _moment(env, date)
    listed = to_text(days).split(",") if days else _DAYS[:5]
    working = {_day(name) for name in listed}
    if moment.weekday() not in working:
        return False
    later = moment + timedelta(days=1)
    while later.month == moment.month:
        if later.weekday() in working:
            return False
        later += timedelta(days=1)
    return True


def _is_between(env: Env, date: Any, after: Any, before: Any) -> bool:
    """Strictly between two moments."""
    return _moment(env, after) < _moment(env, date) < _moment(env, before)


function("dayOfWeek")(lambda env, date: _DAYS[_moment(env, date).weekday()])
function("dayOfMonth")(lambda env, date: _moment(env, date).day)
function("monthOfYear")(lambda env, date: _moment(env, date).month)
function("hourOfDay")(lambda env, date: _moment(env, date).hour)
function("isWeekend")(lambda env, date: _moment(env, date).weekday() >= 5)
function("isDateBefore")(lambda env, date, other: _moment(env, date) < _moment(env, other))
function("isDateAfter")(lambda env, date, other: _moment(env, date) > _moment(env, other))
function("isDateBetween")(_is_between)
function("isPublicHoliday")(_is_holiday)
function("isDayWeekInMonth")(_nth_day)
function("isLastWorkingDay")(_is_last_working)
