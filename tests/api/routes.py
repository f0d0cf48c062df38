"""Walks the routes of the app: one path for each rule."""

from collections.abc import Iterator
from typing import Any

from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODY = "x" * 22


def path_of(app: Any, rule: Rule, **given: str) -> str:
    """A path that the rule fits; what it names does not exist unless it is given."""
    values = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = given.get(name, NOBODY)
    built = rule.build(values)
    assert built is not None
    return str(built[1])


def method_of(rule: Rule) -> str:
    return next(method for method in METHODS if method in rule.methods)


def rules(app: Any, *, below: str = "/api/v1/main") -> Iterator[Rule]:
    """The rules with the tenant in their path."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(below + "/"):
            yield rule
