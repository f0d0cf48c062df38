"""Routes of namespaces and their secrets (HTTP API 3.6); no route shows a secret's value."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import narrowed
from app.api.web import answer, flag, json_body, json_map, paged, runtime, sort, without_none
from app.errors import BadRequest, Invalid
from app.model.filter import NAMESPACES, SECRETS, Group
from app.service import matching, namespaces, secret_lists
from app.service.namespaces import Namespace
from app.service.secret_lists import SecretMeta

bp = Blueprint("namespaces", __name__)


def shown(item: Namespace) -> dict[str, Any]:
    """A namespace on the wire."""
    return {
        **item.settings,
        **without_none(
            {
                "id": item.id,
                "tenantId": "main",
                "deleted": False,
                "disabled": not item.has_flows,
                "description": item.description,
                "variables": dict(item.variables) or None,
                "pluginDefaults": list(item.plugin_defaults) or None,
            }
        ),
    }


@bp.get("/namespaces/search")
@takes("page size sort existing", filters=NAMESPACES, gives="Page<Namespace>", also=(400,))
def find() -> ResponseReturnValue:
    """A page of namespaces, parents included."""
    where = filters.read(NAMESPACES)
    only_named = flag("existing") or "true" in where.values("existingOnly")
    rows = [
        item
        for item in namespaces.list_all(runtime())
        if (item.is_named or not only_named) and matching.fits(where, _names(item))
    ]
    return paged(_sorted(rows), shown)


def _names(item: Namespace) -> dict[str, str]:
    text = f"{item.id} {item.description or ''}"
    return {"q": text, "id": item.id, "namespace": item.id}


def _sorted(rows: list[Namespace]) -> list[Namespace]:
    for name, down in reversed(sort()):
        if name not in ("id", "description"):
            raise BadRequest(f"cannot sort by {name[:40]!r}")
        rows.sort(key=lambda item: getattr(item, name) or "", reverse=down)
    return rows


@bp.get("/namespaces/<namespace>")
@takes(gives="Namespace")
def get(namespace: str) -> ResponseReturnValue:
    """One namespace."""
    return answer(shown(namespaces.get(runtime(), namespace)))


@bp.post("/namespaces")
@takes(body="json:Namespace", gives="Namespace", also=(409,))
def create() -> ResponseReturnValue:
    """A record: description, variables, plugin defaults."""
    return answer(shown(namespaces.create(runtime(), json_map("id"))))


@bp.put("/namespaces/<namespace>")
@takes(body="json:Namespace", gives="Namespace")
def replace(namespace: str) -> ResponseReturnValue:
    """Replaces the record."""
    return answer(shown(namespaces.replace(runtime(), namespace, json_map())))


@bp.delete("/namespaces/<namespace>")
@takes(status=204)
def delete(namespace: str) -> ResponseReturnValue:
    """Forgets the record; flows, files and keys stay."""
    namespaces.delete(runtime(), namespace)
    return Response(status=204)


@bp.post("/namespaces/autocomplete")
@takes(body="json:Autocomplete", gives="string[]")
def autocomplete() -> ResponseReturnValue:
    """Names that hold a text, and the ones that are asked for."""
    data = json_body() or {}
    if not isinstance(data, dict):
        raise Invalid("the body must be {q, ids, existingOnly}")
    text, ids = data.get("q") or "", data.get("ids") or []
    if not isinstance(text, str):
        raise Invalid("`q` must be a text")
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise Invalid("`ids` must be a list of texts")
    text = text.lower()
    found = [
        item.id
        for item in namespaces.list_all(runtime())
        if text in item.id.lower() and (item.is_named or not data.get("existingOnly"))
    ]
    return answer(sorted({*found, *ids}))


@bp.get("/namespaces/<namespace>/inherited-variables")
@takes(gives="object")
def inherited_variables(namespace: str) -> ResponseReturnValue:
    """The variables of a namespace and its parents."""
    return answer(namespaces.variables(runtime(), namespace))


@bp.get("/namespaces/<namespace>/inherited-plugindefaults")
@takes(gives="object[]")
def inherited_defaults(namespace: str) -> ResponseReturnValue:
    """The plugin defaults of a namespace and its parents."""
    return answer(namespaces.inherited_defaults(runtime(), namespace))


@bp.get("/namespaces/<namespace>/handed-down")
@takes(gives="HandedDown")
def handed_down(namespace: str) -> ResponseReturnValue:
    """Variables and plugin defaults of a namespace, each with the namespace that gives it."""
    variables, defaults = namespaces.handed_down(runtime(), namespace)
    return answer(
        {
            "variables": [
                {"key": item.name, "value": item.value, "namespace": item.namespace}
                for item in variables
            ],
            "pluginDefaults": [
                {"value": item.value, "namespace": item.namespace} for item in defaults
            ],
        }
    )


@bp.get("/stats/namespaces")
@takes(gives="NamespaceCounts[]")
def counts() -> ResponseReturnValue:
    """How many flows, files, keys and secrets each namespace holds itself."""
    where = narrowed(current_caller(), "namespaces.counts", Group())
    kinds = dict.fromkeys(("flows", "files", "keys", "secrets"), 0)
    return answer(
        [
            {"id": name, **kinds, **found}
            for name, found in namespaces.counts(runtime())
            if matching.fits(where, {"namespace": name})
        ]
    )


# -- secrets


def _secret(item: SecretMeta) -> dict[str, Any]:
    return without_none(
        {
            "namespace": item.namespace,
            "key": item.key,
            "description": item.description,
            "tags": list(item.tags),
        }
    )


def _secret_names(item: SecretMeta) -> dict[str, str]:
    return {"q": f"{item.key} {item.description or ''}", "namespace": item.namespace or "",
            "key": item.key}  # fmt: skip


def _secrets(rows: list[SecretMeta], where: Group) -> Response:
    kept = [item for item in rows if matching.fits(where, _secret_names(item))]
    response = paged(kept, _secret)
    data = response.get_json() | {"readOnly": secret_lists.is_read_only(runtime())}
    return answer(data)


@bp.get("/secrets")
@takes("page size sort", filters=SECRETS, gives="SecretList", also=(400,))
def secrets() -> ResponseReturnValue:
    """Names of secrets, of all namespaces and of the environment."""
    where = filters.read(SECRETS)
    sort()
    return _secrets(secret_lists.list_all(runtime()), where)


@bp.get("/namespaces/<namespace>/secrets")
@takes("page size sort", filters=SECRETS, gives="SecretList", also=(400,))
def secrets_of(namespace: str) -> ResponseReturnValue:
    """Names of a namespace's own secrets."""
    where = filters.read(SECRETS)
    sort()
    return _secrets(secret_lists.list_of(runtime(), namespace), where)


