"""Names of what has no list of its own over all namespaces: files, and what Git owns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from app.database.filters import below
from app.database.schema_git import git_bindings, git_resources
from app.database.schema_instance import namespace_files
from app.database.session import Session

F, R = namespace_files.c, git_resources.c


def files_like(tx: Session, text: str, places: Sequence[str] | None, most: int) -> list[Row[Any]]:
    """(namespace, path) of files whose path holds a text; in these namespaces and below, or all."""
    statement = select(F.namespace, F.path).where(
        F.until.is_(None), F.path.icontains(text, autoescape=True)
    )
    if places is not None:
        statement = statement.where(or_(*(below(F.namespace, place) for place in places)))
    found: Sequence[Any] = tx.execute(statement.order_by(F.path, F.namespace).limit(most)).all()
    return list(found)


def resources_like(tx: Session, text: str, most: int) -> list[Row[Any]]:
    """(key, state, name of the binding) of what a binding owns and whose key holds a text."""
    statement = (
        select(R.key, R.state, git_bindings.c.name.label("binding"))
        .join(git_bindings, git_bindings.c.id == R.binding_id)
        .where(R.key.icontains(text, autoescape=True))
    )
    found: Sequence[Any] = tx.execute(statement.order_by(R.key).limit(most)).all()
    return list(found)
