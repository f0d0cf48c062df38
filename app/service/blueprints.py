"""Ready-made flows that come with the server: files of `app/blueprints`, listed in its index."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.errors import NotFound

FOLDER = Path(__file__).parents[1] / "blueprints"
KINDS = ("flow", "app", "dashboard")


@dataclass(frozen=True)
class Blueprint:
    """One ready-made flow."""

    id: str
    title: str
    description: str
    tags: tuple[str, ...]
    source: str
    types: tuple[str, ...]  #: of its tasks and triggers


@cache
def _all() -> tuple[Blueprint, ...]:
    listed: Sequence[dict[str, Any]] = yaml.safe_load((FOLDER / "index.yaml").read_text("utf-8"))
    return tuple(_read(item) for item in listed)


def _read(item: Mapping[str, Any]) -> Blueprint:
    source = (FOLDER / f"{item['id']}.yaml").read_text("utf-8")
    return Blueprint(
        id=item["id"],
        title=item["title"],
        description=item["description"],
        tags=tuple(item["tags"]),
        source=source,
        types=tuple(dict.fromkeys(_types(yaml.safe_load(source)))),
    )


def _types(data: Any) -> Iterator[str]:
    """Every type with a package in a document, at any depth."""
    if isinstance(data, list):
        for item in data:
            yield from _types(item)
    elif isinstance(data, dict):
        if "." in str(data.get("type")):
            yield str(data["type"])
        for item in data.values():
            yield from _types(item)


def find(kind: str, *, text: str = "", tags: Sequence[str] = ()) -> list[Blueprint]:
    """The blueprints of a kind whose texts hold a text and that have one of the tags."""
    lower = text.lower()
    return [
        item
        for item in (_all() if kind == "flow" else ())
        if lower in f"{item.id} {item.title} {item.description}".lower()
        and (not tags or set(tags) & set(item.tags))
    ]


def get(kind: str, blueprint_id: str) -> Blueprint:
    """One of them. Raises NotFound."""
    for item in find(kind):
        if item.id == blueprint_id:
            return item
    raise NotFound(f"no blueprint {blueprint_id[:100]!r}")


def tags(kind: str, text: str = "") -> list[str]:
    """The tags of those blueprints of a kind whose texts hold a text."""
    return sorted({tag for item in find(kind, text=text) for tag in item.tags})
