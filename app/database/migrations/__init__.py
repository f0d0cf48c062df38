"""Alembic's scripts; `app/database/migrate.py` runs them."""
