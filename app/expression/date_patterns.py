"""Java's DateTimeFormatter patterns: printing and parsing."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.expression.errors import ExpressionError
from app.expression.locales import ENGLISH, Names

_LONG_ZONES = {"UTC": "Coordinated Universal Time", "GMT": "Greenwich Mean Time"}
_PART = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|\[|\]|[^A-Za-z'\[\]]+")


@lru_cache(maxsize=512)
def _parts(pattern: str) -> tuple[tuple[str, str], ...]:
    """(letters, '') or ('', literal text) in order; optional brackets are dropped."""
    found: list[tuple[str, str]] = []
    for match in _PART.finditer(pattern):
        text = match.group()
        if match.group(2):
            found.append((text, ""))
        elif text.startswith("'"):
            found.append(("", match.group(1).replace("''", "'") or "'"))
        elif text not in "[]":
            found.append(("", text))
    return tuple(found)


def format_pattern(moment: datetime, pattern: str, names: Names = ENGLISH) -> str:
    """An aware moment in a pattern. Raises ExpressionError for an unknown letter."""
    return "".join(text or _letter(moment, letters, names) for letters, text in _parts(pattern))


def _letter(moment: datetime, letters: str, names: Names) -> str:
    letter, width = letters[0], len(letters)
    number = _number(moment, letter)
    if letter in "yuY" and width == 2:
        return f"{number % 100:02d}"
    if letter in "MLE" + "ec" and width >= 3:
        return _word(moment, letter, width, names)
    if letter == "E":
        return names.short_days[moment.weekday()]
    if letter in "Qq" and width >= 3:
        return f"Q{number}"
    if number is not None:
        return str(number).rjust(width, "0")
    if letter == "S":
        return f"{moment.microsecond:06d}000"[:width].ljust(width, "0")
    return _zone_or_word(moment, letter, width)


def _number(moment: datetime, letter: str) -> Any:
    year, week, weekday = moment.isocalendar()
    return {
        "y": moment.year,
        "u": moment.year,
        "Y": year,
        "M": moment.month,
        "L": moment.month,
        "d": moment.day,
        "D": moment.timetuple().tm_yday,
        "H": moment.hour,
        "k": moment.hour or 24,
        "h": moment.hour % 12 or 12,
        "K": moment.hour % 12,
        "m": moment.minute,
        "s": moment.second,
        "n": moment.microsecond * 1000,
        "A": (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000
        + moment.microsecond // 1000,
        "N": ((moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**6
              + moment.microsecond) * 1000,
        "w": week,
        "W": (moment.day + moment.replace(day=1).weekday() - 1) // 7 + 1,
        "e": weekday,
        "c": weekday,
        "Q": (moment.month + 2) // 3,
        "q": (moment.month + 2) // 3,
    }.get(letter)  # fmt: skip


def _word(moment: datetime, letter: str, width: int, names: Names) -> str:
    if letter in "ML":
        full, short = names.months[moment.month - 1], names.short_months[moment.month - 1]
    else:
        full, short = names.days[moment.weekday()], names.short_days[moment.weekday()]
    return {3: short, 4: full}.get(width, full[:1])


def _zone_or_word(moment: datetime, letter: str, width: int) -> str:
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "G":
        return "AD" if width < 4 else "Anno Domini"
    if letter == "V":
        return getattr(moment.tzinfo, "key", None) or str(moment.tzinfo)
    if letter == "z":
        name = moment.tzname() or ""
        return _LONG_ZONES.get(name, name) if width >= 4 else name
    offset = moment.utcoffset() or timedelta(0)
    if letter == "O":
        text = _offset(offset, 3)
        return "GMT" if not offset else "GMT" + re.sub(r"^([+-])0", r"\1", text.split(":00")[0])
    if letter == "Z":
        return _offset(offset, 3 if width == 5 else 2) if width != 4 else "GMT" + _offset(offset, 3)
    if letter in "Xx":
        return "Z" if letter == "X" and not offset else _offset(offset, width)
    raise ExpressionError(f"unknown pattern letter `{letter}`")


def _offset(offset: timedelta, width: int) -> str:
    """1: +08 (minutes only if any), 2 and 4: +0800, 3 and 5: +08:00."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    if width == 1:
        return f"{sign}{hours:02d}" + (f"{rest:02d}" if rest else "")
    return f"{sign}{hours:02d}{':' if width in (3, 5) else ''}{rest:02d}"


