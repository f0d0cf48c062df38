"""The first tables."""

from alembic import op

from app.database import schema_boards, schema_git, schema_instance, schema_tests
from app.database.schema import metadata

revision = "0001"
down_revision = None

assert schema_boards  # imported: its tables are in the metadata
assert schema_git
assert schema_instance
assert schema_tests


def upgrade() -> None:
    """Creates every table."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Drops every table."""
    metadata.drop_all(op.get_bind())
