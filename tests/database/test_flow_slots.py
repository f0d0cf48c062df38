"""What a flow's limit asks of the database does not grow with the executions that have ended."""

import pytest
from sqlalchemy import create_engine, event

from app.database import flows
from app.database.schema import metadata


@pytest.fixture
def plans():
    """A connection to an empty SQLite database, and how it went about each statement."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    found = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        cursor.execute("explain query plan " + statement, parameters)
        found.extend(row[3] for row in cursor.fetchall() if "executions" in row[3])

    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", explain)
        yield connection, found
    engine.dispose()


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: flows.count_live(tx, "company.team", "work"),
        lambda tx: flows.oldest_queued(tx, "company.team", "work"),
        flows.list_queued,
    ],
    ids=["count", "oldest", "flows"],
)
def test_only_the_index_of_live_executions_is_read(plans, ask):
    connection, found = plans
    ask(connection)

    assert len(found) == 1
    assert "INDEX ix_executions_live (namespace=? AND flow_id=? AND gate=?)" in found[0]
