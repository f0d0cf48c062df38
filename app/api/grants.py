"""Routes of what is given to whom: roles, groups with their members, bindings (HTTP API 6)."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api.auditing import add_change, add_detail
from app.api.describe import takes
from app.api.short_lists import page_of
from app.api.web import answer, json_map, page, runtime, sort, texts, without_none
from app.database.grants import BindingFilter
from app.errors import Invalid
from app.service.access import bindings, groups, roles
from app.service.access.roles import Role

bp = Blueprint("grants", __name__)
#: nouns of permissions that other clients call by another name
_NOUNS = {"KVSTORE": "kv", "NAMESPACE_FILE": "file", "TESTSUITE": "test", "AUDITLOG": "audit"}
_WIRE = {ours: theirs for theirs, ours in _NOUNS.items()}


def _search() -> str:
    return request.args.get("q") or request.args.get("filters[q][EQUALS]") or ""


def _text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if not isinstance(value, str | None):
        raise Invalid(f"`{name}` must be a text")
    return value


# -- roles


def _role(role: Role) -> dict[str, Any]:
    return without_none(
        {
            "id": role.id,
            "name": role.name,
            "description": role.description,
            "isDefault": False,
            "isManaged": role.is_fixed,
            "permissions": _by_noun(role),
        }
    )


def _by_noun(role: Role) -> dict[str, list[str]]:
    """`{"FLOW": ["READ", "WRITE"]}`, as the clients of roles read it."""
    found: dict[str, list[str]] = {}
    for permission in sorted(role.permissions):
        noun, _, verb = permission.partition(":")
        found.setdefault(_WIRE.get(noun, noun.upper()), []).append(verb.upper() or "ALL")
    return found


def _permissions(data: dict[str, Any]) -> list[str]:
    """`["flow:read"]`, or the map that a role is shown with. Raises Invalid."""
    given = data.get("permissions")
    if not isinstance(given, dict):
        return texts(data, "permissions")
    found = []
    for noun in given:
        ours = _NOUNS.get(str(noun).upper(), str(noun).lower())
        found += [f"{ours}:{verb.lower()}" for verb in texts(given, noun)]
    return found


@bp.get("/roles/search")
@takes("page size sort q", gives="Page<RoleSummary>", also=(400,))
def list_roles() -> ResponseReturnValue:
    """The roles and what each may: the fixed ones first, then the users' own by name."""

    def show(role: Role) -> dict[str, Any]:
        held = sorted(role.permissions)
        return _role(role) | {"permissions": held, "permissionCount": len(held)}

    return page_of(list(map(show, roles.list_all(runtime(), _search()))), "id name isManaged", 10)


@bp.post("/roles")
@takes(body="json:NewRole", gives="Role")
def create_role() -> ResponseReturnValue:
    """A new role: a name for a set of permissions."""
    data = json_map("name")
    asked = _permissions(data)
    add_detail(name=data["name"], permissions=asked)
    return answer(_role(roles.create(runtime(), data["name"], asked, _text(data, "description"))))


@bp.get("/roles/<role_id>")
@takes(gives="Role")
def get_role(role_id: str) -> ResponseReturnValue:
    """One role."""
    return answer(_role(roles.get(runtime(), role_id)))


@bp.put("/roles/<role_id>")
@takes(body="json:NewRole", gives="Role")
def replace_role(role_id: str) -> ResponseReturnValue:
    """Another name and set of permissions, for everybody who has the role."""
    data = json_map("name")
    asked, told = _permissions(data), _text(data, "description")
    add_detail(name=data["name"], permissions=asked)
    before = _settings(roles.get(runtime(), role_id))
    replaced = roles.replace(runtime(), role_id, data["name"], asked, told)
    add_change(before, _settings(replaced))
    return answer(_role(replaced))


def _settings(role: Role) -> dict[str, Any]:
    """What the audit log compares of a role."""
    held = sorted(role.permissions)
    return without_none({"name": role.name, "description": role.description, "permissions": held})


@bp.delete("/roles/<role_id>")
@takes(status=204)
def delete_role(role_id: str) -> ResponseReturnValue:
    """Takes a role away, and from everybody who has it."""
    roles.remove(runtime(), role_id)
    return Response(status=204)


# -- groups


def _group(row: Row[Any]) -> dict[str, Any]:
    return without_none({"id": row.id, "name": row.name, "description": row.description})


def _member(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "username": row.username, "displayName": row.username, "type": row.kind}


@bp.get("/groups/search")
@takes("page size sort q", gives="Page<Group>", also=(400,))
def list_groups() -> ResponseReturnValue:
    """A page of groups by name."""
    rows, total = groups.find_page(runtime(), _search(), *page(), sort())
    return answer({"results": [_group(row) for row in rows], "total": total})


