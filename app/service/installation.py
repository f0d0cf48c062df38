"""What runs here: the processes of the installation, its settings, its first user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Row

from app.database import observed, services, users
from app.errors import Conflict, Invalid
from app.service.access import accounts
from app.service.presence import EVERY_S, STOPPED
from app.service.runtime import Runtime
from app.settings import Settings

KEPT = timedelta(hours=1)  #: how long a process that is silent is still listed
MASK = "******"
DISCONNECTED = "DISCONNECTED"
_MOST_HELD = 1000
_FIRST = datetime.min.replace(tzinfo=UTC)


def list_services(rt: Runtime) -> Sequence[Row[Any]]:
    """The processes heard of lately, also those that have stopped; the newest first."""
    with rt.database.reading() as tx:
        return services.list_since(tx, rt.clock() - KEPT)


def state_of(rt: Runtime, row: Row[Any]) -> str:
    """What it said of itself (`presence`); DISCONNECTED when it fell silent before it stopped."""
    silent = rt.clock() - row.seen_at > timedelta(seconds=3 * EVERY_S)
    return DISCONNECTED if silent and row.state != STOPPED else str(row.state)


def list_present(rt: Runtime) -> list[Row[Any]]:
    """The processes that run, wait, or fell silent; neither who stopped nor whom another replaced.

    A process that fell silent is replaced by a newer one of its kind, name and host that did not.
    """
    seen: dict[tuple[str, str, str], datetime] = {}
    found = []
    for row in list_services(rt):
        who, state = (row.kind, row.name, row.host), state_of(rt, row)
        if state == STOPPED or (state == DISCONNECTED and row.started_at < seen.get(who, _FIRST)):
            continue
        if state != DISCONNECTED:
            seen.setdefault(who, row.started_at)
        found.append(row)
    return found


@dataclass(frozen=True)
class Held:
    """A task run that a worker holds; `worker` is `name@host`, None: nobody who is listed."""

    row: Any
    worker: str | None


def list_held(rt: Runtime) -> list[Held]:
    """What runs on workers now, the longest held first; at most 1,000."""
    places = {
        f"{service.host}:{pid}": f"{service.name}@{service.host}"
        for service in list_present(rt)
        for pid in (service.figures or {}).get("pids", ())
    }
    with rt.database.reading() as tx:
        rows = observed.held(tx, _MOST_HELD)
    return [Held(row, places.get(":".join((row.owner or "").split(":")[:2]))) for row in rows]


def is_set_up(rt: Runtime) -> bool:
    """Whether there is a user."""
    with rt.database.reading() as tx:
        return users.count(tx) > 0


def set_up(rt: Runtime, username: str, password: str) -> Row[Any]:
    """Makes the first user, an administrator. Raises Conflict when there is one, Invalid."""
    if is_set_up(rt):
        raise Conflict("there is a user already")
    return accounts.create(rt, username, password=password, is_admin=True)


def password_problems(username: str, password: str) -> list[str]:
    """What is wrong with the credentials of a first user."""
    found = []
    if "@" not in username:
        found.append("the user name must be an e-mail address")
    if len(password) < accounts.LEAST_PASSWORD:
        found.append(f"the password must have at least {accounts.LEAST_PASSWORD} characters")
    return found


def check_credentials(username: str, password: str) -> None:
    """Raises Invalid for credentials that no first user may have."""
    problems = password_problems(username, password)
    if problems:
        raise Invalid("; ".join(problems))


def effective_settings(settings: Settings) -> dict[str, Any]:
    """Every setting by name; what must not be seen is masked."""
    shown: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if not field.repr:
            value = MASK if value else ""
        elif isinstance(value, str) and "://" in value:
            value = _without_password(value)
        elif not isinstance(value, bool | int | float | str | list | dict):
            value = str(value)
        shown[name.replace("_", "-")] = MASK if name == "globals" and value else value
    return shown


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None and not parts.query:
        return url
    place = parts.netloc
    if parts.password is not None:
        place = f"{parts.username or ''}:{MASK}@{place.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, place, parts.path, MASK if parts.query else "", ""))
