"""An UPDATE by equality: built once for a shape, right for each of its values."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, literal, select

from app.database.change import More, change, changed
from app.database.schema import timers
from app.database.session import Database

C = timers.c
DUE = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def tx(database_url):
    database = Database(database_url)
    with database.transaction() as session:
        rows = [
            {"id": name, "kind": "wake", "target": target, "guard": n, "due": DUE, "failures": 0}
            for n, (name, target) in enumerate([("a", "x"), ("b", "x"), ("c", "y")])
        ]
        session.execute(insert(timers), rows)
        yield session
    database.close()


def of(tx, name):
    return tx.execute(select(timers).where(C.id == name)).one()


def test_a_change_hits_the_rows_that_hold_what_it_asks(tx):
    assert change(tx, timers, {"target": "x"}, {"failures": 3}) == 2
    assert change(tx, timers, {"target": "y", "failures": 3}, {"failures": 4}) == 0
    assert [of(tx, name).failures for name in "abc"] == [3, 3, 0]


def test_nothing_is_asked_for_as_nothing(tx):
    assert change(tx, timers, {"id": "a", "execution_id": None}, {"execution_id": "e"}) == 1
    assert change(tx, timers, {"id": "a", "execution_id": None}, {"execution_id": "f"}) == 0
    assert change(tx, timers, {"id": "a", "execution_id": "e"}, {"execution_id": None}) == 1

    assert of(tx, "a").execution_id is None


def test_more_is_added_to_a_number_and_to_a_text(tx):
    for _ in range(2):
        change(tx, timers, {"id": "b"}, {"failures": More(2), "target": More("!")})

    assert (of(tx, "b").failures, of(tx, "b").target) == (4, "x!!")


def test_one_shape_is_written_with_values_and_with_expressions(tx):
    later = datetime(2026, 6, 1, tzinfo=UTC)
    change(tx, timers, {"id": "a"}, {"due": later})
    change(tx, timers, {"id": "b"}, {"due": literal(later, C.due.type)})

    assert of(tx, "a").due == of(tx, "b").due == later


def test_a_changed_row_is_answered_as_it_is_then(tx):
    row = changed(tx, timers, {"id": "c", "target": "y"}, {"failures": More(1)})

    assert row is not None
    assert (row.failures, row.due) == (1, DUE)
    assert changed(tx, timers, {"id": "c", "target": "x"}, {"failures": More(1)}) is None
