"""Names of what has no list of its own over all namespaces: files, and what Git owns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from app.database.filters import Places, within
from app.database.schema_git import git_bindings, git_resources
from app.database.schema_instance import namespace_files
from app.database.session import Session

F, R = namespace_files.c, git_resources.c


def files_like(tx: Session, text: str, places: Places, most: int) -> list[Row[Any]]:
    """(namespace, path) of files whose path holds a text; in these namespaces and below, or all."""
    like = F.path.icontains(text, autoescape=True)
    statement = select(F.namespace, F.path).where(
        F.until.is_(None), like, within(F.namespace, places)
    )
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
