"""What has to be there before the processes of a standalone server begin."""

from app.library import Library
from app.service.access.accounts import ensure_admin
from app.service.boot import make_runtime
from app.settings import Settings

migrations = Library("app.database.migrate")


def prepare(settings: Settings) -> str | None:
    """Makes the tables and the first user; the user's password, if one was made up."""
    rt = make_runtime(settings)
    migrations.migrate(rt.database)
    password = ensure_admin(rt)
    rt.database.close()
    return password
