"""Finds types by their name, their title, their properties, and the examples that use them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.model.names import spellings
from app.model.task import Typed
from app.plugin.registry import Registry
from app.plugin.task import RunnableTask
from app.service import blueprints
from app.service.catalogue import description_of, shown, title_of

_TYPE = re.compile(r"^\s*(?:- )?(?:\{.*?\b)?type:\s*[\"']?([\w.]+)", re.M)


@dataclass(frozen=True)
class Found:
    """A type, and what of it holds the text: its name, its title, `property x`, `example y`."""

    cls: type[Typed]
    where: list[str]


def find(registry: Registry, text: str) -> list[Found]:
    """The types that hold a text somewhere, those that hold it in their name first."""
    wanted = text.strip().lower()
    found = []
    for cls in shown(registry):
        where = list(_where(cls, wanted))
        if where:
            found.append(Found(cls, where))
    return sorted(found, key=lambda item: (item.where[0] != "name", item.cls.type_name))


def _where(cls: type[Typed], wanted: str) -> Iterator[str]:
    if wanted in cls.type_name.lower() or any(wanted in name.lower() for name in cls.aliases):
        yield "name"
    if wanted in title_of(cls).lower() or wanted in description_of(cls).lower():
        yield "title"
    for name, field in cls.model_fields.items():
        for wire in spellings(name, field):
            if wanted in wire.lower() or wanted in (field.description or "").lower():
                yield f"property {wire}"
    for example in examples(cls):
        if wanted in example.source.lower():
            yield f"example {example.id}"


def examples(cls: type[Typed]) -> list[blueprints.Blueprint]:
    """The blueprints that use a type, by any of its names."""
    names = {cls.type_name, *cls.aliases}
    return [item for item in blueprints.find("flow") if names & set(_TYPE.findall(item.source))]


def about(cls: type[Typed]) -> dict[str, Any]:
    """What a page of a type says beside its schema: examples, other names, the needed queue."""
    found: dict[str, Any] = {
        "examples": [{"title": e.title, "code": e.source} for e in examples(cls)],
        "aliases": sorted(set(cls.aliases)),
        "deprecated": cls.is_deprecated,
    }
    if issubclass(cls, RunnableTask):
        found["queue"] = str(cls.queue)
    return found
