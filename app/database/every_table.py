"""All tables of the database, for what must miss none: migrations, backup and restore."""

from app.database import schema_boards, schema_git, schema_instance, schema_tests
from app.database.schema import metadata

__all__ = ["metadata"]

SCHEMAS = (schema_boards, schema_git, schema_instance, schema_tests)  #: theirs are in `metadata`
