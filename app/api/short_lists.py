"""Lists that are in memory whole: sorted by their fields on the wire, and paged."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.api.web import answer, page, sort
from app.database.ordering import check

WHOLE = 10_000  #: rows of a list that programs read whole


def page_of(shown: Sequence[dict[str, Any]], fields: str, size: int = WHOLE) -> Response:
    """The page of a list that `page`, `size` and `sort` ask for, in its own order without `sort`.

    `fields` are those that it can be sorted by, with blanks between; items without one come last.
    Raises BadRequest for another field, Invalid for a page that is none.
    """
    at, many = page(size)
    asked, found = sort(), list(shown)
    check(asked, fields.split())
    for name, is_down in reversed(asked):
        held = [item for item in found if item.get(name) is not None]
        bare = [item for item in found if item.get(name) is None]
        found = sorted(held, key=lambda item: item[name], reverse=is_down) + bare
    part = found[(at - 1) * many : at * many]
    return answer({"results": part, "total": len(found)})
