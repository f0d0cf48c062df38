"""Runs migrations on the connection that `app/database/migrate.py` hands in."""

from alembic import context

from app.database.every_table import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