@bp.post("/groups")
@takes(body="json:NewGroup", gives="Group")
def create_group() -> ResponseReturnValue:
    """A new group, with the accounts of `membersId` in it."""
    data = json_map("name")
    members = texts(data, "membersId")
    add_detail(name=data["name"], members=members)
    told = _text(data, "description")
    return answer(_group(groups.create(runtime(), data["name"], told, members)))


@bp.get("/groups/<group_id>")
@takes(gives="Group")
def get_group(group_id: str) -> ResponseReturnValue:
    """One group."""
    return answer(_group(groups.get(runtime(), group_id)))


@bp.put("/groups/<group_id>")
@takes(body="json:NewGroup", gives="Group")
def replace_group(group_id: str) -> ResponseReturnValue:
    """Another name and description; the members stay."""
    data = json_map("name")
    told = _text(data, "description")
    before = _group(groups.get(runtime(), group_id))
    renamed = _group(groups.rename(runtime(), group_id, data["name"], told))
    add_change(before, renamed)
    return answer(renamed)


@bp.delete("/groups/<group_id>")
@takes(gives="object")
def delete_group(group_id: str) -> ResponseReturnValue:
    """Closes a group; its members lose what they had by it."""
    groups.remove(runtime(), group_id)
    return answer({})


@bp.get("/groups/<group_id>/members")
@takes("page size sort q", gives="Page<Member>", also=(400,))
def list_members(group_id: str) -> ResponseReturnValue:
    """A page of the accounts in a group, by name."""
    rows, total = groups.find_members(runtime(), group_id, _search(), *page(), sort())
    return answer({"results": [_member(row) for row in rows], "total": total})


@bp.put("/groups/<group_id>/members/<user_id>")
@takes(gives="Member")
def add_member(group_id: str, user_id: str) -> ResponseReturnValue:
    """Puts an account into a group."""
    return answer(_member(groups.add_member(runtime(), group_id, user_id)))


@bp.delete("/groups/<group_id>/members/<user_id>")
@takes(gives="Member")
def drop_member(group_id: str, user_id: str) -> ResponseReturnValue:
    """Takes an account out of a group."""
    return answer(_member(groups.drop_member(runtime(), group_id, user_id)))


# -- bindings


def _binding(row: Row[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.id,
        "type": row.type,
        "namespace": row.namespace or None,
        "role": {"id": row.role_id, "name": row.role_name or row.role_id},
    }
    if row.type == bindings.GROUP:
        shown["group"] = {"id": row.subject_id, "name": row.group_name}
    else:
        named = {"username": row.username, "displayName": row.username, "type": row.kind}
        shown["user"] = {"id": row.subject_id, **named}
    return without_none(shown)


@bp.post("/bindings")
@takes(body="json:NewRoleBinding", gives="RoleBinding")
def create_binding() -> ResponseReturnValue:
    """Gives a role to a user or group, in a namespace and below it; without one, everywhere."""
    data = json_map("type", "externalId", "roleId")
    place = _text(data, "namespaceId") or ""
    add_detail(type=data["type"], subject=data["externalId"], role=data["roleId"], namespace=place)
    made = bindings.create(runtime(), data["type"], data["externalId"], data["roleId"], place)
    return answer(_binding(made))


@bp.get("/bindings/search")
@takes("page size sort type id namespace roleId", gives="Page<RoleBinding>", also=(400,))
def list_bindings() -> ResponseReturnValue:
    """A page of bindings; `id` is that of a user or group."""
    args = request.args
    wanted = BindingFilter(
        type=args.get("type"),
        subject_id=args.get("id"),
        role_id=args.get("roleId"),
        namespace=args.get("namespace"),
    )
    rows, total = bindings.find_page(runtime(), wanted, *page(), sort())
    return answer({"results": [_binding(row) for row in rows], "total": total})


@bp.get("/bindings/<binding_id>")
@takes(gives="RoleBinding")
def get_binding(binding_id: str) -> ResponseReturnValue:
    """One binding."""
    return answer(_binding(bindings.get(runtime(), binding_id)))


@bp.delete("/bindings/<binding_id>")
@takes(status=204)
def delete_binding(binding_id: str) -> ResponseReturnValue:
    """Takes back what a binding gave."""
    gone = bindings.get(runtime(), binding_id)
    add_detail(subject=gone.subject_id, role=gone.role_id, namespace=gone.namespace)
    bindings.remove(runtime(), binding_id)
    return Response(status=204)
