"""Brings a database to the newest tables; safe when several processes do it at once.

Beside the revision stands, for versions that do not know it, from which revision on a version runs
on these tables. So an older version can tell a way back from a database that is too new for it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, inspect, select, text

from app.database.session import Database, Session
from app.errors import Conflict

_LOCK = 7_270_001  # any number that nobody else locks in this database
#: one row; of no backup: it belongs to the tables, as Alembic's own
_reach = Table(
    "schema_reach",
    MetaData(),
    Column("revision", Text, nullable=False),
    Column("runs_from", Text, nullable=False),
)


class NewerDatabase(Conflict):
    """The database was upgraded by a version that is too new for this one to run beside."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database stands at {revision}, which this version does not know and cannot run "
            "on: restore a backup, or start the version that has upgraded it"
        )
        self.revision = revision


def migrate(database: Database) -> str | None:
    """Runs the migrations that are missing, in one transaction, alone.

    None; or the revision of a newer version on whose tables this one runs, which was left as it
    is. Raises NewerDatabase when this version does not.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    with database.transaction() as tx:
        if not database.is_sqlite:
            tx.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        current = MigrationContext.configure(tx).get_current_revision()
        known = {found.revision for found in scripts.walk_revisions()}
        if current is not None and current not in known:
            if _runs_from(tx, current) not in known:
                raise NewerDatabase(current)
            return current
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
        _record(tx, scripts)
    return None


def _runs_from(tx: Session, revision: str) -> str | None:
    """The oldest revision whose versions run on these tables; None when nobody has said."""
    if not inspect(tx).has_table(_reach.name):
        return None
    column = _reach.c.runs_from
    found: str | None = tx.execute(select(column).where(_reach.c.revision == revision)).scalar()
    return found


def _record(tx: Session, scripts: ScriptDirectory) -> None:
    """By the rule, a version runs on the tables of the next one; a migration may say otherwise."""
    (head,) = scripts.get_revisions("head")
    before = head.down_revision or head.revision
    runs_from = getattr(head.module, "runs_from", before)
    _reach.create(tx, checkfirst=True)
    tx.execute(delete(_reach))
    tx.execute(insert(_reach).values(revision=head.revision, runs_from=runs_from))
