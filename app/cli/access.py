"""Commands for accounts, groups, roles, and what is given to whom. People are known by name."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.connection import call
from app.cli.output import Format, Output, Text, show
from app.cli.secret import read_value
from app.errors import Invalid, NotFound

user = typer.Typer(no_args_is_help=True, help="Accounts of people and programs.")
group = typer.Typer(no_args_is_help=True, help="Groups of accounts.")
role = typer.Typer(no_args_is_help=True, help="Roles: the fixed ones, and your own.")
KINDS = ("/users", "/service-accounts")
_MOST = 10_000
Place = Annotated[str, typer.Option("--namespace", help="It and those below; all if absent.")]


def account(name: str) -> tuple[str, dict[str, Any]]:
    """The address of an account and what it is. Raises NotFound."""
    for kind in KINDS:
        for found in _all(kind, name):
            if found["username"] == name:
                return f"{kind}/{found['id']}", found
    raise NotFound(f"there is no account {name!r}")


def _named(kind: str, path: str, name: str) -> str:
    """The id of a group or role. Raises NotFound."""
    for found in _all(path, name):
        if found["name"] == name:
            return str(found["id"])
    raise NotFound(f"there is no {kind} {name!r}")


def _all(path: str, text: str = "", **more: Any) -> list[dict[str, Any]]:
    query = {"q": text} if text else {}
    found = call("GET", path, params={"size": _MOST, **query, **more})
    return list(found["results"])


def told(grants: list[dict[str, Any]]) -> str:
    """Grants on one line."""
    shown = (f"{one['role']} {_place(one.get('namespace'))}" for one in grants)
    return ", ".join(shown) or "nothing"


def _place(namespace: str | None) -> str:
    return f"in {namespace}" if namespace else "everywhere"


def _bound(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bindings as grants."""
    return [{"role": row["role"]["name"], "namespace": row.get("namespace", "")} for row in rows]


def _bindings_of(subject_id: str) -> list[dict[str, Any]]:
    return _all("/bindings/search", id=subject_id)


# -- accounts


@user.command("list")
def list_users(q: Text = "", output: Output = Format.TEXT) -> None:
    """Lists accounts with what their own grants and bindings give; groups give more."""
    found = [one for kind in KINDS for one in _all(kind, q)]
    bound: dict[str, list[dict[str, Any]]] = {}
    for row in _all("/bindings/search", type="USER"):
        bound.setdefault(row["user"]["id"], []).append(row)
    for one in found:
        one["grants"] += _bound(bound.get(one["id"], []))
    show(found, output, _account_line)


def _account_line(one: dict[str, Any]) -> str:
    marks = [word for word, is_so in (
        ("program", one["type"] != "USER"), ("disabled", one["disabled"]),
    ) if is_so]  # fmt: skip
    may = "super admin" if one["superAdmin"] else told(one["grants"])
    return " ".join([one["username"], *(f"({mark})" for mark in marks), may])


@user.command("add")
def add_user(
    name: str,
    program: Annotated[bool, typer.Option(help="Comes in by tokens, has no password.")] = False,
    super_admin: Annotated[bool, typer.Option(help="May everything.")] = False,
    password: Annotated[bool, typer.Option(help="--no-password: single sign-on only.")] = True,
    file: Annotated[Path | None, typer.Option(help="The file that holds the password.")] = None,
) -> None:
    """Makes an account; the password comes from --file, from stdin, or is asked for."""
    body: dict[str, Any] = {"username": name, "superAdmin": super_admin}
    if password and not program:
        body["password"] = read_value(f"Password of {name}", file)
    call("POST", KINDS[program], json=body)


@user.command("remove")
def remove_user(name: str) -> None:
    """Closes an account with its tokens and sessions."""
    call("DELETE", account(name)[0])


@user.command("grant")
def grant_user(name: str, role: str, namespace: Place = "") -> None:
    """Gives an account a role."""
    _bind("USER", account(name)[1]["id"], role, namespace)


@user.command("revoke")
def revoke_user(name: str, role: str, namespace: Place = "") -> None:
    """Takes a role from an account, however it was given, except by a group."""
    path, found = account(name)
    own = [one for one in found["grants"] if not _is_same(one, role, namespace)]
    if own != found["grants"]:
        call("PATCH", path, json={"grants": own})
    if not _unbind(found["id"], role, namespace) and own == found["grants"]:
        raise Invalid(f"{name} was not given {role} {_place(namespace)}")


