"""What a transaction of queued writes leaves, as one statement and one by one."""

import tempfile
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from app.database import compound
from app.database.batch import Overtaken, flush, insert_many_later, later
from app.database.compound import Write, are_independent
from app.database.fixed import Fixed
from app.database.schema import sequences, timers
from app.database.session import Database

S = sequences.c
ADD = Fixed(insert(sequences).inline(), ["id"])
MOVE = Fixed(
    update(sequences)
    .where(S.id == bindparam("id_"), S.cursor == bindparam("from_"))
    .values(cursor=bindparam("to_"))
)
IS_THERE = Fixed(select(S.id).where(S.id == bindparam("id_")).with_for_update(read=True))
DROP = Fixed(delete(timers).where(timers.c.execution_id == bindparam("of_")))
ADD_TIMER = Fixed(insert(timers).inline(), ["id"])


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def postgres_database(postgres, postgres_template):
    made = Database(postgres.new_database(postgres_template))
    yield made
    made.close()


def row(name, cursor=0, scope="s"):
    return {
        "id": name,
        "execution_id": "e",
        "scope": scope,
        "block": "main",
        "idx": int(name),
        "cursor": cursor,
        "state": "RUNNING",
        "worst": 0,
    }


def add(*rows):
    return lambda tx: insert_many_later(tx, sequences, rows)


def move(name, start, end):
    values = {"id_": name, "from_": start, "to_": end}
    return lambda tx: later(tx, MOVE, values, must=True)


def find(name):
    return lambda tx: later(tx, IS_THERE, {"id_": name}, must=True)


def commit(database, *acts):
    with database.transaction() as tx:
        for act in acts:
            act(tx)


def cursors(database):
    with database.reading() as tx:
        return dict(tx.execute(select(S.id, S.cursor)).all())


def test_all_writes_of_a_transaction_are_kept(database):
    commit(database, add(row("1")), add(row("2"), row("3")))
    commit(database, find("3"), move("1", 0, 5), move("2", 0, 6))

    assert cursors(database) == {"1": 5, "2": 6, "3": 0}


@pytest.mark.parametrize("lost", ["2", "3"])
def test_a_lost_guard_undoes_all_of_them(database, lost):
    commit(database, add(row("1"), row("2")))
    with pytest.raises(Overtaken):
        commit(database, move("1", 0, 1), move(lost, 7, 8), add(row("4")))

    assert cursors(database) == {"1": 0, "2": 0}


def test_a_guard_that_finds_nothing_undoes_what_stands_before_it(database):
    commit(database, add(row("1")))
    with pytest.raises(Overtaken):
        commit(database, move("1", 0, 1), find("9"))

    assert cursors(database) == {"1": 0}


def test_a_write_sees_the_row_that_one_before_it_has_written(database):
    commit(database, add(row("1")), move("1", 0, 1), move("1", 1, 2))

    assert cursors(database) == {"1": 2}


def test_who_lost_its_guard_is_overtaken_though_its_rows_collide_as_well(database):
    commit(database, add(row("1", 1), row("2")))
    with pytest.raises(Overtaken):
        commit(database, move("1", 0, 1), add(row("2")))

    assert cursors(database) == {"1": 1, "2": 0}


def test_rows_that_collide_though_no_guard_was_lost_are_an_error(database):
    commit(database, add(row("1")))
    with pytest.raises(Exception, match=r"(?i)unique"):
        commit(database, move("1", 0, 1), add(row("1", scope="other")))

    assert cursors(database) == {"1": 0}


def test_on_postgres_they_are_one_statement_without_a_transaction_around_it(postgres_database):
    with postgres_database.transaction() as tx:
        raw = tx.connection.driver_connection
        with tempfile.TemporaryFile("w+") as trace:
            raw.pgconn.trace(trace.fileno())
            add(row("1"), row("2"))(tx)
            later(tx, MOVE, {"id_": "3", "from_": 0, "to_": 1})
            flush(tx, last=True)
            raw.pgconn.untrace()
            trace.seek(0)
            sent = [line.strip().split("\t")[3] for line in trace if line.split("\t")[1] == "F"]

    assert sent == ["Parse", "Bind", "Describe", "Execute", "Sync"]
    assert cursors(postgres_database) == {"1": 0, "2": 0}


def test_a_connection_is_fit_for_a_transaction_after_them(postgres_database):
    commit(postgres_database, add(row("1")))
    with suppress(Overtaken):
        commit(postgres_database, move("1", 7, 8), add(row("2")))
    with suppress(ZeroDivisionError), postgres_database.transaction() as tx:
        tx.execute(update(sequences).values(cursor=9))
        raise ZeroDivisionError

    assert cursors(postgres_database) == {"1": 0}


def test_a_connection_that_was_interrupted_is_closed(postgres_database):
    with postgres_database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with suppress(KeyboardInterrupt), compound.by_itself(raw):
            raw.pgconn.send_query(b"select pg_sleep(10)")
            raise KeyboardInterrupt
        assert raw.closed


def write(statement, **values):
    return Write(statement, (values,), must=False)


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        ([write(MOVE, id_="1"), write(MOVE, id_="2")], True),
        ([write(MOVE, id_="1"), write(MOVE, id_="1")], False),
        ([write(ADD, id="1"), write(MOVE, id_="1")], False),
        ([write(ADD, id="1"), write(MOVE, id_="2")], True),
        ([write(MOVE, id_="1"), write(IS_THERE, id_="1")], False),
        ([write(IS_THERE, id_="1"), write(MOVE, id_="1")], True),
        ([write(ADD_TIMER, id="1"), write(DROP, of_="e")], False),
        ([write(DROP, of_="e"), write(ADD_TIMER, id="1")], False),
        ([write(DROP, of_="e"), write(ADD, id="1")], True),
    ],
)
def test_writes_travel_together_unless_one_is_about_a_row_of_another(writes, expected):
    assert are_independent(writes) is expected
