"""What a source follows: a branch, a tag, the newest tag of a semver range, a commit."""

import re
from collections.abc import Mapping
from enum import StrEnum

from app.errors import Invalid

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_PART = re.compile(
    r"(\^|~|>=|<=|>|<|=)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?"
)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+@#-]{0,249}")
_FORBIDDEN = ("..", "//", "@{", "/.", ".lock/")

Version = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASE: tuple[tuple[int, int, str], ...] = ((2, 0, ""),)  #: sorts after each pre-release


class RefKind(StrEnum):
    """How the text of a ref is read."""

    AUTO = "auto"  #: a branch, else a tag, a full ref name or a full commit id
    BRANCH = "branch"
    TAG = "tag"
    SEMVER = "semver"
    COMMIT = "commit"


def check_ref(kind: RefKind, text: str) -> str:
    """The ref, when Git may have it (`git check-ref-format`). Raises Invalid."""
    if kind is RefKind.SEMVER:
        read_range(text)
    elif kind is RefKind.COMMIT:
        if not re.fullmatch(r"[0-9a-f]{40}", text):
            raise Invalid(f"ref: {text[:60]!r} is no full commit id")
    elif not is_ref_name(text):
        raise Invalid(f"ref: {text[:60]!r} is no name of a branch or tag")
    return text


def is_ref_name(text: str) -> bool:
    """Whether Git would take this as the name of a branch or tag, and never as an option."""
    if not _NAME.fullmatch(text) or any(part in text for part in _FORBIDDEN):
        return False
    return not text.endswith((".", "/", ".lock"))


def read_version(text: str) -> Version | None:
    """A semantic version, with or without `v`; None for another text."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    major, minor, patch = (int(found.group(n)) for n in (1, 2, 3))
    return (major, minor, patch, _prerelease(found.group(4)))


def _prerelease(text: str | None) -> tuple[tuple[int, int, str], ...]:
    if text is None:
        return _RELEASE
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in text.split("."))


Comparison = tuple[str, Version]


def read_range(text: str) -> list[list[Comparison]]:
    """`^1.2 || >=2.0 <3` as alternatives of comparisons. Raises Invalid."""
    alternatives = []
    for part in text.split("||"):
        words = re.sub(r"(\^|~|>=|<=|>|<|=)\s+", r"\1", part.strip()).replace(",", " ").split()
        if not words:
            raise Invalid(f"ref: {text[:60]!r} is no range of versions")
        comparisons: list[Comparison] = []
        for word in words:
            comparisons += _comparisons(word, text)
        alternatives.append(comparisons)
    return alternatives


def _comparisons(word: str, whole: str) -> list[Comparison]:
    found = _PART.fullmatch(word)
    if found is None:
        raise Invalid(f"ref: {whole[:60]!r} is no range of versions")
    sign, numbers = found.group(1) or "", [found.group(n) for n in (2, 3, 4)]
    known = [int(n) for n in numbers if n is not None and n.isdecimal()]
    known = known[: next((i for i, n in enumerate(numbers) if n in ("x", "X", "*")), 3)]
    low = _at(known, _prerelease(found.group(5)))
    if not known:
        return [(">=", _at([], _prerelease("0")))] if sign in ("", ">=", "^", "~") else []
    if sign == "^":
        lead = next((i for i, n in enumerate(known) if n), len(known) - 1)
        return [(">=", low), ("<", _above(known, lead))]
    if sign == "~":
        return [(">=", low), ("<", _above(known, min(1, len(known) - 1)))]
    if sign in ("", "=") and len(known) < 3:
        return [(">=", low), ("<", _above(known, len(known) - 1))]
    return [(sign or "=", low)]


def _at(numbers: list[int], pre: tuple[tuple[int, int, str], ...]) -> Version:
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    return (major, minor, patch, pre)


def _above(numbers: list[int], position: int) -> Version:
    """The first version after all that begin like this up to a position."""
    kept = [*numbers, 0, 0][: position + 1]
    kept[position] += 1
    return _at(kept, ((-1, 0, ""),))


def _holds(version: Version, comparison: Comparison) -> bool:
    sign, other = comparison
    if sign == "=":
        return version == other
    if sign == ">=":
        return version >= other
    if sign == "<=":
        return version <= other
    return version > other if sign == ">" else version < other


def newest_tag(tags: Mapping[str, str], text: str) -> tuple[str, str] | None:
    """Name and commit of the highest tag within a range; pre-releases only where it names one."""
    alternatives = read_range(text)
    takes_pre = "-" in text
    best: tuple[Version, str] | None = None
    for name in tags:
        version = read_version(name)
        if version is None or (version[3] != _RELEASE and not takes_pre):
            continue
        fits = any(all(_holds(version, c) for c in group) for group in alternatives)
        if fits and (best is None or (version, name) > best):
            best = (version, name)
    return (best[1], tags[best[1]]) if best is not None else None
