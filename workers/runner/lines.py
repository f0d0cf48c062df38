"""Bytes to lines: a carriage return ends a line, as a line feed does; endless ones are cut."""

import codecs
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from workers.runner.command import OnLine

MOST_LINE = 64_000  #: characters; the log cuts what it masked into its own smaller lines
MOST_MESSAGE = 10_000_000  #: of a `::{…}::` message
_AHEAD = 16_000  #: a value that must not be cut in two is not longer
_END = re.compile(r"\r\n|\n|\r")
Cut = Callable[[str, int], int]


def _at(_text: str, at: int) -> int:
    return at


class Lines:
    """The lines of one stream; a lock keeps those of two threads apart."""

    def __init__(
        self,
        name: str,
        on_line: OnLine,
        lock: AbstractContextManager[Any] | None = None,
        cut: Cut = _at,
    ) -> None:
        self._name, self._on_line, self._cut = name, on_line, cut
        self._lock = lock or nullcontext()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._parts: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Hands whole lines on; what may still grow is kept."""
        text = self._decoder.decode(data)
        self._parts.append(text)
        self._size += len(text)
        if "\n" not in text and "\r" not in text and self._size <= MOST_LINE + _AHEAD:
            return
        text = "".join(self._parts)
        ends_open = text.endswith("\r")  # a line feed may follow in the next piece
        *lines, rest = _END.split(text[:-1] if ends_open else text)
        with self._lock:
            for line in lines:
                self._hand_on(line)
            rest = self._shorten(rest)
        rest += "\r" if ends_open else ""
        self._parts, self._size = [rest], len(rest)

    def _hand_on(self, line: str) -> None:
        self._on_line(self._name, self._shorten(line))

    def _shorten(self, text: str) -> str:
        """Hands the head of an endless line on; gives what is left of it."""
        if text.startswith("::{") and len(text) <= MOST_MESSAGE:
            return text
        while len(text) > MOST_LINE + _AHEAD:
            at = self._cut(text, MOST_LINE)
            self._on_line(self._name, text[:at])
            text = text[at:]
        return text

    def end(self) -> None:
        """Hands on what was not ended by a line feed."""
        rest = "".join(self._parts) + self._decoder.decode(b"", final=True)
        self._parts, self._size = [], 0
        with self._lock:
            for line in _END.split(rest):
                if line:
                    self._hand_on(line)
