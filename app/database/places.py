"""Namespaces that something names: flows, files, keys, secrets, records; and how many of each."""

from sqlalchemy import func, select, union

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


def count_named(tx: Session) -> dict[str, dict[str, int]]:
    """How many flows, files, keys and secrets each namespace holds itself, by kind."""
    there = namespace_files.c.until.is_(None) & namespace_files.c.uri.is_not(None)
    kinds = {
        "flows": (flows.c.namespace, flows.c.deleted.is_(False)),
        "files": (namespace_files.c.namespace, there),
        "keys": (kv.c.namespace, None),
        "secrets": (secrets.c.namespace, None),
    }
    found: dict[str, dict[str, int]] = {}
    for kind, (column, where) in kinds.items():
        statement = select(column, func.count()).group_by(column)
        statement = statement if where is None else statement.where(where)
        for namespace, count in tx.execute(statement):
            found.setdefault(namespace, {})[kind] = int(count)
    return found
