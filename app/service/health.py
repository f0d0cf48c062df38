"""Whether the database, the broker and the storage answer."""

from app.database import users
from app.errors import TrunklineError
from app.service.runtime import Runtime


def check(rt: Runtime) -> dict[str, bool]:
    """Up or not, by component."""
    found = {"database": True, "broker": True}
    try:
        with rt.database.reading() as tx:
            users.count(tx)
    except TrunklineError:
        found["database"] = False
    if rt.settings.broker_url.startswith("redis"):
        found["broker"] = rt.publisher.incarnation() is not None
    return found
