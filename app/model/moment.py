"""Moments as the wire writes them: ISO-8601, UTC unless they name another zone."""

from datetime import UTC, datetime, timedelta

FIRST_YEAR, LAST_YEAR = 2, 9998


def read_moment(text: str) -> datetime:
    """The aware moment of a text; a blank stands for the `+` that a query turned into one.

    Raises ValueError for a text that is no date.
    """
    text = text.strip()
    day, _, rest = text.partition(" ")
    if rest:
        text = f"{day}T{rest}" if len(day) == 10 else f"{day}+{rest}"
    found = datetime.fromisoformat(text)
    return check_moment(found if found.tzinfo else found.replace(tzinfo=UTC))


def check_moment(moment: datetime) -> datetime:
    """The moment. Raises ValueError for a year at the edge: elsewhere in the world it is none."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return moment


def earlier(moment: datetime, span: timedelta) -> datetime:
    """The moment a span before; the first one that there is, where that lies before it."""
    try:
        return check_moment(moment - span)
    except (OverflowError, ValueError):
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
