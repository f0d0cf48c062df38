"""Patterns that users write: matched within a time, so that none stops the process.

The `re` of Python cannot be stopped, and holds up every other thread meanwhile.
"""

import time

from app.errors import Invalid
from app.library import Library

regex = Library("regex")

SECONDS = 0.5  #: for one text
IN_ALL_S = 1.0  #: for the many texts that one question is asked about
_TOO_LONG = "the regular expression takes too long"


def fits(pattern: str, text: str, *, whole: bool = False) -> bool:
    """Whether a text holds a pattern, or is one as a whole; one that takes too long never."""
    try:
        match = regex.fullmatch if whole else regex.search
        return match(pattern, text, timeout=SECONDS) is not None
    except (TimeoutError, regex.error):
        return False


class Search:
    """A pattern that many texts are asked for, within a time for all of them."""

    def __init__(self, pattern: str, *, is_exact: bool = True, seconds: float = IN_ALL_S) -> None:
        """`is_exact`: upper and lower case differ. Raises Invalid for what is no pattern."""
        try:
            self._compiled = regex.compile(pattern, 0 if is_exact else regex.IGNORECASE)
        except regex.error as error:
            raise Invalid(f"invalid regular expression {pattern[:60]!r}: {error}") from None
        self._left = seconds  # of work, not waiting: a busy machine refuses no pattern

    def found_in(self, text: str) -> bool:
        """Whether a text holds the pattern. Raises Invalid once all its time is used."""
        if self._left <= 0:
            raise Invalid(_TOO_LONG)
        began = time.thread_time()
        try:
            found = self._compiled.search(text, timeout=self._left)
        except TimeoutError:
            raise Invalid(_TOO_LONG) from None
        self._left -= time.thread_time() - began
        return found is not None
