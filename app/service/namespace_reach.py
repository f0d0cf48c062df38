"""Which namespaces the flows of a namespace may use."""

from app.database import namespaces
from app.service.runtime import Runtime


def may_use(rt: Runtime, caller: str, namespace: str) -> bool:
    """Whether flows of `caller` may use a namespace: their own, a parent, one that has flows."""
    if caller == namespace or caller.startswith(namespace + "."):
        return True
    with rt.database.reading() as tx:
        return namespaces.has_flows(tx, namespace)
