"""Tags and whole templates: if, for, set, macro, block, filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.expression.calls import call_filter
from app.expression.env import Env, Node
from app.expression.errors import ExpressionError
from app.expression.lexer import Piece, split
from app.expression.operators import add
from app.expression.parser import Parser
from app.expression.values import is_true, to_text


@dataclass(frozen=True)
class Template:
    """A compiled template: its parts in order; each gives a piece of text or a value."""

    source: str
    parts: tuple[Node, ...]
    macros: Mapping[str, Any] = field(default_factory=dict)

    def text(self, env: Env) -> str:
        """The rendered text."""
        return "".join(env.budget.text(to_text(part(env))) for part in self.parts)

    def value(self, env: Env, *, loose: bool = False) -> Any:
        """The rendered value: the native one when the template is one single output.

        What stands beside text is a text itself; only `loose` makes one of it.
        """
        result: Any = None
        for n, part in enumerate(self.parts):
            value = part(env)
            result = value if n == 0 else _join(result, value, loose)
        return "" if not self.parts else result


def _join(left: Any, right: Any, loose: bool) -> Any:
    if left is None or left == "":
        return right
    if right is None or right == "":
        return left
    if loose or (isinstance(left, str) and isinstance(right, str)):
        return to_text(left) + to_text(right)
    raise ExpressionError(f"Tried to add {to_text(right)!r} to {to_text(left)!r}")


def compile_template(source: str) -> Template:
    """Parses a template. Raises ExpressionError that names the line."""
    compiler = _Compiler(split(source))
    parts = compiler.body(())
    return Template(source, tuple(parts), compiler.macros)


def _print(parts: Sequence[Node]) -> Node:
    return lambda env: "".join(env.budget.text(to_text(part(env))) for part in parts)


class _Compiler:
    """Turns pieces into nodes; a tag's body ends at the word that closes it."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.at = 0
        self.closed_by: Parser | None = None
        self.closer = ""
        self.depth = 0
        self.macros: dict[str, Any] = {}  #: known in the whole template, wherever they stand

    def body(self, closers: tuple[str, ...]) -> list[Node]:
        """Nodes up to one of the closing words (or to the end, when there is none)."""
        parts: list[Node] = []
        self.depth += 1
        if self.depth > 60:
            raise ExpressionError("tags are nested too deeply")
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.kind == "text":
                parts.append(_text(piece.text))
            elif piece.kind == "output":
                parts.append(Parser(piece.text, piece.line, piece.source).whole())
            else:
                parser = Parser(piece.text, piece.line, piece.source)
                word = parser.name()
                if word in closers:
                    self.closer, self.closed_by = word, parser
                    self.depth -= 1
                    return parts
                parts.append(self.tag(word, parser))
        if closers:
            raise ExpressionError(f"`{{% {closers[-1]} %}}` is missing")
        self.depth -= 1
        return parts

    def tag(self, word: str, parser: Parser) -> Node:
        """The node of a tag whose name was just read."""
        make = getattr(self, "tag_" + word, None)
        if make is None:
            raise ExpressionError(f"Unexpected tag name [{word}] at line {parser.line}")
        node: Node = make(parser)
        return node

    def tag_if(self, parser: Parser) -> Node:
        """if, elseif, else."""
        branches: list[tuple[Node | None, Node]] = []
        condition: Node | None = parser.whole()
        while True:
            body = _print(self.body(("elseif", "else", "endif")))
            branches.append((condition, body))
            if self.closer == "endif":
                break
            assert self.closed_by is not None
            condition = self.closed_by.whole() if self.closer == "elseif" else None

        def run(env: Env) -> Any:
            for check, then in branches:
                if check is None or is_true(check(env), "`if`"):
                    return then(env)
            return ""

        return run

    def tag_for(self, parser: Parser) -> Node:
        """for … in … else."""
        name = parser.name()
        parser.expect("in")
        values = parser.whole()
        body = _print(self.body(("else", "endfor")))
        other = _print(self.body(("endfor",))) if self.closer == "else" else None

        def run(env: Env) -> Any:
            items = _items(values(env))
            if not items:
                return other(env) if other else ""
            return "".join(_rounds(env, name, items, body))

        return run

    def tag_set(self, parser: Parser) -> Node:
        """set name = expression."""
        name = parser.name()
        parser.expect("=")
        value = parser.whole()

        def run(env: Env) -> Any:
            result = value(env)
            for frame in reversed(env.local):
                if name in frame:
                    frame[name] = result
                    return ""
            env.local[-1][name] = result
            return ""

        return run

    def tag_macro(self, parser: Parser) -> Node:
        """macro name(arguments)."""
        name = parser.name()
        parser.expect("(")
        arguments: list[tuple[str, Node | None]] = []
        while not parser.accept(")"):
            argument = parser.name()
            arguments.append((argument, parser.expression() if parser.accept("=") else None))
            parser.accept(",")
        body = _print(self.body(("endmacro",)))

        def call(env: Env, given: list[Any], named: Mapping[str, Any]) -> Any:
            frame = {key: default(env) if default else None for key, default in arguments}
            frame.update(zip([key for key, _ in arguments], given, strict=False))
            frame.update(named)
            env.budget.depth += 1
            if env.budget.depth > 20:
                raise ExpressionError("macros call each other too deeply")
            outer, env.local = env.local, [frame]
            try:
                return body(env)
            finally:
                env.local = outer
                env.budget.depth -= 1

        if name in self.macros:
            raise ExpressionError(f"there are two macros `{name}` (line {parser.line})")
        self.macros[name] = call
        return _text("")

    def tag_block(self, parser: Parser) -> Node:
        """block name: printed here, and again by `block(name)`."""
        name = parser.take().text.strip("'\"")
        body = _print(self.body(("endblock",)))

        def run(env: Env) -> Any:
            env.blocks[name] = body
            return body(env)

        return run

    def tag_filter(self, parser: Parser) -> Node:
        """filter name: applied to the text of the body."""
        parser_nodes: list[tuple[str, tuple[Node, ...], dict[str, Node]]] = []
        while True:
            name = parser.name()
            positional, named = parser.arguments() if parser.accept("(") else ((), {})
            parser_nodes.append((name, positional, named))
            if not parser.accept("|"):
                break
        node = _print(self.body(("endfilter",)))
        for name, positional, named in parser_nodes:
            node = call_filter(name, node, positional, named)
        return node


def _text(text: str) -> Node:
    return lambda env: text


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [{"key": key, "value": item} for key, item in value.items()]
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ExpressionError(f"`for` needs a list or a map, not {to_text(value)[:40]!r}")
    return add([], list(value))  # type: ignore[no-any-return]


def _rounds(env: Env, name: str, items: list[Any], body: Node) -> list[str]:
    loop: dict[str, Any] = {"length": len(items)}
    if (outer := env.find("loop"))[0]:
        loop["parent"] = outer[1]
    frame = {"loop": loop}
    env.local.append(frame)
    printed = []
    try:
        for index, item in enumerate(items):
            env.budget.step()
            loop.update(
                index=index,
                first=index == 0,
                last=index == len(items) - 1,
                revindex=len(items) - index - 1,
            )
            frame[name] = item
            printed.append(body(env))
    finally:
        env.local.pop()
    return printed
