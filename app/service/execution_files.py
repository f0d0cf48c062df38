"""Stored files of an execution: which ones it may show, and their first rows."""

import base64
import codecs
import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from app.errors import Invalid
from app.library import Library
from app.service import executions
from app.service.runtime import Runtime
from app.storage.paths import execution_folder, namespace_folder, path_of, uri_of

simpleion = Library("amazon.ion.simpleion")

ROWS, MOST_ROWS = 100, 5000
MOST_BYTES, MOST_IMAGE = 5_000_000, 10_000_000
_IMAGES = {"jpg", "jpeg", "png", "svg", "gif", "bmp", "webp", "ico"}


def checked(rt: Runtime, execution_id: str, uri: str) -> tuple[str, str]:
    """The URI, and the execution that owns its file. Raises Invalid for any other file.

    A file of another execution is not shown here: the caller is led to its owner.
    """
    row = executions.get(rt, execution_id)
    path = path_of(uri)
    folder = execution_folder(row.namespace, row.flow_id, row.id)
    states = namespace_folder(row.namespace) + "/_states/"
    if path.startswith((folder + "/", states)):
        return uri_of(path), execution_id
    _, found, rest = path.partition("/executions/")
    owner = rest.partition("/")[0]
    if found and owner:
        other = executions.get(rt, owner)
        if path.startswith(execution_folder(other.namespace, other.flow_id, other.id) + "/"):
            return uri_of(path), owner
    raise Invalid("the file does not belong to this execution")


def as_json_lines(rt: Runtime, uri: str) -> Iterator[bytes]:
    """The rows of an Ion or JSON file, one JSON value a line. Raises Invalid for another file."""
    for value in _values(rt.storage.open(uri)):
        yield json.dumps(value, default=str).encode() + b"\n"


def _values(stream: BinaryIO) -> Iterator[Any]:
    try:
        for value in simpleion.load(stream, single_value=False, parse_eagerly=False):
            yield _plain(value)
    except (simpleion.IonException, ValueError) as error:
        raise Invalid(f"the file holds no Ion rows: {error}") from None


def _plain(value: Any) -> Any:
    """An Ion value as JSON data."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return None if "IonPyNull" in type(value).__name__ else str(value)


def preview(rt: Runtime, uri: str, rows: int, encoding: str) -> dict[str, Any]:
    """What the first rows of a file look like. Raises Invalid."""
    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError):
        raise Invalid(f"`encoding`: {encoding[:40]!r} is not known") from None
    extension = uri.rpartition("/")[2].rpartition(".")[2].lower()
    found: dict[str, Any] = {"extension": extension, "maxLine": rows, "truncated": False}
    with rt.storage.open(uri) as stream:
        if extension in _IMAGES or extension == "pdf":
            data = stream.read(MOST_IMAGE)
            kind = "PDF" if extension == "pdf" else "IMAGE"
            return found | {"type": kind, "content": base64.b64encode(data).decode()}
        if extension == "ion":
            listed = list(islice(_values(stream), rows + 1))
            return found | _cut("LIST", listed, rows)
        data = stream.read(MOST_BYTES + 1)
    return found | _text(extension, data, rows, encoding)


def _cut(kind: str, listed: list[Any], rows: int) -> dict[str, Any]:
    return {"type": kind, "content": listed[:rows], "truncated": len(listed) > rows}


def _text(extension: str, data: bytes, rows: int, encoding: str) -> dict[str, Any]:
    try:
        text = data[:MOST_BYTES].decode(encoding, "replace")
    except (LookupError, ValueError, TypeError) as error:
        raise Invalid(f"`encoding`: the file cannot be read as {encoding[:40]!r}") from error
    if extension == "csv":
        return _cut("LIST", list(islice(csv.DictReader(io.StringIO(text)), rows + 1)), rows)
    if extension == "jsonl":
        return _cut("LIST", [_json(line) for line in text.splitlines()[: rows + 1]], rows)
    lines = text.splitlines(keepends=True)
    is_cut = len(lines) > rows or len(data) > MOST_BYTES
    kind = "MARKDOWN" if extension == "md" else "TEXT"
    return {"type": kind, "content": "".join(lines[:rows]), "truncated": is_cut}


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line
