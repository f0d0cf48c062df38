"""Errors that Trunkline raises on purpose, by what the caller can do about them.

A room defines its own errors as subclasses of one of these kinds; `api/errors.py` maps the kinds to
HTTP statuses and the CLI maps them to exit codes, so no other room knows either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain


class TrunklineError(Exception):
    """Base of every error that Trunkline raises on purpose."""


class NotFound(TrunklineError):
    """The thing that was asked for does not exist, or may not be seen."""


class Conflict(TrunklineError):
    """The thing exists, but its state forbids what was asked."""


class Gone(TrunklineError):
    """The thing existed and has expired."""


class BadRequest(TrunklineError):
    """The question itself cannot be understood (an unknown filter, a missing parameter)."""


class Unauthenticated(TrunklineError):
    """No credentials, or wrong ones."""


class Forbidden(TrunklineError):
    """The caller is known and may not do this."""


class TooLarge(TrunklineError):
    """A body, file or value is over its limit."""


class NoRoom(TrunklineError):
    """A disk is full; the message names the setting that says where."""


class Busy(TrunklineError):
    """Refused for load; the same request may be made again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(TrunklineError):
    """A part that is needed (database, broker, storage, engine) cannot be reached now."""


class DatabaseAway(Exception):
    """The database cannot be reached or cannot write; what was asked for may be asked again.

    Not a TrunklineError: that is what a flow, a row or a caller did wrong, and many places note it
    and go on. Whoever did so with a database that is away would lose what was due. So this one
    passes through them, up to where the work stays due: a loop's next round, a note, the caller.
    """


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing wrong with a document: where (`tasks[0].type`) and what, line and column from 1."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None
    end_column: int | None = None  #: where the name or value that stands there ends
    is_warning: bool = False  #: the document is taken all the same

    def __str__(self) -> str:
        where = f" (line {self.line}, column {self.column})" if self.line is not None else ""
        return f"{self.path}: {self.message}{where}" if self.path else f"{self.message}{where}"


def by_place(*found: Sequence[Violation]) -> tuple[Violation, ...]:
    """Violations in the order of a text."""
    return tuple(sorted(chain(*found), key=lambda v: (v.line or 0, v.column or 0)))


class Invalid(TrunklineError):
    """A document, value or file breaks its rules; `violations` lists all that was found."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        joined = ", ".join(str(violation) for violation in violations)
        super().__init__(f"{message}: {joined}" if joined else message)
        self.summary = message
        self.violations = violations
