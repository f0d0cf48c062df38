"""Which database a version brings up to date, leaves as it is, or refuses."""

import pytest
from sqlalchemy import text

from app.database.migrate import NewerDatabase, migrate
from app.database.session import Database


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    yield made
    made.close()


def stand(database, revision, *, reach=None):
    """What a newer version leaves: its revision, and since which one a version runs on it."""
    with database.transaction() as tx:
        tx.execute(text(f"update alembic_version set version_num = '{revision}'"))
        if reach is not None:
            values = {"revision": reach[0], "runs_from": reach[1]}
            tx.execute(text("update schema_reach set revision = :revision, runs_from = :runs_from"),
                       values)  # fmt: skip


def test_a_database_of_this_version_stays_and_says_so(database):
    with database.reading() as tx:
        reach = tx.execute(text("select revision, runs_from from schema_reach")).all()

    assert migrate(database) is None
    assert [tuple(row) for row in reach] == [("0001", "0001")]


def test_one_of_the_next_version_is_left_as_it_is(database):
    stand(database, "0002", reach=("0002", "0001"))

    assert migrate(database) == "0002"
    assert migrate(database) == "0002"


@pytest.mark.parametrize(
    "reach", [("0003", "0002"), ("0002", "0001"), None], ids=["too new", "of an earlier", "unsaid"]
)
def test_one_that_is_too_new_is_refused_and_not_changed(database, reach):
    stand(database, "0003", reach=reach)

    with pytest.raises(NewerDatabase, match="stands at 0003"):
        migrate(database)
    with database.reading() as tx:
        assert tx.execute(text("select version_num from alembic_version")).scalar() == "0003"
