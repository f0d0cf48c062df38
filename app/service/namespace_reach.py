"""Which namespaces the flows of a namespace may use, and where their files lie."""

from app.database import namespaces
from app.errors import NotFound
from app.service.runtime import Runtime
from app.storage.paths import safe_path


def may_use(rt: Runtime, caller: str, namespace: str) -> bool:
    """Whether flows of `caller` may use a namespace: their own, a parent, one that has flows."""
    if caller == namespace or caller.startswith(namespace + "."):
        return True
    with rt.database.reading() as tx:
        return namespaces.has_flows(tx, namespace)


def stored_uri(rt: Runtime, namespace: str, path: str, at: int | None = None) -> str:
    """Where the bytes of a file lie, now or as of a snapshot. Raises NotFound."""
    with rt.database.reading() as tx:
        row = namespaces.find_file(tx, namespace, safe_path(path), at=at)
    if row is None or row.uri is None:
        raise NotFound(f"File '{path}' not found")
    return str(row.uri)
