"""What every route needs: the runtime, paging, filters, bodies, JSON answers."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, g, jsonify, request
from werkzeug.wsgi import FileWrapper

from app.errors import BadRequest, Invalid, TooLarge, Violation
from app.expression.values import instant_text
from app.model.json_text import decode
from app.model.moment import read_moment
from app.service.runtime import Runtime

PIECE_BYTES = 256 * 1024

MOST_DEPTH, MOST_IDS = 64, 10_000


def runtime() -> Runtime:
    """The runtime of this process."""
    rt: Runtime = current_app.config["RUNTIME"]
    return rt


def answer(data: Any, status: int = 200) -> Response:
    """A JSON answer."""
    response = jsonify(data)
    response.status_code = status
    return response


def without_none(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without a value are left out (2.2)."""
    return {key: value for key, value in data.items() if value is not None}


def page(size: int = 10) -> tuple[int, int]:
    """`page` from 1, and `size` from 1, which is as given where none is asked. Raises Invalid."""
    values = []
    for name, default in (("page", "1"), ("size", str(size))):
        text = request.args.get(name, default)
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < 1:
            raise Invalid(f"`{name}` must be a whole number from 1, not {text[:20]!r}")
        values.append(min(int(text), 1_000_000))
    return values[0], min(values[1], 10_000)


def sort() -> list[tuple[str, bool]]:
    """`sort=field:asc|desc`, repeatable. Raises Invalid for one without a colon."""
    found = []
    for text in request.args.getlist("sort"):
        name, colon, direction = text.rpartition(":")
        if not colon or direction.lower() not in ("asc", "desc"):
            raise Invalid(f"invalid sort {text[:60]!r}, expected field:asc or field:desc")
        found.append((name, direction.lower() == "desc"))
    return found


def flag(name: str, default: bool = False) -> bool:
    """A boolean query parameter."""
    text = request.args.get(name)
    return default if text is None else text.strip().lower() == "true"


def form_like() -> bool:
    """Whether the body is a form."""
    return request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded")


def text_body() -> str:
    """The body as text, within the limit of a flow; read once. Raises TooLarge or Invalid."""
    if "text_body" not in g:
        g.text_body = _read_text()
    return str(g.text_body)


def _read_text() -> str:
    limit = runtime().settings.max_body_bytes
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes (max_body_bytes)")
    data = request.stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes (max_body_bytes)")
    if len(data) < (request.content_length or 0):
        raise Invalid("the body ended before its Content-Length")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("the body is not UTF-8") from None


def json_body() -> Any:
    """The body as JSON; None for an empty one. Raises Invalid, with the line of the mistake."""
    text = text_body()
    try:
        data = decode(text) if text.strip() else None
    except ValueError as error:
        raise Invalid(f"malformed JSON: {error}") from None
    check_data(data)
    return data


def check_data(data: Any) -> None:
    """Raises Invalid for what is nested too deeply, and for texts that no database takes."""
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise Invalid(f"the JSON is nested more than {MOST_DEPTH} deep")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                check_text(item)
            elif isinstance(item, int) and abs(item) >= 1 << 63:
                raise Invalid(f"the number {str(item)[:20]} has more than 64 bits")
        level = below


def check_text(text: str) -> str:
    """The text. Raises Invalid when it holds a NUL or half of a surrogate pair."""
    if "\x00" in text:
        raise Invalid("a text holds a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("a text holds half of a surrogate pair") from None
    return text


def json_map(*needed: str) -> dict[str, Any]:
    """A body that is a JSON object with texts under the names needed. Raises Invalid."""
    data = json_body()
    if not isinstance(data, dict):
        raise Invalid("the body must be a JSON object")
    for name in needed:
        if not isinstance(data.get(name), str) or not data[name]:
            raise Invalid("Invalid body", (Violation(path=name, message="must be a text"),))
    return data


def texts(data: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts in a body, empty when absent. Raises Invalid."""
    found = data.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise Invalid(f"`{name}` must be a list of texts")
    return found


def json_maps(*needed: str) -> list[dict[str, Any]]:
    """A body that is a list of objects with texts under the names needed. Raises Invalid."""
    data = json_body()
    if not isinstance(data, list):
        raise Invalid("the body must be a JSON list")
    if len(data) > MOST_IDS:
        raise Invalid(f"the body names more than {MOST_IDS}")
    for i, item in enumerate(data):
        for name in needed:
            if not isinstance(item, dict) or not isinstance(item.get(name), str):
                where = Violation(path=f"[{i}].{name}", message="must be a text")
                raise Invalid("Invalid body", (where,))
    return data


def number(name: str) -> int | None:
    """A whole number of the query, None when absent. Raises Invalid."""
    text = request.args.get(name)
    if text is None or text == "":
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid(f"`{name}` must be a whole number, not {text[:20]!r}")
    return int(text)


def needed(name: str) -> str:
    """A query parameter that must be there. Raises BadRequest."""
    value = request.args.get(name)
    if value is None or value == "":
        raise BadRequest(f"the parameter `{name}` is missing")
    return value


def attachment(data: Any, name: str, media: str) -> Response:
    """A download; its name is cleared of what a header cannot hold. An open file goes in pieces."""
    kept = "".join(char for char in name if char.isprintable() and char not in '"\\')
    ascii_name = kept.encode("ascii", "replace").decode().replace("?", "_")
    value = f'attachment; filename="{ascii_name}"'
    if ascii_name != kept:
        value += f"; filename*=UTF-8''{quote(kept)}"
    if hasattr(data, "read"):  # by itself a file gives lines, and one may be as long as the file
        data = FileWrapper(data, PIECE_BYTES)
    return Response(data, mimetype=media, headers={"Content-Disposition": value})


def came_with() -> str:
    """What a request was made with: UI (our page says so, as a client may), TERRAFORM, API."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return "UI"
    return "TERRAFORM" if "terraform" in request.user_agent.string.lower() else "API"


def paged(rows: Sequence[Any], show: Callable[[Any], Any]) -> Response:
    """One page of rows that are all in memory."""
    at, size = page()
    part = rows[(at - 1) * size : at * size]
    return answer({"results": [show(row) for row in part], "total": len(rows)})


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV text; cells that a spreadsheet would run as a formula are quoted by an apostrophe."""
    return csv_rows([header, *rows])


def csv_rows(rows: Iterable[Sequence[Any]]) -> str:
    """Lines of a CSV text without a header of their own."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def id_list() -> list[str]:
    """A body that is a list of ids. Raises Invalid."""
    data = json_body()
    if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
        raise Invalid("the body must be a list of ids")
    if len(data) > MOST_IDS:
        raise Invalid(f"the body names more than {MOST_IDS} ids")
    return list(dict.fromkeys(data))


def moment(text: str, name: str) -> datetime:
    """An ISO-8601 moment of a query. Raises Invalid."""
    try:
        return read_moment(text)
    except (ValueError, OverflowError):
        raise Invalid(f"`{name}` is no ISO-8601 date: {text[:40]!r}") from None


def label_pairs(texts: Iterable[str]) -> dict[str, str]:
    """`key:value` texts; the first colon splits. Raises Invalid."""
    pairs = {}
    for text in texts:
        key, colon, value = text.partition(":")
        if not colon or not key or not value:
            raise Invalid(f"invalid label {text[:60]!r}, expected key:value")
        pairs[key] = value
    return pairs


def wire_moment(value: datetime | None) -> str | None:
    """A moment as clients read it."""
    return None if value is None else instant_text(value.astimezone(UTC))
