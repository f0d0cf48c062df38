"""Rows of flow tests and of their results."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select

from app.database.schema_tests import test_results, test_suites
from app.database.session import Session

S, R = test_suites.c, test_results.c


def find(tx: Session, namespace: str, suite_id: str) -> Row[Any] | None:
    """One suite."""
    where = and_(S.namespace == namespace, S.id == suite_id)
    return tx.execute(select(test_suites).where(where)).first()


def list_suites(
    tx: Session, namespace: str | None = None, flow_id: str | None = None
) -> Sequence[Row[Any]]:
    """Suites by namespace and id."""
    query = select(test_suites).order_by(S.namespace, S.id)
    if namespace is not None:
        query = query.where(S.namespace == namespace)
    if flow_id is not None:
        query = query.where(S.flow_id == flow_id)
    return tx.execute(query).all()


def put(tx: Session, values: Mapping[str, Any]) -> None:
    """Adds a suite or takes the place of the one of its name."""
    drop(tx, values["namespace"], values["id"])
    tx.execute(insert(test_suites).values(**values))


def drop(tx: Session, namespace: str, suite_id: str) -> bool:
    """Removes a suite; its results stay. False when there was none."""
    where = and_(S.namespace == namespace, S.id == suite_id)
    return bool(tx.execute(delete(test_suites).where(where)).rowcount)


def add_result(tx: Session, values: Mapping[str, Any]) -> None:
    """Keeps how a suite went."""
    tx.execute(insert(test_results).values(**values))


def list_results(
    tx: Session, namespace: str, suite_id: str, limit: int = 100
) -> Sequence[Row[Any]]:
    """The latest results of a suite, the newest first."""
    where = and_(R.namespace == namespace, R.suite_id == suite_id)
    query = select(test_results).where(where).order_by(R.started_at.desc()).limit(limit)
    return tx.execute(query).all()
