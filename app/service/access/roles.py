"""Roles: four are fixed, users make others as named sets of permissions.

A role of the users' own holds no `access:admin`: who manages access can give themselves everything,
and that is what `admin` says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import grants
from app.database.schema_instance import roles
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound, Violation
from app.model.access import GIVEN, ROLES, Permission, held_by
from app.model.ids import new_id
from app.service.access import providers
from app.service.runtime import Runtime

MOST_NAME = 200  #: characters


@dataclass(frozen=True)
class Role:
    """A named set of permissions."""

    id: str
    name: str
    permissions: frozenset[Permission]
    description: str | None = None
    is_fixed: bool = False


FIXED = {name: Role(name, name, held, is_fixed=True) for name, held in ROLES.items()}


def read_permissions(names: Iterable[str]) -> frozenset[Permission]:
    """Permissions by their names. Raises Invalid naming each that no role can hold."""
    found, wrong = set(), []
    for n, name in enumerate(names):
        if name in GIVEN:
            found.add(Permission(name))
        else:
            wrong.append(Violation(path=f"permissions[{n}]", message=_refusal(name)))
    if wrong:
        raise Invalid("invalid permissions", tuple(wrong))
    if not found:
        raise Invalid("`permissions` must name at least one permission")
    return frozenset(found)


def _refusal(name: str) -> str:
    if name == Permission.ACCESS_ADMIN:
        return "who manages access may do everything: give the role admin"
    return f"{name[:60]!r} is none of {', '.join(sorted(GIVEN))}"


def create(
    rt: Runtime, name: str, permissions: Iterable[str], description: str | None = None
) -> Role:
    """A new role. Raises Invalid (name, permissions), Conflict for a name in use."""
    values: dict[str, Any] = {
        "id": new_id(),
        "name": name,
        "description": description,
        "permissions": sorted(read_permissions(permissions)),
        "created_at": rt.clock(),
    }
    with rt.database.transaction() as tx:
        _check_name(tx, name, None)
        grants.add(tx, roles, values)
    return get(rt, values["id"])


def replace(
    rt: Runtime,
    role_id: str,
    name: str,
    permissions: Iterable[str],
    description: str | None = None,
) -> Role:
    """Another name, description and set of permissions; whoever has the role has these at once.

    Raises NotFound, Invalid, Conflict (a fixed role, a name in use, one that `oidc` names).
    """
    _check_free(role_id)
    held = sorted(read_permissions(permissions))
    if name != get(rt, role_id).name:
        _check_unnamed(rt, role_id)
    values = {"name": name, "description": description, "permissions": held}
    with rt.database.transaction() as tx:
        _check_name(tx, name, role_id)
        if not grants.change(tx, roles, role_id, values):
            raise NotFound("no such role")
    return get(rt, role_id)


def remove(rt: Runtime, role_id: str) -> None:
    """Takes a role away, and from everybody who has it, by a binding, a grant or a token's scope.

    Grants and scopes keep its id, which gives nothing and is shown to nobody. Raises NotFound,
    Conflict (a fixed one, one that the setting `oidc` names).
    """
    _check_free(role_id)
    _check_unnamed(rt, role_id)
    with rt.database.transaction() as tx:
        if not grants.remove_role(tx, role_id):
            raise NotFound("no such role")


def get(rt: Runtime, role_id: str) -> Role:
    """A role by id; the id of a fixed one is its name. Raises NotFound."""
    with rt.database.reading() as tx:
        found = find_in(tx, role_id)
    if found is None:
        raise NotFound("no such role")
    return found


def find_in(tx: Session, role_id: str) -> Role | None:
    """A role by id, within a transaction."""
    row = grants.find(tx, roles, role_id) if role_id not in FIXED else None
    return FIXED.get(role_id) if row is None else _role(row)


def list_all(rt: Runtime, text: str = "") -> Sequence[Role]:
    """The fixed roles, then the users' own by name, whose name holds a text."""
    with rt.database.reading() as tx:
        found = [*FIXED.values(), *(_role(row) for row in grants.list_all(tx, roles))]
    return [role for role in found if text.lower() in role.name.lower()]


def _role(row: Row[Any]) -> Role:
    return Role(row.id, row.name, held_by(row.permissions), row.description)


def _check_free(role_id: str) -> None:
    if role_id in FIXED:
        raise Conflict(f"the role {role_id} is fixed")


def _check_unnamed(rt: Runtime, role_id: str) -> None:
    """Raises Conflict for a role that the file of settings calls by its name."""
    where = providers.naming(rt, {role_id, get(rt, role_id).name})
    if where is not None:
        raise Conflict(f"the setting {where} names this role: change that first")


def _check_name(tx: Session, name: str, role_id: str | None) -> None:
    if not name.strip() or len(name) > MOST_NAME:
        raise Invalid(f"`name` must have 1 to {MOST_NAME} characters")
    other = grants.find_by_name(tx, roles, name)
    if name in FIXED or (other is not None and other.id != role_id):
        raise Conflict(f"there is a role {name!r} already")
