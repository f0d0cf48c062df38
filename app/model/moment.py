"""Moments as the wire writes them: ISO-8601, UTC unless they name another zone."""

from datetime import UTC, datetime


def read_moment(text: str) -> datetime:
    """The aware moment of a text; a blank stands for the `+` that a query turned into one.

    Raises ValueError for a text that is no date.
    """
    text = text.strip()
    day, _, rest = text.partition(" ")
    if rest:
        text = f"{day}T{rest}" if len(day) == 10 else f"{day}+{rest}"
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
