"""Clocks of processes that a test sets: wall time alone, as an administrator or NTP would.

It is Debian's libfaketime, loaded into the process. Monotonic time goes on as it does, which is
what a step of a machine's clock looks like. `time.sleep` is the price: libfaketime 0.9.10 refuses
it then (EINVAL), so only processes that wait otherwise can be put on such a clock. Beat is one.
"""

import os
from pathlib import Path

import pytest


class WallClock:
    """What a file says is added to the wall time of all processes that are started on it."""

    def __init__(self, file: Path, library: Path) -> None:
        self.file, self.library = file, library
        self.step("+0")

    def step(self, offset: str) -> None:
        """`+1h`, `-1h`, `+0`: at once, in every process on this clock."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(offset)
        fresh.replace(self.file)  # a reader never finds it half written

    @property
    def host(self) -> tuple[str, ...]:
        """The command that starts another one on this clock."""
        return (
            "env",
            f"LD_PRELOAD={self.library}",
            f"FAKETIME_TIMESTAMP_FILE={self.file}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DISABLE_SHM=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        )


def find_library() -> Path:
    """libfaketime; without it the test is skipped, or fails where services are required."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if found:
        return found[0]
    if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.fail("libfaketime is required here and is not installed")
    pytest.skip("libfaketime is not installed: no clock can be set")
