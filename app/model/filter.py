"""Filters of lists: which rows a caller asks for, as plain data (HTTP API 2.4).

A filter is one comparison of a field; a group joins filters by *and* or *or*. What a resource can
be filtered by, and with which operators, is a table of names; the database room turns both to SQL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """How a field is compared."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    LESS_THAN = "LESS_THAN"
    GREATER_THAN_OR_EQUAL_TO = "GREATER_THAN_OR_EQUAL_TO"
    LESS_THAN_OR_EQUAL_TO = "LESS_THAN_OR_EQUAL_TO"
    IN = "IN"
    NOT_IN = "NOT_IN"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    CONTAINS = "CONTAINS"
    REGEX = "REGEX"
    PREFIX = "PREFIX"  #: a dotted name and everything below it


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One comparison; `key` is the label's key where the field is `labels`."""

    field: str
    operator: Operator
    value: str
    key: str | None = None

    def items(self) -> list[str]:
        """The members of a comma list, with or without square brackets around it."""
        text = self.value.strip()
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1]
        return [part.strip() for part in text.split(",") if part.strip()]


@dataclass(frozen=True)
class Group:
    """Filters that must all hold, or of which one must hold."""

    members: "tuple[Filter | Group, ...]" = ()
    is_any: bool = False

    def filters(self) -> Iterator[Filter]:
        """Every filter at any depth."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.filters()
            else:
                yield member

    def values(self, field: str, operator: Operator = Operator.EQUALS) -> list[str]:
        """The values that a field is compared with."""
        return [f.value for f in self.filters() if f.field == field and f.operator is operator]


ALL = Group()  #: does not narrow
_ = Operator
IS = frozenset({_.EQUALS, _.NOT_EQUALS})
ONE_OF = IS | {_.IN, _.NOT_IN}
TEXT = ONE_OF | {_.CONTAINS, _.STARTS_WITH, _.ENDS_WITH}
NAME = TEXT | {_.REGEX, _.PREFIX}
LABEL = ONE_OF | {_.CONTAINS}
ORDER = IS | {
    _.GREATER_THAN,
    _.LESS_THAN,
    _.GREATER_THAN_OR_EQUAL_TO,
    _.LESS_THAN_OR_EQUAL_TO,
}
NUMBER = ORDER | ONE_OF
SAME = frozenset({_.EQUALS})

Fields = Mapping[str, frozenset[Operator]]
_NAMED: Fields = {"q": IS, "scope": IS, "namespace": NAME, "flowId": NAME}
_DATED: Fields = {"startDate": ORDER, "endDate": ORDER}

FLOWS: Fields = {**_NAMED, "labels": LABEL}
EXECUTIONS: Fields = {
    **_NAMED,
    **_DATED,
    "timeRange": SAME,
    "state": ONE_OF,
    "labels": LABEL,
    "triggerExecutionId": TEXT,
    "childFilter": IS,
    "kind": ONE_OF,
    "flowRevision": NUMBER,
    "parentId": TEXT,
    "triggerId": TEXT,
    "id": TEXT,
    "commit": TEXT,
}
LOGS: Fields = {
    **_NAMED,
    **_DATED,
    "timeRange": SAME,
    "triggerId": TEXT,
    "executionId": TEXT,
    "taskId": TEXT,
    "taskRunId": TEXT,
    "attemptNumber": NUMBER,
    "level": IS,
}
TRIGGERS: Fields = {
    **_NAMED,
    **_DATED,
    "triggerId": TEXT,
    "triggerState": IS,
    "workerId": TEXT,
    "locked": IS,
    "backfill": IS,
    "lastTriggeredDate": ORDER,
    "nextExecutionDate": ORDER,
}
SUITES: Fields = {"q": IS, "namespace": NAME, "flowId": TEXT}
NAMESPACES: Fields = {"q": IS, "existingOnly": IS, "id": NAME, "namespace": NAME}
KEYS: Fields = {"q": IS, "namespace": NAME, "key": TEXT, "updated": ORDER}
SECRETS: Fields = {"q": IS, "namespace": NAME, "key": TEXT}
BLUEPRINTS: Fields = {"q": IS, "tags": ONE_OF}
PLAIN: Fields = {"q": IS}
