"""A database of SQLite is its owner's alone."""

from sqlalchemy import text

from app.database.session import Database


def test_a_new_sqlite_file_and_its_log_are_for_their_owner_alone(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new.db")
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE t (a INTEGER)"))

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    database.close()

    assert modes["new.db"] == modes["new.db-wal"] == 0o600
