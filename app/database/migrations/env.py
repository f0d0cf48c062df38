"""Runs migrations on the connection that `app/database/migrate.py` hands in."""

from alembic import context

from app.database import schema_git, schema_instance
from app.database.schema import metadata

TABLES_OF = (schema_git, schema_instance)  # their tables are in the metadata once imported

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