def _is_same(one: dict[str, Any], role: str, namespace: str) -> bool:
    return bool(one["role"] == role and one.get("namespace", "") == namespace)


def _bind(kind: str, subject_id: str, role: str, namespace: str) -> None:
    wanted = {"type": kind, "externalId": subject_id, "roleId": _role(role)}
    call("POST", "/bindings", json=wanted | ({"namespaceId": namespace} if namespace else {}))


def _unbind(subject_id: str, role: str, namespace: str) -> bool:
    """Takes back what a binding gave; False when none did."""
    rows = _bindings_of(subject_id)
    found = [
        row["id"]
        for row, one in zip(rows, _bound(rows), strict=True)
        if _is_same(one, role, namespace)
    ]
    for binding_id in found:
        call("DELETE", f"/bindings/{binding_id}")
    return bool(found)


# -- groups


@group.command("list")
def list_groups(q: Text = "", output: Output = Format.TEXT) -> None:
    """Lists groups with their members and what each gives them."""
    found = [
        {
            **one,
            "members": [m["username"] for m in _all(f"/groups/{one['id']}/members")],
            "grants": _bound(_bindings_of(one["id"])),
        }
        for one in _all("/groups/search", q)
    ]
    show(found, output, _group_line)


def _group_line(one: dict[str, Any]) -> str:
    return f"{one['name']}: {told(one['grants'])}; members: {', '.join(one['members']) or 'none'}"


@group.command("add")
def add_group(
    name: str,
    members: Annotated[list[str] | None, typer.Option("--member", help="Repeatable.")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Makes a group, or puts accounts into one that is there."""
    ids = [account(member)[1]["id"] for member in members or ()]
    there = [one for one in _all("/groups/search", name) if one["name"] == name]
    if not there:
        body = {"name": name, "membersId": ids}
        call("POST", "/groups", json=body | ({"description": description} if description else {}))
        return
    if not ids:
        raise Invalid(f"there is a group {name!r} already")
    for user_id in ids:
        call("PUT", f"/groups/{there[0]['id']}/members/{user_id}")


@group.command("remove")
def remove_group(
    name: str,
    members: Annotated[list[str] | None, typer.Option("--member", help="Only this one.")] = None,
) -> None:
    """Closes a group; with --member takes accounts out of it."""
    path = f"/groups/{_group(name)}"
    if not members:
        call("DELETE", path)
    for user_id in [account(member)[1]["id"] for member in members or ()]:
        call("DELETE", f"{path}/members/{user_id}")


@group.command("grant")
def grant_group(name: str, role: str, namespace: Place = "") -> None:
    """Gives a group a role: all its members have it."""
    _bind("GROUP", _group(name), role, namespace)


@group.command("revoke")
def revoke_group(name: str, role: str, namespace: Place = "") -> None:
    """Takes a role from a group."""
    if not _unbind(_group(name), role, namespace):
        raise Invalid(f"{name} was not given {role} {_place(namespace)}")


def _group(name: str) -> str:
    return _named("group", "/groups/search", name)


# -- roles


@role.command("list")
def list_roles(q: Text = "", output: Output = Format.TEXT) -> None:
    """Lists roles with what each may."""
    show(_all("/roles/search", q), output,
         lambda one: f"{one['name']}: {', '.join(one['permissions'])}")  # fmt: skip


@role.command("add")
def add_role(
    name: str,
    permissions: Annotated[list[str], typer.Argument(help="Such as flow:read.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Makes a role, or gives one of your own another set of permissions."""
    body = {"name": name, "permissions": permissions}
    body |= {"description": description} if description else {}
    there = [one for one in _all("/roles/search", name) if one["name"] == name]
    if there:
        kept = there[0].get("description")
        body = ({"description": kept} if kept else {}) | body
        call("PUT", f"/roles/{there[0]['id']}", json=body)
    else:
        call("POST", "/roles", json=body)


@role.command("remove")
def remove_role(name: str) -> None:
    """Takes a role of your own away, and from everybody who has it."""
    call("DELETE", f"/roles/{_role(name)}")


def _role(name: str) -> str:
    return _named("role", "/roles/search", name)
