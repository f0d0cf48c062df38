"""Differences of resources: unified texts for people, and how many lines Git says changed."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BYTES = 40_000  #: of one side
MOST_LINES = 2_000


def unified(path: str, before: str | None, after: str | None) -> str:
    """The difference of two texts in the form of `diff -u`; None is a side that does not exist."""
    old, new = before or "", after or ""
    if len(old) > MOST_BYTES or len(new) > MOST_BYTES:
        return f"--- {path}\n+++ {path}\n(too large to show)\n"
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        fromfile="/dev/null" if before is None else f"a/{path}",
        tofile="/dev/null" if after is None else f"b/{path}",
    )
    found = [line if line.endswith("\n") else line + "\n" for line in lines]
    if len(found) > MOST_LINES:
        found = [*found[:MOST_LINES], "(cut)\n"]
    return "".join(found)


def text_of(data: bytes | None) -> str | None:
    """Bytes as a text for a diff; binary ones as one line that tells their size."""
    if data is None:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    return f"(binary, {len(data)} bytes)\n" if "\0" in text else text


@dataclass(frozen=True)
class Region:
    """A changed region of a text: lines that were there, lines that took their place."""

    old: int
    new: int


_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@", re.MULTILINE)


def regions(text: str) -> list[Region]:
    """The regions of what `git diff -U0` wrote about one file."""
    return [Region(int(a or 1), int(b or 1)) for a, b in _HUNK.findall(text)]


def counted(found: Sequence[Region]) -> tuple[int, int, int]:
    """Lines that were added, deleted and changed: a region counts for what it grew or shrank."""
    added = sum(max(r.new - r.old, 0) for r in found)
    deleted = sum(max(r.old - r.new, 0) for r in found)
    return added, deleted, sum(r.new for r in found if r.new == r.old)
