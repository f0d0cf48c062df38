"""Brings a database to the newest tables; safe when several processes do it at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.database.session import Database
from app.errors import Conflict

_LOCK = 7_270_001  # any number that nobody else locks in this database


class NewerDatabase(Conflict):
    """The database was upgraded by a newer version, which alone can change it further."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database stands at {revision}, which this version does not know: "
            "a newer one has upgraded it"
        )
        self.revision = revision


def migrate(database: Database) -> None:
    """Runs the migrations that are missing, in one transaction, alone. Raises NewerDatabase."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        current = MigrationContext.configure(tx).get_current_revision()
        known = {found.revision for found in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise NewerDatabase(current)
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
