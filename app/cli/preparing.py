"""What has to be there before the processes of a standalone server begin."""

from app.database.migrate import migrate
from app.service.access.accounts import ensure_admin
from app.service.boot import make_runtime
from app.settings import Settings


def prepare(settings: Settings) -> str | None:
    """Makes the tables and the first user; the user's password, if one was made up."""
    rt = make_runtime(settings)
    migrate(rt.database)
    password = ensure_admin(rt)
    rt.database.close()
    return password
