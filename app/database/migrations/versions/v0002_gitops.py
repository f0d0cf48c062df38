"""The tables of GitOps."""

from alembic import op

from app.database.schema import metadata
from app.database.schema_git import TABLES

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates those that are not there: a fresh database has them from its first step."""
    metadata.create_all(op.get_bind(), tables=list(TABLES))


def downgrade() -> None:
    """Drops them."""
    metadata.drop_all(op.get_bind(), tables=list(TABLES))
