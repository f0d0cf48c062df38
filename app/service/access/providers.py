"""The ways to sign on that the setting `oidc` holds, and the roles that it names."""

from collections.abc import Iterator

from app.errors import NotFound
from app.service.access import given
from app.service.runtime import Runtime
from app.settings import SignOn


def get_provider(rt: Runtime, provider_id: str) -> SignOn:
    """A provider by id. Raises NotFound."""
    found = next((p for p in rt.settings.oidc if p.id == provider_id), None)
    if found is None:
        raise NotFound("no such way to sign on")
    return found


def naming(rt: Runtime, role: set[str]) -> str | None:
    """Where the setting names a role by one of these names, None: nowhere."""
    return next((place for place, named in _named(rt) if named in role), None)


def missing_roles(rt: Runtime) -> list[str]:
    """What is said of each role that the setting names and nobody has made, with its place.

    Whoever's groups give one is refused: it may be made later, so it keeps no server from starting.
    """
    named = list(_named(rt))
    with rt.database.reading() as tx:
        known = given.known(tx, {role for _, role in named})
    return [
        f"setting {place}: there is no role {role!r}" for place, role in named if role not in known
    ]


def _named(rt: Runtime) -> Iterator[tuple[str, str]]:
    """The roles of the setting, each after its place."""
    for way in rt.settings.oidc:
        for value, entries in way.roles.items():
            for n, entry in enumerate(entries):
                yield f"oidc.{way.id}.roles.{value}[{n}].role", entry.role
