"""Binds filters, functions and tests to their arguments; the tables are closed."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.expression.env import Env, Node
from app.expression.errors import ExpressionError, UndefinedError
from app.expression.values import is_empty

Act = Callable[..., Any]


@dataclass(frozen=True)
class Callee:
    """A filter or function: its code and the names of its arguments, in order."""

    act: Act
    names: tuple[str, ...]
    wants_env: bool
    spelled: Mapping[str, str] = field(default_factory=dict)  #: names that Python reserves

    @classmethod
    def of(cls, act: Act, skip: int) -> "Callee":
        """Reads the signature: an `env` comes first, then `skip` values that are given."""
        names = list(inspect.signature(act).parameters)
        wants_env = bool(names) and names[0] == "env"
        own = names[wants_env + skip :]
        return cls(
            act, tuple(n.rstrip("_") for n in own), wants_env, {n.rstrip("_"): n for n in own}
        )


FILTERS: dict[str, Callee] = {}
FUNCTIONS: dict[str, Callee] = {}
TESTS: dict[str, Act] = {}


def snake(name: str) -> str:
    """`timeZone` as Python spells it: `time_zone`."""
    return "".join("_" + char.lower() if char.isupper() else char for char in name)


def filter_(*names: str) -> Callable[[Act], Act]:
    """Registers a filter under its names."""

    def register(act: Act) -> Act:
        for name in names:
            FILTERS[name] = Callee.of(act, skip=1)
        return act

    return register


def function(*names: str) -> Callable[[Act], Act]:
    """Registers a function under its names."""

    def register(act: Act) -> Act:
        for name in names:
            FUNCTIONS[name] = Callee.of(act, skip=0)
        return act

    return register


def _bind(
    kind: str, name: str, callee: Callee, positional: Sequence[Node], named: Mapping[str, Node]
) -> dict[str, Node]:
    if len(positional) > len(callee.names):
        raise ExpressionError(f"the {kind} `{name}` takes at most {len(callee.names)} arguments")
    bound = dict(zip(callee.names, positional, strict=False))
    for key, node in named.items():
        found = snake(key)
        if found not in callee.names:
            raise ExpressionError(f"the {kind} `{name}` has no argument `{key}`")
        bound[found] = node
    return bound


def _run(name: str, callee: Callee, env: Env, first: tuple[Any, ...], named: Any) -> Any:
    env.budget.step()
    values = {callee.spelled.get(key, key): node(env) for key, node in named.items()}
    try:
        made = callee.act(*((env,) if callee.wants_env else ()), *first, **values)
        if env.world.hides:
            env.world.derive((*first, *values.values()), made)
        return made
    except ExpressionError:
        raise
    except (TypeError, ValueError, OverflowError, ArithmeticError, LookupError) as error:
        raise ExpressionError(f"`{name}`: {error}") from None
    except RecursionError:
        raise ExpressionError(f"`{name}`: the value is nested too deeply") from None


def call_filter(
    name: str, left: Node, positional: Sequence[Node], named: Mapping[str, Node]
) -> Node:
    """The node of `left | name(…)`. Raises ExpressionError for an unknown filter."""
    callee = FILTERS.get(name)
    if callee is None:
        what = "Method" if name.startswith(".") else "Filter"
        raise ExpressionError(f"{what} [{name.lstrip('.')}] does not exist.")
    bound = _bind("filter", name, callee, positional, named)
    if name == "default":
        return _default(left, bound)

    def run(env: Env) -> Any:
        return _run(name, callee, env, (left(env),), bound)

    return run


def _default(left: Node, bound: Mapping[str, Node]) -> Node:
    other = bound.get("default")
    if other is None:
        raise ExpressionError("the filter `default` needs a value")

    def run(env: Env) -> Any:
        try:
            value = left(env)
        except UndefinedError:
            return other(env)
        return other(env) if is_empty(value) else value

    return run


def call_function(
    name: str, positional: Sequence[Node], named: Mapping[str, Node], where: tuple[str, int]
) -> Node:
    """The node of `name(…)`: a function, or a macro of the template."""
    callee = FUNCTIONS.get(name)
    if callee is None:
        return _macro(name, positional, named, where)
    bound = _bind("function", name, callee, positional, named)
    return lambda env: _run(name, callee, env, (), bound)


def _macro(
    name: str, positional: Sequence[Node], named: Mapping[str, Node], where: tuple[str, int]
) -> Node:
    def run(env: Env) -> Any:
        macro = env.macros.get(name)
        if macro is None:
            raise ExpressionError(
                f"Function or Macro [{name}] does not exist. ({where[0]} at line {where[1]})"
            )
        given = [node(env) for node in positional]
        return macro(env, given, {key: node(env) for key, node in named.items()})

    return run


def call_test(name: str, left: Node, positional: Sequence[Node]) -> Node:
    """The node of `left is name`; a missing name is not defined, null and empty."""
    test = TESTS.get(name)
    if test is None:
        raise ExpressionError(f"Test [{name}] does not exist.")

    def run(env: Env) -> Any:
        env.budget.step()
        try:
            value = left(env)
        except UndefinedError:
            if name not in ("defined", "null", "empty"):
                raise
            value = None
        try:
            return test(value, *(node(env) for node in positional))
        except TypeError as error:
            raise ExpressionError(f"test `{name}`: {error}") from None

    return run
