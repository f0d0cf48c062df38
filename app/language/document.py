"""YAML text to plain data, with the line and column of every part; hostile documents are bounded.

Scalars are those of YAML 1.2's core: `yes`, `on`, `12:30` and dates stay texts, `0777` is 777.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.errors import Invalid, Violation

MOST_BYTES = 1_000_000
MOST_DEPTH = 64
MOST_NODES = 50_000

Path = tuple[str | int, ...]
_INT = re.compile(r"[-+]?\d{1,300}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}|0o[0-7]{1,20}")
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d{1,3})?")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_BARE_EXPRESSION = re.compile(r"(?:^|: +|- +|[\[,] *)\{\{")
_BARE_COLON = re.compile(r"""\s*(?:- +)*[\w.-]+: +[^\s"'|>\[{&*#].*: """)
_QUOTE_EXPRESSION = '; a value that begins with {{ needs quotes: "{{ … }}"'
_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass(frozen=True)
class Document:
    """A parsed document: its data and where each path stands (line and column from 1)."""

    data: Any
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    ends: Mapping[Path, int] = field(default_factory=dict)  #: columns after what fits on a line

    def mark(self, path: Path) -> tuple[int | None, int | None]:
        """Where a path stands, else the nearest part around it that has a place."""
        while path not in self.marks:
            if not path:
                return None, None
            path = path[:-1]
        return self.marks[path]

    def violation(self, path: Path, message: str) -> Violation:
        """Something wrong at a path."""
        shown = show(path)
        while path and path not in self.marks:
            path = path[:-1]
        line, column = self.mark(path)
        return Violation(
            path=shown, message=message, line=line, column=column, end_column=self.ends.get(path)
        )


def show(path: Path) -> str:
    """`('tasks', 0, 'id')` as `tasks[0].id`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


class DocumentError(Invalid):
    """The text is no YAML document that we accept."""


def _fail(message: str, mark: Any = None, path: Path = ()) -> DocumentError:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
    violation = Violation(path=show(path), message=message, line=line, column=column)
    return DocumentError("Illegal flow yaml", (violation,))


def _hint(text: str, mark: Any) -> str:
    """What the line of a mistake most likely lacks: quotes, as a reader of YAML would add them."""
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if _BARE_EXPRESSION.search(line):
        return _QUOTE_EXPRESSION
    if _BARE_COLON.match(line):
        return "; a value that holds `: ` needs quotes"
    return ""


class _Reader:
    """Walks the node tree once: plain data out, everything counted."""

    def __init__(self) -> None:
        self.nodes = 0
        self.marks: dict[Path, tuple[int, int]] = {}
        self.ends: dict[Path, int] = {}
        self.open: set[int] = set()

    def value(self, node: Node, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _fail(f"the document holds more than {MOST_NODES} values", node.start_mark)
        if len(path) > MOST_DEPTH:
            raise _fail(f"the document is nested more than {MOST_DEPTH} deep", node.start_mark)
        if path not in self.marks:
            self.mark(path, node)
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        if id(node) in self.open:
            raise _fail("an alias holds itself", node.start_mark, path)
        if node.tag not in _PLAIN_TAGS:
            raise _fail(f"the tag {node.tag} is not allowed", node.start_mark, path)
        self.open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            assert isinstance(node, MappingNode)
            return self.mapping(node, path)
        finally:
            self.open.discard(id(node))

    def mark(self, path: Path, node: Node) -> None:
        start, end = node.start_mark, node.end_mark
        self.marks[path] = (start.line + 1, start.column + 1)
        if start.line == end.line:
            self.ends[path] = end.column + 1

    def scalar(self, node: ScalarNode) -> Any:
        text: str = node.value
        if "\x00" in text:
            raise _fail("the document holds a NUL character", node.start_mark)
        if node.style or node.tag == "tag:yaml.org,2002:str":
            return text
        if node.tag != "?":
            raise _fail(f"the tag {node.tag} is not allowed", node.start_mark)
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _HEX.fullmatch(text):
            return int(text, 0)
        return float(text) if _FLOAT.fullmatch(text) else text

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        seen: dict[Hashable, Any] = {}
        merged: list[dict[str, Any]] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                hint = _QUOTE_EXPRESSION if isinstance(key_node, MappingNode) else ""
                raise _fail("a key must be a text" + hint, key_node.start_mark, path)
            key: str = key_node.value
            if key == "<<" and not key_node.style:
                merged.extend(self.merge(value_node, path))
                continue
            if key in seen:
                raise _fail(
                    f"Duplicate field '{key}', first on line {seen[key].line + 1}",
                    key_node.start_mark,
                    (*path, key),
                )
            seen[key] = key_node.start_mark
            self.mark((*path, key), key_node)
            found[key] = self.value(value_node, (*path, key))
        for more in merged:
            found = {**more, **found}
        return found

    def merge(self, node: Node, path: Path) -> list[dict[str, Any]]:
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        values = [self.value(item, (*path, "<<")) for item in nodes]
        if not all(isinstance(value, dict) for value in values):
            raise _fail("a merge key needs a map", node.start_mark, path)
        return values


class _Loader(yaml.CSafeLoader):
    """Composes nodes; scalars are resolved by `_Reader`."""

    yaml_implicit_resolvers: Any = {}

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Plain scalars keep the tag `?`, so that the reader decides."""
        tag = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return "?" if kind is ScalarNode and implicit[0] else tag


def read_document(text: str | bytes) -> Document:
    """The one document of a text. Raises DocumentError naming line and column."""
    documents = read_documents(text)
    if len(documents) > 1:
        raise _fail("the text holds more than one document")
    return documents[0] if documents else Document(None)


def read_documents(text: str | bytes, limit: int = MOST_BYTES) -> list[Document]:
    """Every document of a text. Raises DocumentError."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _fail(f"the text is not UTF-8 (byte {error.start})") from None
    if len(text) > limit:
        raise _fail(f"the text is longer than {limit} characters")
    try:
        loader = _Loader(text)
        try:
            found = []
            while loader.check_node():
                node = loader.get_node()
                assert node is not None
                reader = _Reader()
                found.append(Document(reader.value(node, ()), reader.marks, reader.ends))
            return found
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        problem = " ".join(filter(None, (error.context, error.problem)))
        problem = (problem or "malformed YAML") + _hint(text, error.problem_mark)
        raise _fail(problem, error.problem_mark) from None
    except yaml.YAMLError as error:
        raise _fail(f"malformed YAML: {error}") from None
    except RecursionError:
        raise _fail(f"the document is nested more than {MOST_DEPTH} deep") from None


def split_documents(text: str) -> list[str]:
    """The texts of documents that `---` lines separate; empty ones are left out."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if line.rstrip() == "---":
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in map("".join, parts) if part.strip()]
