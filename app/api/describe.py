"""What a route takes and gives, declared beside it: the OpenAPI document is made from this.

Names of query parameters mean the same on every route, so each has one schema (`openapi.py`).
Shapes are names of models in `shapes.py`: `Execution`, `Execution[]`, `Page<Execution>`; a media
type such as `text/csv` stands for bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.model.filter import Fields

F = TypeVar("F", bound=Callable[..., Any])
ATTRIBUTE = "__route__"


@dataclass(frozen=True, kw_only=True)
class RouteInfo:
    """The declaration of one route."""

    #: names; `name*` is required, `name=text` is a text here and a number on other routes
    query: tuple[str, ...] = ()
    filters: Fields | None = None
    body: str | None = None  #: yaml, text, form, filters, `json:Shape`, `file:part`
    gives: str | None = None  #: a shape or a media type; None: no body
    status: int = 200
    also: tuple[int, ...] = ()  #: other statuses than those every route of its kind has
    headers: tuple[str, ...] = ()


def takes(
    query: str = "",
    *,
    filters: Fields | None = None,
    body: str | None = None,
    gives: str | None = None,
    status: int = 200,
    also: tuple[int, ...] = (),
    headers: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Declares what the decorated route reads and answers."""
    info = RouteInfo(
        query=tuple(query.split()),
        filters=filters,
        body=body,
        gives=gives,
        status=status,
        also=also,
        headers=headers,
    )

    def mark(function: F) -> F:
        setattr(function, ATTRIBUTE, info)
        return function

    return mark


def info_of(function: Callable[..., Any]) -> RouteInfo:
    """The declaration of a route; an empty one when it has none."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, RouteInfo) else RouteInfo()
