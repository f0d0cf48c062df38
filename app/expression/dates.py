"""Dates in Java's patterns: parsing, printing, and the filters on them (flow language 8.8)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.expression.calls import filter_
from app.expression.date_patterns import format_pattern, parse_pattern
from app.expression.env import Env
from app.expression.errors import ExpressionError
from app.expression.locales import names_of
from app.expression.values import instant_text, is_number, to_text

NAMED = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "iso_date": "yyyy-MM-ddXXX",
    "iso_local_date": "yyyy-MM-dd",
    "basic_iso_date": "yyyyMMddZ",
    "iso_ordinal_date": "yyyy-DDDXXX",
    "rfc_1123_date_time": "EEE, d MMM yyyy HH:mm:ss Z",
    "full": "EEEE, MMMM d, yyyy 'at' h:mm:ss a zzzz",
    "long": "MMMM d, yyyy 'at' h:mm:ss a z",
    "medium": "MMM d, yyyy, h:mm:ss a",
    "short": "M/d/yy, h:mm a",
}
#: what is read in another pattern than it is written in
_READ = {
    "rfc_1123_date_time": "[EEE, ]d MMM yyyy HH:mm[:ss] Z",
    "basic_iso_date": "yyyyMMdd[Z]",
    "iso_ordinal_date": "yyyy-DDD[XXX]",
}
#: ISO-8601 in one of its forms, read as a date without a named format is
_ISO_READ = {
    "iso_date_time", "iso_offset_date_time", "iso_zoned_date_time", "iso_local_date_time",
    "iso_instant", "iso_date", "iso_local_date", "iso_offset_date",
}  # fmt: skip
_UNITS = {
    "NANOS": timedelta(microseconds=0),
    "MICROS": timedelta(microseconds=1),
    "MILLIS": timedelta(milliseconds=1),
    "SECONDS": timedelta(seconds=1),
    "MINUTES": timedelta(minutes=1),
    "HOURS": timedelta(hours=1),
    "HALF_DAYS": timedelta(hours=12),
}
_CALENDAR = {"DAYS": (0, 1), "WEEKS": (0, 7), "MONTHS": (1, 0), "YEARS": (12, 0),
             "DECADES": (120, 0), "CENTURIES": (1200, 0)}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|[+-]\d\d:?(?:\d\d)?)?(?:\[([\w/+-]+)\])?",
    re.IGNORECASE,
)


def zone(name: str | None, env: Env) -> ZoneInfo:
    """The named zone, else the server's. Raises ExpressionError."""
    try:
        return ZoneInfo(name or env.world.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpressionError(f"unknown time zone {name!r}") from None


def parse_date(value: Any, existing: str | None, local: ZoneInfo) -> datetime:
    """An aware moment from a date, epoch seconds or a text. Raises ExpressionError."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=local)
    if isinstance(value, date):
        return datetime.combine(value, time(), tzinfo=local)
    if is_number(value):
        return _EPOCH + timedelta(seconds=float(value))
    text = to_text(value).strip()
    if existing == "iso_week_date":
        return _week_date(text, local)
    if existing is not None and existing not in _ISO_READ:
        return parse_pattern(text, _READ.get(existing) or NAMED.get(existing, existing), local)
    match = _ISO.fullmatch(text)
    if match is None:
        raise ExpressionError(f"Text '{text[:80]}' could not be parsed as a date")
    day, clock, fraction, offset, named = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00'}")
    except ValueError as error:
        raise ExpressionError(f"Text '{text[:80]}' could not be parsed: {error}") from None
    moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
    if offset is None:
        return moment.replace(tzinfo=ZoneInfo(named) if named else local)
    return moment.replace(tzinfo=datetime.fromisoformat(_offset(offset)).tzinfo)


def _week_date(text: str, local: ZoneInfo) -> datetime:
    match = re.fullmatch(r"(\d{4}-W\d\d-\d)(Z|[+-]\d\d:\d\d)?", text)
    try:
        day = date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise ExpressionError(f"Text '{text[:80]}' could not be parsed as a week date") from None
    offset = match[2] if match else None
    zone = datetime.fromisoformat(_offset(offset)).tzinfo if offset else local
    return datetime.combine(day, time(), tzinfo=zone)


def _offset(text: str) -> str:
    if text in ("Z", "z"):
        return "2000-01-01T00:00+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"2000-01-01T00:00{text[0]}{digits[:2]}:{digits[2:]}"


def format_date(
    moment: datetime, pattern: str | None, local: ZoneInfo, locale: str | None = None
) -> str:
    """The moment in a zone, printed in a named format or a pattern."""
    shown = moment.astimezone(local)
    name = pattern or "iso"
    if name == "iso_instant":
        return instant_text(moment.astimezone(UTC))
    if name == "rfc_1123_date_time" and not shown.utcoffset():
        name = NAMED[name].replace("Z", "'GMT'")
    if name in _ISO_FORMATS:
        return _iso_text(shown, name, local)
    return format_pattern(shown, NAMED.get(name, name), names_of(locale))


_ISO_FORMATS = {
    "iso_date_time", "iso_offset_date_time", "iso_zoned_date_time", "iso_local_date_time",
    "iso_time", "iso_local_time", "iso_offset_time", "iso_week_date",
}  # fmt: skip


def _iso_text(moment: datetime, name: str, local: ZoneInfo) -> str:
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    clock = moment.strftime("%H:%M:%S") + fraction
    offset = format_pattern(moment, "XXX")
    day = moment.strftime("%Y-%m-%d")
    region = f"[{local.key}]" if name in ("iso_date_time", "iso_zoned_date_time") else ""
    if name == "iso_week_date":
        year, week, weekday = moment.isocalendar()
        return f"{year}-W{week:02d}-{weekday}{offset}"
    if name.endswith("local_date_time"):
        return f"{day}T{clock}"
    if name.endswith("date_time"):
        return f"{day}T{clock}{offset}{region}"
    return clock if name == "iso_local_time" else clock + offset


@filter_("date", "dateFormat")
def date_filter(
    env: Env,
    value: Any,
    format: str | None = None,
    time_zone: str | None = None,
    existing_format: str | None = None,
    locale: str | None = None,
) -> Any:
    """A date printed in a format; null of null."""
    if value is None:
        return None
    local = zone(time_zone, env)
    return format_date(parse_date(value, existing_format, local), format, local, locale)


def shift(moment: datetime, amount: int, unit: str) -> datetime:
    """A moment moved by an amount of a unit of time. Raises ExpressionError."""
    unit = to_text(unit).upper()
    try:
        if unit == "NANOS":
            return moment + timedelta(microseconds=amount / 1000)
        if unit in _UNITS:
            # hours and less are counted on the time line, days and more on the calendar
            return (moment.astimezone(UTC) + _UNITS[unit] * amount).astimezone(moment.tzinfo)
        months, days = _CALENDAR[unit]
        return _add_months(moment, months * amount) + timedelta(days=days * amount)
    except KeyError:
        raise ExpressionError(f"unknown unit of time {unit!r}") from None
    except (OverflowError, ValueError):
        raise ExpressionError("the date is out of range") from None


def _add_months(moment: datetime, months: int) -> datetime:
    if months == 0:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


@filter_("dateAdd")
def date_add(
    env: Env,
    value: Any,
    amount: int,
    unit: str,
    format: str | None = None,
    time_zone: str | None = None,
    existing_format: str | None = None,
    locale: str | None = None,
) -> Any:
    """A date moved by an amount of a unit, printed in a format."""
    if value is None:
        return None
    local = zone(time_zone, env)
    moment = parse_date(value, existing_format, local).astimezone(local)
    return format_date(shift(moment, int(amount), unit), format, local, locale)


def _micros(env: Env, value: Any, time_zone: str | None, existing: str | None) -> int:
    local = zone(time_zone, env)
    return (parse_date(value, existing, local) - _EPOCH) // timedelta(microseconds=1)


def _timestamp(name: str, multiply: int, divide: int) -> None:
    @filter_(name)
    def act(
        env: Env, value: Any, time_zone: str | None = None, existing_format: str | None = None
    ) -> Any:
        if value is None:
            return None
        return _micros(env, value, time_zone, existing_format) * multiply // divide


_timestamp("timestamp", 1, 1_000_000)
_timestamp("timestampMilli", 1, 1000)
_timestamp("timestampMicro", 1, 1)
_timestamp("timestampNano", 1000, 1)
