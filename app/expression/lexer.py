"""Template text to pieces (text, output, tag), and expression text to tokens."""

import re
from dataclasses import dataclass

from app.expression.errors import ExpressionError

_OPEN = re.compile(r"\{\{-?|\{%-?|\{#-?")
_RAW = re.compile(r"\{%-?\s*(raw|verbatim)\s*(-?)%\}(.*?)\{%(-?)\s*end\1\s*(-?)%\}", re.DOTALL)
_CLOSE = {"{{": re.compile(r"-?\}\}"), "{%": re.compile(r"-?%\}"), "{#": re.compile(r"-?#\}")}
MOST_SHOWN = 200  #: characters of a template that an error shows as a whole
MOST_QUOTES = 30  #: how deeply texts may stand in each other
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?L?)
  | (?P<name>[^\W\d]\w*)
  | (?P<string>["'])
  | (?P<op>\?\?\?|\?\?|\.\.|==|!=|<=|>=|[-+*/%~|<>=?:.,()\[\]{}])
)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template: `text`, `output` ({{ }}) or `tag` ({% %}); lines count from 1.

    `source` is what an error shows: the whole template, or this part of one with many lines.
    """

    kind: str
    text: str
    line: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an expression: number, name, string, op or end."""

    kind: str
    text: str


END = Token("end", "")


def literal_end(source: str, at: int, depth: int = 0) -> int:
    """The place behind the text literal that begins at `at`; -1 when it is not closed.

    In double quotes `#{…}` holds an expression, with text literals of its own.
    """
    quote, at = source[at], at + 1
    while at < len(source):
        if source[at] == "\\":
            at += 2
        elif source[at] == quote:
            return at + 1
        elif quote == '"' and source.startswith("#{", at):
            at = _interpolation_end(source, at + 2, depth + 1)
            if at < 0:
                return -1
        else:
            at += 1
    return -1


def _interpolation_end(source: str, at: int, depth: int) -> int:
    while at < len(source) and depth < MOST_QUOTES:
        if source[at] in "'\"":
            at = literal_end(source, at, depth)
            if at < 0:
                return -1
        elif source[at] == "}":
            return at + 1
        else:
            at += 1
    return -1


def literal_parts(literal: str) -> list[tuple[bool, str]]:
    """The parts of a text literal: (whether it is an expression, its text)."""
    quote, parts = literal[0], []
    start = at = 1
    while at < len(literal) - 1:
        if literal[at] == "\\":
            at += 2
        elif quote == '"' and literal.startswith("#{", at):
            end = _interpolation_end(literal, at + 2, 1)
            parts.append((False, _unescaped(literal[start:at], quote)))
            parts.append((True, literal[at + 2 : end - 1]))
            start = at = end
        else:
            at += 1
    return [*parts, (False, _unescaped(literal[start:-1], quote))]


def _unescaped(text: str, quote: str) -> str:
    return text.replace("\\" + quote, quote).replace("\\\\", "\\")


def _string_end(source: str, start: int, close: re.Pattern[str]) -> re.Match[str] | None:
    """The closing delimiter, not counting those inside string literals."""
    at, braces = start, 0
    while at < len(source):
        char = source[at]
        if char in "{}" and (braces or char == "{"):
            braces += 1 if char == "{" else -1
            at += 1
            continue
        if char in "'\"":
            at = literal_end(source, at)
            if at < 0:
                return None
            continue
        match = close.match(source, at)
        if match:
            return match
        at += 1
    return None


def split(source: str) -> list[Piece]:
    """The pieces of a template; comments are dropped, `-` trims the text beside it.

    Raises ExpressionError for a delimiter that is not closed.
    """
    pieces: list[Piece] = []
    at, trim = 0, False
    while True:
        match = _OPEN.search(source, at)
        text = source[at : match.start() if match else len(source)]
        raw = _RAW.match(source, match.start()) if match else None
        if trim:
            text = text.lstrip()
        if match and match.group().endswith("-") and not (raw and raw.group(1) == "raw"):
            text = text.rstrip()
        line = source.count("\n", 0, at) + 1
        if text:
            pieces.append(Piece("text", text, line))
        if match is None:
            return pieces
        line = source.count("\n", 0, match.start()) + 1
        if raw:
            pieces.append(Piece("text", _verbatim(raw), line))
            at, trim = raw.end(), bool(raw.group(5)) and raw.group(1) == "verbatim"
            continue
        opening = match.group()[:2]
        end = (
            _CLOSE["{#"].search(source, match.end())
            if opening == "{#"
            else _string_end(source, match.end(), _CLOSE[opening])
        )
        if end is None:
            raise ExpressionError(f"`{opening}` is not closed at line {line}")
        inner = source[match.end() : end.start()]
        if opening != "{#":
            kind = "output" if opening == "{{" else "tag"
            whole = len(source) <= MOST_SHOWN and "\n" not in source
            shown = source if whole else source[match.start() : end.end()]
            pieces.append(Piece(kind, inner.strip(), line, shown))
        at, trim = end.end(), end.group().startswith("-")


def _verbatim(block: re.Match[str]) -> str:
    """What stands between the tags; `raw` is taken out before there is any trimming."""
    _, trims_start, inner, trims_end, _ = block.groups()
    if block.group(1) == "verbatim":
        inner = inner.lstrip() if trims_start else inner
        inner = inner.rstrip() if trims_end else inner
    return inner


def tokens(text: str, line: int) -> list[Token]:
    """The tokens of an expression, the last one being `END`. Raises ExpressionError."""
    found: list[Token] = []
    at, size = 0, len(text.rstrip())
    while at < size:
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].strip()[:20]
            raise ExpressionError(f"unexpected character at `{rest}` in `{text}` at line {line}")
        kind = match.lastgroup or "op"
        begin, at = match.start(kind), match.end()
        if kind == "string":
            at = literal_end(text, begin)
            if at < 0:
                raise ExpressionError(f"a text is not closed in `{text}` at line {line}")
        found.append(Token(kind, text[begin:at]))
    found.append(END)
    return found
