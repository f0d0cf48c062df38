"""Names of namespaces: what every write asks of one, and which lie around one."""

import re

from app.errors import Invalid, Violation

NAMESPACE_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
LONGEST_NAMESPACE = 150


def check_namespace(name: object, field: str = "namespace") -> str:
    """The name, when a namespace may have it. Raises Invalid, which names the field."""
    if not isinstance(name, str) or not re.fullmatch(NAMESPACE_PATTERN.removesuffix("$"), name):
        raise _wrong(field, f"{str(name)[:60]!r} must match {NAMESPACE_PATTERN}")
    if len(name) > LONGEST_NAMESPACE:
        raise _wrong(field, f"is longer than {LONGEST_NAMESPACE} characters")
    return name


def lineage(name: str) -> list[str]:
    """A namespace and its parents, the outermost first."""
    parts = name.split(".")
    return [".".join(parts[:size]) for size in range(1, len(parts) + 1)]


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("Invalid namespace", (Violation(path=field, message=message),))
