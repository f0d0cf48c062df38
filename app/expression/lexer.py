"""Template text to pieces (text, output, tag), and expression text to tokens."""

import re
from dataclasses import dataclass

from app.expression.errors import ExpressionError

_OPEN = re.compile(r"\{\{-?|\{%-?|\{#-?")
_RAW = re.compile(r"\{%-?\s*(raw|verbatim)\s*(-?)%\}(.*?)\{%(-?)\s*end\1\s*(-?)%\}", re.DOTALL)
_CLOSE = {"{{": re.compile(r"-?\}\}"), "{%": re.compile(r"-?%\}"), "{#": re.compile(r"-?#\}")}
#: `#{…}` in a text in double quotes; braces may stand in the texts inside it
INTERPOLATION = re.compile(r"""\#\{((?:[^}"']|"[^"]*"|'[^']*')*)\}""")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?L?)
  | (?P<name>[^\W\d]\w*)
  | (?P<string>"(?:[^"\\\#]|\\.|\#\{(?:[^}"']|"[^"]*"|'[^']*')*\}|\#)*"|'(?:[^'\\]|\\.)*')
  | (?P<op>\?\?\?|\?\?|\.\.|==|!=|<=|>=|[-+*/%~|<>=?:.,()\[\]{}])
)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template: `text`, `output` ({{ }}) or `tag` ({% %}); lines count from 1."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an expression: number, name, string, op or end."""

    kind: str
    text: str


END = Token("end", "")


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
            at += 1
            while at < len(source) and source[at] != char:
                at += 2 if source[at] == "\\" else 1
            at += 1
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
        if trim:
            text = text.lstrip()
        if match and match.group().endswith("-"):
            text = text.rstrip()
        line = source.count("\n", 0, at) + 1
        if text:
            pieces.append(Piece("text", text, line))
        if match is None:
            return pieces
        line = source.count("\n", 0, match.start()) + 1
        raw = _RAW.match(source, match.start())
        if raw:
            inner = raw.group(3).lstrip() if raw.group(2) else raw.group(3)
            pieces.append(Piece("text", inner.rstrip() if raw.group(4) else inner, line))
            at, trim = raw.end(), bool(raw.group(5))
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
            pieces.append(Piece("output" if opening == "{{" else "tag", inner.strip(), line))
        at, trim = end.end(), end.group().startswith("-")


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
        found.append(Token(kind, match.group(kind)))
        at = match.end()
    found.append(END)
    return found
