"""The tables of flow tests: suites, and how they went."""

from sqlalchemy import JSON, Column, Index, PrimaryKeyConstraint, Table, Text

from app.database.schema import metadata
from app.database.types import Moment

test_suites = Table(
    "test_suites",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    PrimaryKeyConstraint("namespace", "id"),
)
test_results = Table(  # one run of a suite
    "test_results",
    metadata,
    Column("id", Text, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("suite_id", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("state", Text, nullable=False),  # SUCCESS, FAILED, ERROR, SKIPPED
    Column("cases", JSON, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Index("ix_test_results_suite", "namespace", "suite_id", "started_at"),
)
