"""Whether an assertion of a flow test holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.expression.evaluate import render_typed
from app.expression.operators import contains
from app.expression.values import compare, equals, is_number, is_truthy, to_text
from app.model.property import has_expression
from app.model.suite import JUDGEMENTS, Assertion
from app.service.world import OpenWorld


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One operator of an assertion."""

    operator: str
    expected: Any
    actual: Any
    is_success: bool
    message: str | None = None


def judge(assertion: Assertion, scope: Mapping[str, Any], world: OpenWorld) -> list[Judgement]:
    """A judgement for each operator. Raises ExpressionError when a value cannot be rendered."""

    def read(value: Any) -> Any:
        return render_typed(value, scope, world) if has_expression(value) else value

    actual = read(assertion.value)
    found = []
    for name, wanted in assertion.asked().items():
        expected = read(wanted)
        is_good = _OPERATORS[name](actual, expected)
        if name in JUDGEMENTS and expected is False:
            is_good = not is_good
        message = None if is_good else assertion.error_message or _message(name, expected, actual)
        found.append(
            Judgement(
                operator=_wire(name),
                expected=expected,
                actual=actual,
                is_success=is_good,
                message=message,
            )
        )
    return found


def _wire(name: str) -> str:
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.title() for part in rest)


def _message(name: str, expected: Any, actual: Any) -> str:
    return f"expected {_wire(name)} {to_text(expected)[:200]!r}, but was {to_text(actual)[:200]!r}"


def _same(actual: Any, expected: Any) -> bool:
    return equals(actual, expected) or (
        to_text(actual) == to_text(expected) and (actual is None) == (expected is None)
    )


def _order(actual: Any, expected: Any) -> int | None:
    if is_number(expected) and isinstance(actual, str):
        try:
            actual = float(actual)
        except ValueError:
            return None
    return compare(actual, expected, "compare")


def _in(actual: Any, expected: Any) -> bool:
    items = expected if isinstance(expected, list) else [expected]
    return any(_same(actual, item) for item in items)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "equal_to": _same,
    "not_equal_to": lambda actual, expected: not _same(actual, expected),
    "contains": contains,
    "starts_with": lambda actual, expected: to_text(actual).startswith(to_text(expected)),
    "ends_with": lambda actual, expected: to_text(actual).endswith(to_text(expected)),
    "in_": _in,
    "not_in": lambda actual, expected: not _in(actual, expected),
    "is_null": lambda actual, _: actual is None,
    "is_not_null": lambda actual, _: actual is not None,
    "is_true": lambda actual, _: is_truthy(actual),
    "is_false": lambda actual, _: not is_truthy(actual),
    "greater_than": lambda actual, expected: _order(actual, expected) == 1,
    "greater_than_or_equal_to": lambda actual, expected: _order(actual, expected) in (0, 1),
    "less_than": lambda actual, expected: _order(actual, expected) == -1,
    "less_than_or_equal_to": lambda actual, expected: _order(actual, expected) in (0, -1),
}
