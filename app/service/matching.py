"""Filters over rows that are in memory already: small lists that no table holds as they are."""

from collections.abc import Mapping

import regex

from app.errors import Invalid
from app.model.filter import Filter, Group, Operator

_SECONDS = 0.2


def fits(where: Group, texts: Mapping[str, str]) -> bool:
    """Whether texts fit a group of filters; a filter of a field that is not there holds."""
    found = [
        fits(item, texts) if isinstance(item, Group) else _one(item, texts)
        for item in where.members
    ]
    return (any(found) if where.is_any else all(found)) if found else True


def _one(item: Filter, texts: Mapping[str, str]) -> bool:
    if item.field not in texts:
        return True
    text, value = texts[item.field], item.value
    if item.field == "q":
        holds = value.lower() in text.lower()
        return holds if item.operator is Operator.EQUALS else not holds
    if item.operator is Operator.REGEX:
        try:
            return regex.search(value, text, timeout=_SECONDS) is not None
        except (TimeoutError, regex.error):
            raise Invalid(f"`{item.field}`: the regular expression cannot be used") from None
    answers = {
        Operator.EQUALS: text == value,
        Operator.NOT_EQUALS: text != value,
        Operator.IN: text in item.items(),
        Operator.NOT_IN: text not in item.items(),
        Operator.CONTAINS: value in text,
        Operator.STARTS_WITH: text.startswith(value),
        Operator.ENDS_WITH: text.endswith(value),
        Operator.PREFIX: text == value or text.startswith(value + "."),
    }
    return answers.get(item.operator, True)
