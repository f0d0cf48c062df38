"""Patterns of `outputFiles`, `include` and `exclude`: globs as the reference reads them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from app.plugin.task import TaskFailed


def read_patterns(value: Any) -> list[str]:
    """A pattern or a list of them."""
    if value is None:
        return []
    found = [value] if isinstance(value, str) else list(value)
    return [str(item) for item in found if item is not None]


def is_name(pattern: str) -> bool:
    """Whether a pattern names one file."""
    return not set(pattern) & set("*?[{") and not pattern.startswith(("glob:", "regex:"))


def matches_any(path: str, patterns: Sequence[str], *, anywhere: bool = False) -> bool:
    """Whether a relative path fits one of the patterns; `anywhere`: in whatever folder it lies."""
    return any(_compiled(pattern, anywhere).fullmatch(path) is not None for pattern in patterns)


@lru_cache(512)
def _compiled(pattern: str, anywhere: bool) -> re.Pattern[str]:
    if pattern.startswith("regex:"):
        try:
            return re.compile(pattern.removeprefix("regex:"))
        except re.error as error:
            raise TaskFailed(f"{pattern[:100]!r} is no pattern: {error}", is_final=True) from None
    is_plain = not pattern.startswith("glob:")
    text = pattern.removeprefix("glob:").removeprefix("./")
    is_rooted = text.startswith("/")
    text = text.lstrip("/")
    if anywhere and is_plain and not is_rooted and not text.startswith("**"):
        text = "**/" + text
    return re.compile(_regex(text), re.DOTALL)


def _regex(glob: str) -> str:
    """`**` crosses folders (none of them too, before a slash), `*` and `?` do not."""
    found, at, depth = "", 0, 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**/", at):
            found, at = found + "(?:.*/)?", at + 3
            continue
        if glob.startswith("**", at):
            found, at = found + ".*", at + 2
            continue
        end = glob.find("]", at + 2) if char == "[" else -1
        if end > 0:
            inside = glob[at + 1 : end].replace("\\", "\\\\")
            inside = "^" + inside[1:] if inside[0] in "!^" else inside
            found, at = found + f"[{inside}]", end + 1
            continue
        if char == "\\" and at + 1 < len(glob):
            found, at = found + re.escape(glob[at + 1]), at + 2
            continue
        depth += (char == "{") - (char == "}" and depth > 0)
        special = {"*": "[^/]*", "?": "[^/]", "{": "(?:"}
        if depth or char == "}":
            special |= {",": "|", "}": ")"}
        found, at = found + special.get(char, re.escape(char)), at + 1
    return found + ")" * depth
