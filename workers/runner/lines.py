"""Bytes to lines: a carriage return ends a line, as a line feed does; lines are cut at 16 kB."""

import codecs
import re
import threading

from workers.runner.command import OnLine

MOST_LINE = 16_000
_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """The lines of one stream; the lock keeps those of two streams apart."""

    def __init__(self, name: str, on_line: OnLine, lock: threading.Lock) -> None:
        self._name, self._on_line, self._lock = name, on_line, lock
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Hands whole lines on; what may still grow is kept."""
        text = self._rest + self._decoder.decode(data)
        if text.endswith("\r"):  # a line feed may follow in the next piece
            self._rest = text
            return
        *lines, rest = _END.split(text)
        with self._lock:
            for line in lines:
                for start in range(0, max(len(line), 1), MOST_LINE):
                    self._on_line(self._name, line[start : start + MOST_LINE])
            while len(rest) > MOST_LINE and not rest.startswith("::{"):
                self._on_line(self._name, rest[:MOST_LINE])
                rest = rest[MOST_LINE:]
        self._rest = rest

    def end(self) -> None:
        """Hands on what was not ended by a line feed."""
        rest = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        with self._lock:
            for line in _END.split(rest):
                if line:
                    self._on_line(self._name, line)
