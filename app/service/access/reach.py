"""What an account may in one place, and which of its grants say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import grants, users
from app.database.session import Session
from app.errors import NotFound
from app.model.access import Grant, Permission, held_by
from app.service.access import given
from app.service.runtime import Runtime


@dataclass(frozen=True)
class Way:
    """A grant that allows something; `group` names the group that has it, None: the account."""

    grant: Grant
    group: str | None = None


def of_account(
    rt: Runtime, named: str, namespace: str
) -> tuple[Row[Any], dict[Permission, list[Way]]]:
    """The account of an id or name and, by permission, the grants that give it in a namespace.

    `""` asks for what is allowed everywhere. A closed account may nothing; an administrator has
    one grant, `admin`, everywhere. What everybody has (`self`) is left out. Raises NotFound.
    """
    with rt.database.reading() as tx:
        row = users.find(tx, named) or users.find_by_name(tx, named)
        if row is None:
            raise NotFound("no such account")
        ways = [] if row.disabled else list(_ways(tx, row))
    return row, {
        permission: [
            way
            for way in ways
            if permission in way.grant.permissions and way.grant.covers(namespace)
        ]
        for permission in Permission
        if permission is not Permission.SELF
    }


def _ways(tx: Session, row: Row[Any]) -> Iterator[Way]:
    if row.is_admin:
        yield Way(Grant("admin"))
        return
    yield from (Way(grant) for grant in given.grants_of(tx, row.roles))
    for bound in grants.of_user(tx, row.id):
        own = held_by(bound.permissions) if bound.name is not None else None
        yield Way(Grant(bound.name or bound.role_id, bound.namespace, own), bound.group_name)
