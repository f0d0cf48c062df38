"""Ids: random, URL-safe, 22 base-62 characters (128 bits).

The wire tells an execution id from a namespace by this shape (HTTP API 3.2), so ids of every row
have it.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_PAIR_BASE = len(_PAIRS)
_EXECUTION_ID = re.compile(r"[0-9A-Za-z]{16,}")
LENGTH = 22
_draw: Callable[[int], int] = secrets.randbits


def new_id() -> str:
    """A fresh id; two are never equal in practice (128 random bits)."""
    number = _draw(128)
    parts = []
    for _ in range(LENGTH // 2):
        number, rest = divmod(number, _PAIR_BASE)
        parts.append(_PAIRS[rest])
    return "".join(parts)


@contextmanager
def drawn_by(draw: Callable[[int], int]) -> Iterator[None]:
    """Within the block, ids are made of what `draw` gives: for simulations that can be repeated."""
    global _draw
    before, _draw = _draw, draw
    try:
        yield
    finally:
        _draw = before


def is_execution_id(text: str) -> bool:
    """Whether a path segment has the shape of an execution id: 16 or more letters and digits."""
    return _EXECUTION_ID.fullmatch(text) is not None
