"""Routes of blueprints: ready-made flows (HTTP API 3.8)."""

from typing import Any

from flask import Blueprint as Routes
from flask import Response
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.describe import takes
from app.api.graphs import shown
from app.api.web import answer, paged, runtime, sort
from app.errors import BadRequest
from app.model.filter import BLUEPRINTS, PLAIN, Operator
from app.service import blueprints, flows, topology
from app.service.blueprints import Blueprint

bp = Routes("blueprints", __name__, url_prefix="/blueprints/community")
#: clients of 1.x write the kind in capitals
_KIND = "<any(flow, app, dashboard, FLOW, APP, DASHBOARD):kind>"


def _item(item: Blueprint) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "description": item.description,
        "tags": list(item.tags),
        "includedTasks": list(item.types),
        "kind": "FLOW",
    }


@bp.get("")
@bp.get(f"/{_KIND}")
@takes("page size sort q tags", filters=BLUEPRINTS, gives="Page<Blueprint>", also=(400,))
def find(kind: str = "flow") -> ResponseReturnValue:
    """A page of blueprints."""
    asked = filters.read(BLUEPRINTS)
    wanted = asked.values("tags") + [
        tag for f in asked.filters() if f.operator is Operator.IN for tag in f.items()
    ]
    wanted = [tag for text in wanted for tag in text.split(",")]
    found = blueprints.find(kind.lower(), text=" ".join(asked.values("q")), tags=wanted)
    for name, down in reversed(sort()):
        if name not in ("id", "title"):
            raise BadRequest(f"cannot sort by {name[:40]!r}")
        found.sort(key=lambda item: str(getattr(item, name)), reverse=down)
    return paged(found, _item)


@bp.get("/tags")
@bp.get(f"/{_KIND}/tags")
@takes("q", filters=PLAIN, gives="object[]", also=(400,))
def tags(kind: str = "flow") -> ResponseReturnValue:
    """The tags, with `q` those of blueprints that hold it."""
    found = blueprints.tags(kind.lower(), text=" ".join(filters.read(PLAIN).values("q")))
    return answer([{"id": tag, "name": tag.replace("-", " ")} for tag in found])


@bp.get("/<blueprint_id>")
@bp.get(f"/{_KIND}/<blueprint_id>")
@takes(gives="Blueprint")
def get(blueprint_id: str, kind: str = "flow") -> ResponseReturnValue:
    """One with its source."""
    found = blueprints.get(kind.lower(), blueprint_id)
    return answer(_item(found) | {"source": found.source, "flow": found.source})


@bp.get("/<blueprint_id>/flow")
@bp.get(f"/{_KIND}/<blueprint_id>/source")
@takes(gives="application/yaml")
def source(blueprint_id: str, kind: str = "flow") -> ResponseReturnValue:
    """Its YAML."""
    return Response(blueprints.get(kind.lower(), blueprint_id).source, mimetype="application/yaml")


@bp.get("/<blueprint_id>/graph")
@bp.get(f"/{_KIND}/<blueprint_id>/graph")
@takes(gives="FlowGraph")
def graph(blueprint_id: str, kind: str = "flow") -> ResponseReturnValue:
    """Its task graph."""
    parsed = flows.parse(runtime(), blueprints.get(kind.lower(), blueprint_id).source)
    return answer(shown(topology.picture(runtime(), parsed.flow, []), parsed.data))