@bp.put("/namespaces/<namespace>/secrets")
@takes(body="json:SecretValue", gives="SecretMeta[]")
def put_secret(namespace: str) -> ResponseReturnValue:
    """Stores a secret, encrypted."""
    data = json_map("key")
    secret_lists.put(runtime(), namespace, data)
    return answer([_secret(item) for item in secret_lists.list_of(runtime(), namespace)])


@bp.patch("/namespaces/<namespace>/secrets/<key>")
@takes(body="json:SecretMeta", gives="SecretMeta[]")
def patch_secret(namespace: str, key: str) -> ResponseReturnValue:
    """Changes the description and the tags."""
    secret_lists.describe(runtime(), namespace, key, json_map())
    return answer([_secret(item) for item in secret_lists.list_of(runtime(), namespace)])


@bp.delete("/namespaces/<namespace>/secrets/<key>")
@takes(status=204)
def delete_secret(namespace: str, key: str) -> ResponseReturnValue:
    """Removes a secret."""
    secret_lists.delete(runtime(), namespace, key)
    return Response(status=204)


@bp.get("/namespaces/<namespace>/inherited-secrets")
@takes(gives="object")
def inherited_secrets(namespace: str) -> ResponseReturnValue:
    """Names by namespace: its own and its parents'."""
    found = secret_lists.inherited(runtime(), namespace)
    return answer(found)
