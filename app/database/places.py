"""Namespaces that something names: flows, files, keys, secrets, records."""

from sqlalchemy import select, union

from app.database.schema import flows
from app.database.schema_instance import kv, namespace_files, namespaces, secrets
from app.database.session import Session


def list_named(tx: Session) -> list[str]:
    """Every namespace that something names, in order."""
    parts = [
        select(flows.c.namespace.label("name")).where(flows.c.deleted.is_(False)),
        select(namespace_files.c.namespace).where(namespace_files.c.until.is_(None)),
        select(kv.c.namespace),
        select(secrets.c.namespace),
        select(namespaces.c.id).where(namespaces.c.is_declared.is_(True)),
    ]
    return sorted(tx.execute(union(*parts)).scalars())
