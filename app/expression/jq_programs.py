"""jq programs: plain paths run in this process, everything else in one that can be ended.

A program may loop for ever, take all memory, or read the environment of its process, and nothing
in a running one asks a clock. So it runs in a helper that has no environment and a memory limit,
and that is killed when it takes too long. A helper serves one process and ends when that is gone.
"""

import json
import os
import re
import subprocess
import sys
import threading
from functools import lru_cache
from typing import Any

from app.expression.errors import BudgetExceeded, ExpressionError
from app.library import Library

engine = Library("jq")

MOST_SECONDS = 5.0
MOST_BYTES = 1_000_000_000  #: of memory, for a helper
MOST_ANSWER = 20_000_000
_PLAIN = re.compile(
    r"(\s|\||\.[A-Za-z_]\w{0,60}|\.?\[\d{0,9}\]|\.?\[\"[^\"\\]{0,60}\"\]|\?"
    r"|\.(?![.\w])|\b(length|keys|first|last|tostring|tonumber|type|not|add)\b){1,40}"
)
_HELPER = f"""
import json, os, resource, select, sys
import jq
resource.setrlimit(resource.RLIMIT_AS, ({MOST_BYTES}, {MOST_BYTES}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
while select.select([0], [], [], 60)[0]:
    line = sys.stdin.buffer.readline()
    if not line:
        break
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + {int(MOST_SECONDS * 2)}
    resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
    program, data = json.loads(line)
    found, size = [], 0
    try:
        for value in jq.compile(program).input_value(data):
            text = json.dumps(value)
            size += len(text)
            if size > {MOST_ANSWER}:
                raise ValueError("the answer is longer than {MOST_ANSWER} characters")
            found.append(text)
        answer = '{{"found": [' + ",".join(found) + "]}}"
    except Exception as error:
        answer = json.dumps({{"error": str(error) or type(error).__name__}})
    sys.stdout.buffer.write(answer.encode() + b"\\n")
    sys.stdout.buffer.flush()
"""


def results(program: str, data: Any) -> list[Any]:
    """All results of a program. Raises ExpressionError, BudgetExceeded."""
    try:
        if _PLAIN.fullmatch(program):
            found: list[Any] = _compiled(program).input_value(data).all()
            return found
        return _helper().run(program, data)
    except ValueError as error:
        raise ExpressionError(f"Unable to resolve JQ expression `{program}`: {error}") from None


@lru_cache(maxsize=512)
def _compiled(program: str) -> Any:
    return engine.compile(program)


class Helper:
    """One process that runs programs, one at a time; it is started again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, data: Any) -> list[Any]:
        """All results of a program. Raises ValueError, BudgetExceeded."""
        line = json.dumps([program, data], default=str).encode() + b"\n"
        with self._lock:
            text = self._ask(line)
            if text is None:  # an idle one may end just then
                self.end()
                text = self._ask(line)
            if text is None:
                self.end()
                raise BudgetExceeded("the jq program takes too much memory")
        answer = json.loads(text)
        if "error" in answer:
            raise ValueError(answer["error"])
        found: list[Any] = answer["found"]
        return found

    def _ask(self, line: bytes) -> bytes | None:
        """The answer to a line; None when the process is gone."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(MOST_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            text: bytes = process.stdout.readline()
        except OSError:
            text = b""
        finally:
            is_late = timer.finished.is_set()
            timer.cancel()
        if is_late and not text.endswith(b"\n"):
            self.end()
            raise BudgetExceeded(f"the jq program took longer than {MOST_SECONDS:g} s")
        return text if text.endswith(b"\n") else None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _HELPER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"},
            )
        return self._process

    def end(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


_helpers: dict[int, Helper] = {}


def _helper() -> Helper:
    """The helper of this process: one of before a fork is not ours."""
    return _helpers.setdefault(os.getpid(), Helper())
