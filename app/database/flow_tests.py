"""Rows of flow tests and of their results."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select

from app.database.schema_tests import test_results, test_suites
from app.database.session import Session

S, R = test_suites.c, test_results.c
SORTABLE = {"id": S.id, "namespace": S.namespace, "flowId": S.flow_id, "updatedDate": S.updated_at}


def find(tx: Session, namespace: str, suite_id: str) -> Row[Any] | None:
    """One suite."""
    where = and_(S.namespace == namespace, S.id == suite_id)
    return tx.execute(select(test_suites).where(where)).first()


def page(
    tx: Session,
    where: ColumnElement[bool],
    *,
    sort: Sequence[tuple[str, bool]],
    offset: int,
    limit: int,
) -> tuple[Sequence[Row[Any]], int]:
    """A page of suites with the `last_state` and `last_at` of each, and how many fit."""
    order = [SORTABLE[name].desc() if down else SORTABLE[name].asc() for name, down in sort]
    statement = (
        select(
            test_suites, _last(R.state).label("last_state"), _last(R.started_at).label("last_at")
        )
        .where(where)
        .order_by(*order, S.namespace, S.id)
    )
    total = tx.execute(select(func.count()).select_from(test_suites).where(where)).scalar_one()
    return tx.execute(statement.offset(offset).limit(limit)).all(), int(total)


def _last(column: ColumnElement[Any]) -> Any:
    """A column of a suite's latest result; null where it never ran."""
    of_suite = and_(R.namespace == S.namespace, R.suite_id == S.id)
    newest = select(column).where(of_suite).order_by(R.started_at.desc()).limit(1)
    return newest.correlate(test_suites).scalar_subquery()


def put(tx: Session, values: Mapping[str, Any]) -> None:
    """Adds a suite or takes the place of the one of its name."""
    drop(tx, values["namespace"], values["id"])
    tx.execute(insert(test_suites).values(**values))


def drop(tx: Session, namespace: str, suite_id: str) -> bool:
    """Removes a suite; its results stay. False when there was none."""
    where = and_(S.namespace == namespace, S.id == suite_id)
    return bool(tx.execute(delete(test_suites).where(where)).rowcount)


def drop_results(tx: Session, namespace: str, suite_id: str) -> None:
    """Removes how a suite went."""
    where = and_(R.namespace == namespace, R.suite_id == suite_id)
    tx.execute(delete(test_results).where(where))


def add_result(tx: Session, values: Mapping[str, Any]) -> None:
    """Keeps how a suite went."""
    tx.execute(insert(test_results).values(**values))


def page_results(
    tx: Session, namespace: str, suite_id: str, *, offset: int, limit: int
) -> tuple[Sequence[Row[Any]], int]:
    """A page of a suite's results, the newest first, and how many there are."""
    where = and_(R.namespace == namespace, R.suite_id == suite_id)
    query = select(test_results).where(where).order_by(R.started_at.desc(), R.id)
    total = tx.execute(select(func.count()).select_from(test_results).where(where)).scalar_one()
    return tx.execute(query.offset(offset).limit(limit)).all(), int(total)
