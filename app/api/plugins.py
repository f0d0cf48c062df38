"""Routes of the catalogue: types, their documentation, schemas and icons (HTTP API 3.7)."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api.describe import takes
from app.api.web import answer, flag, paged, runtime
from app.errors import NotFound
from app.model.task import AbstractTrigger
from app.service import catalogue, type_search

bp = Blueprint("plugins", __name__)
MOST_PLACES = 5  #: told of one type that holds a text
VERSION = "2.0.0"  #: of every type: they come with the server


@bp.after_request
def _cached(response: Response) -> Response:
    if response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/plugins")
@takes("page size sort q", gives="PluginList")
def plugins() -> ResponseReturnValue:
    """The types by group: a page when one is asked for, else all as a list."""
    text = request.args.get("q", "").lower()
    found = [p for p in catalogue.plugins(runtime().registry) if text in str(p).lower()]
    if "page" in request.args or "size" in request.args:
        return paged(found, lambda item: item)
    return answer(found)


@bp.get("/plugins/search")
@takes("q", gives="TypeFound[]")
def search() -> ResponseReturnValue:
    """Types whose name, title, properties or examples hold a text, and where they do."""
    found = type_search.find(runtime().registry, request.args.get("q", ""))
    return answer(
        [
            {
                "cls": item.cls.type_name,
                "title": catalogue.title_of(item.cls),
                "kind": catalogue.kind_of(item.cls),
                "deprecated": item.cls.is_deprecated,
                "found": item.where[:MOST_PLACES],
            }
            for item in found
        ]
    )


@bp.get("/plugins/groups/subgroups")
@takes("includeDeprecated", gives="Plugin[]")
def subgroups() -> ResponseReturnValue:
    """The types by group and subgroup."""
    return answer(catalogue.plugins(runtime().registry, split=True))


@bp.get("/plugins/schemas/<kind>")
@takes("arrayOf", gives="object")
def schema(kind: str) -> ResponseReturnValue:
    """The JSON schema (draft 7) of flows or of a part of them; 304 to whoever has it already."""
    return answer(catalogue.schema(runtime().registry, kind, array=flag("arrayOf")))


@bp.get("/plugins/properties/<kind>")
@takes(gives="object")
def properties(kind: str) -> ResponseReturnValue:
    """The properties of a document's schema."""
    return answer(catalogue.properties(runtime().registry, kind))


@bp.get("/plugins/triggers")
@takes("page size sort", gives="Page<object>")
def triggers() -> ResponseReturnValue:
    """The types of triggers."""
    found = [
        {"type": cls.type_name, "cls": cls.type_name, "title": catalogue.title_of(cls),
         "category": "CORE" if ".core." in cls.type_name else "PLUGIN"}
        for cls in catalogue.shown(runtime().registry)
        if issubclass(cls, AbstractTrigger)
    ]  # fmt: skip
    return paged(found, lambda item: item)


@bp.get("/plugins/icons")
@takes(gives="object")
def icons() -> ResponseReturnValue:
    """The icon of each type."""
    return answer(catalogue.icons(runtime().registry))


@bp.get("/plugins/icons/groups")
@takes(gives="object")
def group_icons() -> ResponseReturnValue:
    """The icon of each group."""
    return answer(catalogue.group_icons(runtime().registry))


@bp.get("/plugins/icons/<cls>/icon.svg")
@takes(gives="image/svg+xml")
def icon(cls: str) -> ResponseReturnValue:
    """The icon of a type or a group."""
    registry = runtime().registry
    if registry.find(cls) is None and cls not in catalogue.group_icons(registry):
        raise NotFound(f"no type or group {cls[:100]!r}")
    return Response(catalogue.icon(cls), mimetype="image/svg+xml")


@bp.get("/plugins/inputs")
@takes(gives="object[]")
def inputs() -> ResponseReturnValue:
    """The types of inputs."""
    return answer(catalogue.input_types())


@bp.get("/plugins/inputs/<kind>")
@takes(gives="Documentation")
def input_type(kind: str) -> ResponseReturnValue:
    """The documentation of an input type."""
    return answer(catalogue.input_documentation(kind))


@bp.get("/plugins/<cls>")
@takes("all", gives="Documentation")
def documentation(cls: str) -> ResponseReturnValue:
    """The documentation and schema of a type."""
    registry = runtime().registry
    found = catalogue.get(registry, cls)
    told = {**type_search.about(found), "kind": catalogue.kind_of(found), "version": VERSION}
    return answer({**catalogue.documentation(registry, found), **told})


@bp.get("/plugins/<cls>/versions")
@takes(gives="object")
def versions(cls: str) -> ResponseReturnValue:
    """The versions of a type: the server's own."""
    found = catalogue.get(runtime().registry, cls)
    return answer({"type": found.type_name, "versions": [VERSION]})


@bp.get("/plugins/<cls>/versions/<version>")
@takes("all", gives="Documentation")
def version(cls: str, version: str) -> ResponseReturnValue:
    """The documentation of a type in a version."""
    if version != VERSION:
        raise NotFound(f"no version {version[:40]!r} of {cls[:100]!r}")
    return documentation(cls)
