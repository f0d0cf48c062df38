"""A Pratt parser that turns an expression into a closure over its environment.

Binding powers are those of flow language 8.4; `~` and `??` bind tighter than a filter's bar.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from app.expression import operators
from app.expression.calls import call_filter, call_function, call_test
from app.expression.env import Env, Node
from app.expression.errors import ExpressionError, UndefinedError
from app.expression.lexer import Token, literal_parts, tokens
from app.expression.values import compare, equals, is_true, to_text

BINARY = {
    "or": 10,
    "and": 15,
    "is": 20,
    "contains": 20,
    "isIn": 20,
    "isNotIn": 20,
    "in": 20,
    "==": 30,
    "!=": 30,
    "equals": 30,
    ">": 30,
    "<": 30,
    ">=": 30,
    "<=": 30,
    "+": 40,
    "-": 40,
    "*": 60,
    "/": 60,
    "%": 60,
    "|": 100,
    "~": 110,
    "??": 120,
    "???": 120,
    "..": 120,
}
UNARY = 500
MOST_NESTING = 100
_LITERALS: dict[str, Any] = {
    "true": True, "TRUE": True, "false": False, "FALSE": False,
    "null": None, "NULL": None, "none": None, "NONE": None,
}  # fmt: skip


class Parser:
    """Parses one expression; tags use it through `tokens` and `take` as well."""

    def __init__(self, text: str, line: int, source: str) -> None:
        self.source = source
        self.text = text
        self.line = line
        self.tokens = tokens(text, line)
        self.at = 0
        self.depth = 0

    # -- tokens

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """Reads the next token."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, text: str) -> bool:
        """Reads the next token if it is this operator or word."""
        if self.token.text == text and self.token.kind in ("op", "name"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Reads an operator or word that must come. Raises ExpressionError."""
        if not self.accept(text):
            raise self.error(f"expected `{text}`")

    def name(self) -> str:
        """Reads a name. Raises ExpressionError."""
        token = self.take()
        if token.kind != "name":
            raise self.error("expected a name", token)
        return token.text

    def error(self, what: str, token: Token | None = None) -> ExpressionError:
        """An error at a token."""
        found = (token or self.token).text or "the end"
        return ExpressionError(f"{what} at `{found}` in `{self.text}` at line {self.line}")

    # -- expressions

    def whole(self) -> Node:
        """The expression up to the end of the text."""
        node = self.expression()
        if self.token.kind != "end":
            raise self.error("unexpected text")
        return node

    def expression(self) -> Node:
        """An expression with its `? :`."""
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise self.error("the expression is nested too deeply")
        condition = self.binary(0)
        if self.accept("?"):
            first = self.expression()
            self.expect(":")
            second = self.expression()
            chosen = condition

            def ternary(env: Env) -> Any:
                return first(env) if is_true(chosen(env), "`? :`", null=False) else second(env)

            condition = ternary
        self.depth -= 1
        return condition

    def binary(self, least: int) -> Node:
        """Operators that bind tighter than `least`."""
        left = self.unary()
        while True:
            token = self.token
            power = BINARY.get(token.text, 0) if token.kind in ("op", "name") else 0
            if power <= least:
                return left
            self.take()
            left = self.combine(token.text, power, left)

    def unary(self) -> Node:
        """`not`, `-`, `+` and what they stand before: they bind tightest of all."""
        token = self.token
        if token.kind == "name" and token.text == "not":
            self.take()
            inner = self.nested_unary()
            return lambda env: not is_true(inner(env), "`not`")
        if token.kind == "op" and token.text in "+-":
            self.take()
            inner = self.nested_unary()
            return (lambda env: operators.negate(inner(env))) if token.text == "-" else inner
        return self.postfix(self.primary())

    def nested_unary(self) -> Node:
        """The operand of a prefix, with a bound on how many there are."""
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise self.error("the expression is nested too deeply")
        node = self.unary()
        self.depth -= 1
        return node

    def combine(self, operator: str, power: int, left: Node) -> Node:
        """The node of a binary operator that was just read."""
        if operator == "|":
            return self.filter(left)
        if operator == "is":
            return self.test(left)
        right = self.binary(power)
        if operator in ("??", "???"):
            return _coalesce(left, right, keeps_null=operator == "???")
        if operator == "and":
            return lambda env: is_true(left(env), "`and`") and is_true(right(env), "`and`")
        if operator == "or":
            return lambda env: is_true(left(env), "`or`") or is_true(right(env), "`or`")
        if operator in (">", "<", ">=", "<="):
            return _comparison(operator, left, right)
        act: Callable[[Any, Any], Any] = _OPERATORS[operator]
        return lambda env: act(left(env), right(env))

    def filter(self, left: Node) -> Node:
        """A filter after its bar."""
        name = self.name()
        positional, named = self.arguments() if self.accept("(") else ((), {})
        return call_filter(name, left, positional, named)

    def test(self, left: Node) -> Node:
        """`is [not] name [(…)]`."""
        negated = self.accept("not")
        name = self.name()
        positional: Sequence[Node] = ()
        if self.accept("("):
            positional, _ = self.arguments()
        check = call_test(name, left, positional)
        return (lambda env: not check(env)) if negated else check

    def arguments(self) -> tuple[tuple[Node, ...], dict[str, Node]]:
        """Arguments up to the closing bracket, positional ones first."""
        positional: list[Node] = []
        named: dict[str, Node] = {}
        for _ in self.items(")"):
            following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
            if self.token.kind == "name" and following.text == "=" and following.kind == "op":
                key = self.name()
                self.expect("=")
                named[key] = self.expression()
            elif named:
                raise self.error("arguments without a name come before those with one")
            else:
                positional.append(self.expression())
        return tuple(positional), named

    def items(self, closing: str) -> Iterator[None]:
        """Stands before each item up to the closing bracket; a comma stands between two."""
        if self.accept(closing):
            return
        while True:
            yield
            if self.accept(closing):
                return
            if not self.accept(","):
                raise self.error(f"expected `,` or `{closing}`")

    # -- primaries

    def primary(self) -> Node:
        """A literal, a name, a call, a bracketed expression, a list or a map."""
        token = self.take()
        if token.kind == "number":
            return self.number(token.text)
        if token.kind == "string":
            return self.string(token.text)
        if token.kind == "name":
            return self.named(token.text)
        if token.text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.text == "[":
            return self.list_literal()
        if token.text == "{":
            return self.map_literal()
        raise self.error("unexpected text", token)

    def number(self, text: str) -> Node:
        """A long or a double."""
        is_double = any(mark in text for mark in ".eE")
        value: Any = float(text.rstrip("L")) if is_double else int(text.rstrip("L"))
        if isinstance(value, int) and value >= 2**63:
            raise self.error("the number is too large for 64 bits", Token("number", text))
        return lambda env: value

    def string(self, text: str) -> Node:
        """A text; in double quotes `#{…}` is replaced by its value."""
        parts = [
            Parser(part, self.line, self.source).whole() if code else _constant(part)
            for code, part in literal_parts(text)
        ]
        if len(parts) == 1:
            return parts[0]
        return lambda env: "".join(to_text(part(env)) for part in parts)

    def named(self, name: str) -> Node:
        """A literal word, a function call or a root variable."""
        if name in _LITERALS:
            value = _LITERALS[name]
            return lambda env: value
        if self.accept("("):
            positional, named = self.arguments()
            return call_function(name, positional, named, (self.source, self.line))
        source, line = self.source, self.line

        def root(env: Env) -> Any:
            env.budget.step()
            found, value = env.find(name)
            if not found:
                raise UndefinedError(name, source, line)
            return value

        return root

    def list_literal(self) -> Node:
        """`[a, b]`."""
        items = [self.expression() for _ in self.items("]")]
        return lambda env: [item(env) for item in items]

    def map_literal(self) -> Node:
        """`{'k': v}`."""
        pairs: list[tuple[Node, Node]] = []
        for _ in self.items("}"):
            key = self.binary(0)
            self.expect(":")
            pairs.append((key, self.expression()))
        return lambda env: {_key(key(env)): value(env) for key, value in pairs}

    def postfix(self, node: Node) -> Node:
        """`.name` and `[expression]`, any number of times."""
        while True:
            if self.accept("."):
                token = self.take()
                if token.kind not in ("name", "number"):
                    raise self.error("expected a name", token)
                if self.accept("("):
                    positional, _ = self.arguments()
                    node = call_filter("." + token.text, node, positional, {})
                    continue
                node = self.member(node, _constant(token.text))
            elif self.accept("["):
                key = self.expression()
                self.expect("]")
                node = self.member(node, key)
            else:
                return node

    def member(self, node: Node, key: Node) -> Node:
        """The value under a key or an index. Raises UndefinedError for one that is not there."""
        source, line = self.source, self.line

        def access(env: Env) -> Any:
            env.budget.step()
            owner, name = node(env), key(env)
            if isinstance(owner, Mapping):
                found = _in_map(owner, name)
                if found is not _MISSING:
                    return found
            elif isinstance(owner, Sequence) and not isinstance(owner, str):
                index = _index(name)
                if index is not None and 0 <= index < len(owner):
                    return owner[index]
            if isinstance(owner, Sequence) and isinstance(name, str) and name in SIZES:
                return SIZES[name](owner)
            raise UndefinedError(to_text(name), source, line)

        return access


_MISSING = object()
#: what a list or a text tells of itself without brackets, as in Java
SIZES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "size": len,
    "length": len,
    "empty": lambda owner: not owner,
}


def _constant(value: Any) -> Node:
    return lambda env: value


def _key(value: Any) -> str:
    return to_text(value)


def _in_map(owner: Mapping[Any, Any], name: Any) -> Any:
    try:
        return owner[name]
    except (KeyError, TypeError):
        pass
    text = to_text(name)
    return owner.get(text, _MISSING)


def _index(name: Any) -> int | None:
    if isinstance(name, int) and not isinstance(name, bool):
        return name
    return int(name) if isinstance(name, str) and name.isdecimal() and len(name) < 10 else None


def _coalesce(left: Node, right: Node, *, keeps_null: bool) -> Node:
    def coalesce(env: Env) -> Any:
        try:
            value = left(env)
        except UndefinedError:
            return right(env)
        return value if keeps_null or value is not None else right(env)

    return coalesce


def _comparison(operator: str, left: Node, right: Node) -> Node:
    accepted = {">": (1,), "<": (-1,), ">=": (1, 0), "<=": (-1, 0)}[operator]
    return lambda env: compare(left(env), right(env), operator) in accepted


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "%": operators.modulo,
    "~": lambda a, b: to_text(a) + to_text(b),
    "..": operators.range_of,
    "==": equals,
    "equals": equals,
    "!=": lambda a, b: not equals(a, b),
    "contains": operators.contains,
    "isIn": operators.is_in,
    "in": operators.is_in,
    "isNotIn": lambda a, b: not operators.is_in(a, b),
}
