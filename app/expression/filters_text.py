"""Filters on texts. Null in, null out."""

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import regex

from app.expression.calls import filter_
from app.expression.env import MOST_CHARS
from app.expression.errors import BudgetExceeded, ExpressionError
from app.expression.values import to_text, type_name

REGEX_SECONDS = 2.0
_LINE_END = re.compile(r"\r\n|\n|\r")


def java_regex(pattern: str) -> "regex.Pattern[str]":
    """A pattern of Java's syntax. Raises ExpressionError for a wrong one."""
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise ExpressionError(f"invalid pattern [{pattern}]: {error}") from None


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Every match replaced; `$1` and `${name}` stand for groups."""
    template = re.sub(r"\\(?!\$)", r"\\\\", replacement)
    template = re.sub(r"(?<!\\)\$(\d+)", r"\\g<\1>", template)
    template = re.sub(r"(?<!\\)\$\{(\w+)\}", r"\\g<\1>", template).replace(r"\$", "$")
    try:
        return str(java_regex(pattern).sub(template, text, timeout=REGEX_SECONDS))
    except TimeoutError:
        raise ExpressionError(f"the pattern [{pattern}] takes too long") from None
    except (regex.error, IndexError) as error:
        raise ExpressionError(f"invalid replacement [{replacement}]: {error}") from None


def _text_filter(name: str, act: Any) -> None:
    filter_(name)(lambda value: None if value is None else act(to_text(value)))


def _of_a_text(name: str, act: Any) -> None:
    """Registers a filter on the bytes of a text: a list or a map has none."""

    @filter_(name)
    def run(value: Any) -> Any:
        if isinstance(value, Mapping | list | tuple):
            raise ExpressionError(f"`{name}` needs a text, not {type_name(value)}")
        return None if value is None else act(to_text(value).encode())


def _digest(algorithm: str) -> Any:
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


_text_filter("upper", str.upper)
_text_filter("lower", str.lower)
_text_filter("trim", str.strip)
_text_filter("capitalize", lambda text: re.sub(r"\S", lambda m: m[0].upper(), text, count=1))
_text_filter("title", lambda text: re.sub(r"\S+", lambda m: m[0][:1].upper() + m[0][1:], text))
_text_filter("urlencode", lambda text: quote_plus(text, safe="*-._"))
_text_filter("urldecode", unquote_plus)
_of_a_text("base64encode", lambda data: base64.b64encode(data).decode())
_text_filter("escape", lambda text: html.escape(text).replace("&#x27;", "&#39;"))
_text_filter("raw", str)  # nothing is escaped unless it is asked for
for _algorithm in ("md5", "sha1", "sha256", "sha512"):
    _of_a_text(_algorithm, _digest(_algorithm))
_text_filter(".toUpperCase", str.upper)
_text_filter(".toLowerCase", str.lower)
_text_filter(".trim", str.strip)


@filter_("base64decode")
def base64decode(value: Any) -> Any:
    """The text of base64. Raises ExpressionError for what is none."""
    if value is None:
        return None
    try:
        return base64.b64decode(to_text(value), validate=True).decode()
    except ValueError:
        raise ExpressionError("the value is no base64 of a UTF-8 text") from None


@filter_("slugify")
def slugify(value: Any) -> Any:
    """Lower-case words joined by dashes, without accents."""
    if value is None:
        return None
    text = re.sub(r"\s+", "-", to_text(value))
    text = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^\w-]", "", text).replace("_", "-")
    return re.sub(r"-{2,}", "-", text).strip("-").lower()


@filter_("abbreviate")
def abbreviate(value: Any, length: int) -> Any:
    """At most `length` characters, the last three being dots when it was longer."""
    if value is None:
        return None
    text = to_text(value)
    if length < 0:
        raise ExpressionError("the length of `abbreviate` must not be negative")
    if len(text) <= length:
        return text
    return text[:length] if length <= 3 else text[: length - 3] + "..."


@filter_("truncate")
def truncate(value: Any, length: int) -> Any:
    """The first `length` characters."""
    return None if value is None else to_text(value)[:length]


def _deep(value: Any, act: Any) -> Any:
    if isinstance(value, str):
        return act(value)
    if isinstance(value, Mapping):
        return {act(key): _deep(item, act) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_deep(item, act) for item in value]
    return value


@filter_("replace")
def replace(value: Any, replace_pairs: Mapping[str, Any], regexp: bool = False) -> Any:
    """Each key of the pairs replaced by its value, in order; maps and lists are gone through."""
    if value is None:
        return None
    if not isinstance(replace_pairs, Mapping):
        raise ExpressionError("`replace` needs a map of what to replace")

    def act(text: str) -> str:
        for old, new in replace_pairs.items():
            new_text = to_text(new)
            text = replace_all(old, new_text, text) if regexp else text.replace(old, new_text)
        return text

    return _deep(value if isinstance(value, Mapping | list | tuple) else to_text(value), act)


_ESCAPES = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}


@filter_("escapeChar")
def escape_char(value: Any, type_: str) -> Any:
    """Quotes escaped for a text in `single` or `double` quotes, or for a `shell`."""
    if value is None:
        return None
    kind = to_text(type_).lower()
    if kind not in _ESCAPES:
        raise ExpressionError("`escapeChar` knows the types single, double and shell")
    old, new = _ESCAPES[kind]
    return _deep(value, lambda text: text.replace(old, new))


filter_("sh")(lambda value: escape_char(value, "shell"))


@filter_("condense")
def condense(value: Any) -> str:
    """A text on one line: its line ends are left out."""
    return _only_text(value, "condense").replace("\n", "")


@filter_("nl2br")
def line_ends_to_html(value: Any) -> Any:
    """A text with `<br />` for each of its line ends."""
    return None if value is None else _LINE_END.sub("<br />", _only_text(value, "nl2br"))


def _only_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ExpressionError(f"`{name}` needs a text, not {type_name(value)}")
    return value


@filter_("indent")
def indent(value: Any, amount: int, prefix: str = " ") -> Any:
    """All lines but the first one indented."""
    if value is None:
        return None
    text = to_text(value)
    margin = _margin(prefix, amount, text.count("\n") + 1)
    return _LINE_END.sub(lambda end: end[0] + margin, text)


def _margin(prefix: str, amount: int, lines: int) -> str:
    """What stands before each of some lines. Raises BudgetExceeded."""
    if len(prefix) * amount * lines > MOST_CHARS:
        raise BudgetExceeded(f"the indented text is longer than {MOST_CHARS} characters")
    return prefix * amount


@filter_("nindent")
def nindent(value: Any, amount: int, prefix: str = " ") -> Any:
    """A new line, then all lines indented."""
    if value is None or value == "":
        return value
    end = _LINE_END.search(to_text(value))
    return (end[0] if end else "\n") + _margin(prefix, amount, 1) + indent(value, amount, prefix)


@filter_("split", ".split")
def split(value: Any, delimiter: str, limit: int = 0) -> Any:
    """The parts between matches of a pattern; empty ones at the end are dropped without a limit."""
    if value is None:
        return None
    text = to_text(value)
    most = max(limit - 1, 0) if limit > 0 else 0
    try:
        parts = java_regex(delimiter).split(text, maxsplit=most, timeout=REGEX_SECONDS)
    except TimeoutError:
        raise ExpressionError(f"the pattern [{delimiter}] takes too long") from None
    if limit == 1:
        return [text]
    if parts and parts[0] == "" and delimiter == "":
        parts = parts[1:]
    while limit == 0 and len(parts) > 1 and parts[-1] == "":
        parts.pop()
    return parts


@filter_("substringBefore")
def substring_before(value: Any, separator: str) -> Any:
    """What stands before the first separator; all of it when there is none."""
    return None if value is None else to_text(value).split(separator, 1)[0] if separator else ""


@filter_("substringBeforeLast")
def substring_before_last(value: Any, separator: str) -> Any:
    """What stands before the last separator; all of it when there is none."""
    if value is None or not separator:
        return value
    return to_text(value).rsplit(separator, 1)[0]


@filter_("substringAfter")
def substring_after(value: Any, separator: str) -> Any:
    """What stands after the first separator; nothing when there is none."""
    if value is None or not separator:
        return value
    return to_text(value).partition(separator)[2]


@filter_("substringAfterLast")
def substring_after_last(value: Any, separator: str) -> Any:
    """What stands after the last separator; nothing when there is none."""
    if value is None:
        return None
    _, found, after = to_text(value).rpartition(separator) if separator else ("", "", "")
    return after if found else ""


@filter_("startsWith", ".startsWith")
def starts_with(text: Any, value: Any) -> Any:
    """Whether a text begins with another one."""
    return None if text is None else to_text(text).startswith(to_text(value))


@filter_("endsWith", ".endsWith")
def ends_with(text: Any, value: Any) -> Any:
    """Whether a text ends with another one."""
    return None if text is None else to_text(text).endswith(to_text(value))


@filter_("regexMatch")
def regex_match(value: Any, regex: str) -> bool:
    """Whether a part of the text fits a pattern; never of null."""
    return value is not None and _search(regex, value) is not None


def _search(pattern: str, value: Any) -> Any:
    try:
        return java_regex(pattern).search(to_text(value), timeout=REGEX_SECONDS)
    except TimeoutError:
        raise ExpressionError(f"the pattern [{pattern}] takes too long") from None


@filter_("regexReplace")
def regex_replace(value: Any, regex: str, replacement: str) -> Any:
    """Every match of a pattern replaced."""
    return None if value is None else replace_all(regex, replacement, to_text(value))


@filter_("regexExtract")
def regex_extract(value: Any, regex: str, group: int = 0) -> Any:
    """The first match of a pattern, or one group of it; null when there is none."""
    match = None if value is None else _search(regex, value)
    return match.group(group) if match else None


@filter_(".substring")
def method_substring(value: Any, start: int, end: int | None = None) -> Any:
    """A part of a text. Raises ExpressionError out of range."""
    text = to_text(value)
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise ExpressionError(f"`substring` from {start} to {stop} is out of range")
    return text[start:stop]


filter_(".replace")(lambda value, old, new: to_text(value).replace(to_text(old), to_text(new)))
filter_(".indexOf")(lambda value, part: to_text(value).find(to_text(part)))
filter_(".toString")(to_text)