_FIELDS = {"y": "year", "u": "year", "M": "month", "L": "month", "d": "day", "H": "hour",
           "h": "hour12", "K": "hour12", "k": "hour", "m": "minute", "s": "second",
           "S": "fraction", "a": "half", "D": "yday", "n": "nano"}  # fmt: skip


@lru_cache(maxsize=512)
def _reader(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    text, fields = "", []
    for match in _PART.finditer(pattern):
        part = match.group()
        if part == "[":
            text += "(?:"
        elif part == "]":
            text += ")?"
        elif match.group(2):
            piece, name = _reading(part)
            text += f"({piece})"
            fields.append(name)
        else:
            literal = match.group(1).replace("''", "'") if part.startswith("'") else part
            text += re.escape(literal)
    return re.compile(text, re.IGNORECASE), tuple(fields)


def _reading(letters: str) -> tuple[str, str]:
    letter, width = letters[0], len(letters)
    if letter in "ML" and width >= 3:
        return r"[^\W\d]+\.?", "month_name"
    if letter == "E":
        return r"[^\W\d]+", "weekday"
    if letter in "XxZO":
        return r"Z|(?:GMT)?[+-]\d{1,2}:?(?:\d\d)?|GMT", "offset"
    if letter in "Vz":
        return r"[\w/+-]+", "zone"
    if letter == "a":
        return "AM|PM", "half"
    if letter not in _FIELDS:
        raise ExpressionError(f"unknown pattern letter `{letter}`")
    if letter in "yu":
        return (r"\d{2}" if width == 2 else r"\d{1,4}" if width == 1 else r"\d{4,}"), "year"
    if letter == "S":
        return rf"\d{{{width}}}", "fraction"
    return (r"\d{1,3}" if width == 1 else rf"\d{{{width}}}"), _FIELDS[letter]


def parse_pattern(text: str, pattern: str, local: tzinfo) -> datetime:
    """The aware moment that a text in a pattern names. Raises ExpressionError."""
    reader, fields = _reader(pattern)
    match = reader.fullmatch(text)
    if match is None:
        raise ExpressionError(f"Text '{text[:80]}' could not be parsed with '{pattern}'")
    found = {name: value for name, value in zip(fields, match.groups(), strict=True) if value}
    try:
        return _moment(found, local)
    except (ValueError, KeyError, OverflowError) as error:
        raise ExpressionError(f"Text '{text[:80]}' could not be parsed: {error}") from None


def _moment(found: dict[str, str], local: tzinfo) -> datetime:
    year = int(found.get("year", "1970"))
    if len(found.get("year", "1970")) == 2:
        year += 2000
    month = int(found.get("month", "1"))
    if name := found.get("month_name"):
        month = [m.lower() for m in ENGLISH.short_months].index(name[:3].lower()) + 1
    hour = int(found.get("hour", "0")) % 24
    if twelve := found.get("hour12"):
        hour = int(twelve) % 12 + (12 if found.get("half", "AM").upper() == "PM" else 0)
    moment = datetime(
        year,
        month,
        int(found.get("day", "1")),
        hour,
        int(found.get("minute", "0")),
        int(found.get("second", "0")),
        int(found.get("fraction", "0").ljust(6, "0")[:6]),
    )
    if yday := found.get("yday"):
        moment += timedelta(days=int(yday) - 1)
    if offset := found.get("offset"):
        return moment.replace(tzinfo=_zone_of(offset))
    return moment.replace(tzinfo=ZoneInfo(found["zone"]) if "zone" in found else local)


def _zone_of(text: str) -> tzinfo:
    text = text.upper().removeprefix("GMT")
    if text in ("Z", ""):
        return UTC
    digits = text[1:].replace(":", "")
    digits = digits.rjust(2, "0") if len(digits) <= 2 else digits
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-delta if text[0] == "-" else delta)
