"""Renders templates: the door of this room.

`render` gives text, `render_typed` the value of a single expression, the `_deep` ones go through
maps and lists. Templates are compiled once and cached.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from app.expression import (
    calendar,
    dates,
    filters_data,
    filters_text,
    functions,
    ion_texts,
    tests,
    yaml_texts,
)
from app.expression.calls import FILTERS, FUNCTIONS
from app.expression.env import MOST_DEPTH, Budget, Env, World
from app.expression.errors import BudgetExceeded, ExpressionError, UndefinedError
from app.expression.template import Template, compile_template
from app.expression.values import is_truthy, to_text

__all__ = [
    "ExpressionError",
    "UndefinedError",
    "World",
    "filter_names",
    "function_names",
    "is_template",
    "is_truthy",
    "parse",
    "render",
    "render_deep",
    "render_deep_typed",
    "render_typed",
    "to_text",
]
#: importing them fills the tables
_ROOMS = (calendar, dates, filters_data, filters_text, functions, ion_texts, tests, yaml_texts)


@lru_cache(maxsize=4096)
def parse(template: str) -> Template:
    """The compiled template, cached. Raises ExpressionError naming the line."""
    try:
        return compile_template(template)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None


def is_template(value: str) -> bool:
    """Whether a text holds anything to render."""
    return "{{" in value or "{%" in value or "{#" in value


def render(
    template: str, scope: Mapping[str, Any], world: World, budget: Budget | None = None
) -> str:
    """The text of a template. Raises ExpressionError."""
    if not is_template(template):
        return template
    return str(_run(template, scope, world, budget, Template.text))


def render_typed(
    template: str, scope: Mapping[str, Any], world: World, budget: Budget | None = None
) -> Any:
    """As `render`, but a template that is one single expression gives that expression's value."""
    if not is_template(template):
        return template
    return _run(template, scope, world, budget, Template.value)


def _render_loose(
    template: str, scope: Mapping[str, Any], world: World, budget: Budget | None
) -> Any:
    if not is_template(template):
        return template
    return _run(template, scope, world, budget, _LOOSE)


_LOOSE = partial(Template.value, loose=True)


def _run(
    template: str,
    scope: Mapping[str, Any],
    world: World,
    budget: Budget | None,
    give: Callable[[Template, Env], Any],
) -> Any:
    compiled = parse(template)
    budget = budget or Budget()
    budget.depth += 1
    if budget.depth > MOST_DEPTH:
        raise BudgetExceeded(f"templates render each other more than {MOST_DEPTH} deep")
    env = Env(scope, world, budget, [{}], compiled.macros, render=render_deep)
    try:
        return give(compiled, env)
    except ExpressionError as error:
        if world.hides:
            error.args = (world.masked(str(error)),)
        raise
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None
    finally:
        budget.depth -= 1


def render_deep(
    value: Any, scope: Mapping[str, Any], world: World, budget: Budget | None = None
) -> Any:
    """Texts in maps (keys too) and lists rendered to texts, at any depth; others as they are."""
    return _deep(value, scope, world, budget or Budget(), render)


def render_deep_typed(
    value: Any, scope: Mapping[str, Any], world: World, budget: Budget | None = None
) -> Any:
    """As `render_deep`, but an expression that stands alone gives its value, not its text."""
    return _deep(value, scope, world, budget or Budget(), _render_loose)


def _deep(value: Any, scope: Mapping[str, Any], world: World, budget: Budget, act: Any) -> Any:
    if isinstance(value, str):
        return act(value, scope, world, budget)
    if isinstance(value, Mapping):
        return {
            render(key, scope, world, budget) if isinstance(key, str) else key: _deep(
                item, scope, world, budget, act
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_deep(item, scope, world, budget, act) for item in value]
    return value


def filter_names() -> dict[str, tuple[str, ...]]:
    """Every filter with the names of its arguments."""
    return {k: v.names for k, v in sorted(FILTERS.items()) if not k.startswith(".")}


def function_names() -> dict[str, tuple[str, ...]]:
    """Every function with the names of its arguments."""
    return {name: callee.names[:10] for name, callee in sorted(FUNCTIONS.items())}
