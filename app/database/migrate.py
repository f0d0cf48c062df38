"""Brings a database to the newest tables; safe when several processes do it at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.database.session import Database

_LOCK = 7_270_001  # any number that nobody else locks in this database


def migrate(database: Database) -> None:
    """Runs the migrations that are missing, in one transaction, alone."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
