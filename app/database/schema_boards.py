"""The tables of what people arrange for themselves: dashboards, and the habits of a user."""

from sqlalchemy import JSON, Column, Table, Text

from app.database.schema import metadata
from app.database.types import Moment

dashboards = Table(
    "dashboards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("author", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("content", JSON, nullable=False),
)
