"""Whether the parts that the server works with answer, and whether it can do without them."""

from app.database import users
from app.errors import DatabaseAway
from app.service.runtime import Runtime

#: without these no request can be served; a broker that is away costs only time: what was accepted
#: lies in the database, and is published once the broker is back
NEEDED = frozenset({"database"})


def is_ready(parts: dict[str, bool]) -> bool:
    """Whether requests should be sent here."""
    return all(parts[name] for name in NEEDED)


def check(rt: Runtime) -> dict[str, bool]:
    """Up or not, by component."""
    found = {"database": True, "broker": True}
    try:
        with rt.database.reading() as tx:
            users.count(tx)
    except DatabaseAway:
        found["database"] = False
    if rt.settings.broker_url.startswith("redis"):
        found["broker"] = rt.publisher.incarnation() is not None
    return found
