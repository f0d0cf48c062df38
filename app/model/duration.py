"""ISO-8601 durations as the flow language writes them (`PT5M`, `P1DT2H`, `PT0.5S`).

Letters in any case, a decimal part in the seconds, a sign before any part; no years and no months,
whose length is not fixed (flow language, general conventions).
"""

import re
from datetime import timedelta

from app.errors import Invalid

_SHAPE = re.compile(
    r"([+-])?P(?:([+-]?\d+)W)?(?:([+-]?\d+)D)?"
    r"(T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE,
)
_LIMIT = timedelta(days=365 * 1000)


def parse_duration(text: str) -> timedelta:
    """The duration that `text` names; Invalid when it is none or longer than 1,000 years."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None or not any(match.group(i) for i in (2, 3, 5, 6, 7)) or match.group(4) == "T":
        raise Invalid(f"{text[:40]!r} is not an ISO-8601 duration such as PT30S or P1D")
    sign, weeks, days, _, hours, minutes, seconds = match.groups()
    try:
        value = timedelta(
            weeks=int(weeks or 0),
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=float((seconds or "0").replace(",", ".")),
        )
    except (OverflowError, ValueError):  # more digits than Python reads
        value = _LIMIT * 2
    if abs(value) > _LIMIT:
        raise Invalid(f"the duration {text[:40]!r} is longer than 1,000 years")
    return -value if sign == "-" else value


def format_duration(value: timedelta) -> str:
    """The ISO-8601 text of a duration, in hours, minutes and seconds as Java prints it."""
    microseconds = value // timedelta(microseconds=1)
    if microseconds == 0:
        return "PT0S"
    sign = -1 if microseconds < 0 else 1
    seconds, fraction = divmod(abs(microseconds), 1_000_000)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = "PT"
    if hours:
        text += f"{sign * hours}H"
    if minutes:
        text += f"{sign * minutes}M"
    if seconds or fraction:
        tail = f".{fraction:06d}".rstrip("0") if fraction else ""
        text += f"{'-' if sign < 0 else ''}{seconds}{tail}S"
    return text
