"""Routes of access: accounts, service accounts, their tokens, what they may."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api.auditing import add_change, add_detail
from app.api.describe import takes
from app.api.tokens import created_token, listed_tokens
from app.api.web import (
    answer,
    json_body,
    page,
    runtime,
    sort,
    texts,
    wire_moment,
    without_none,
)
from app.errors import BadRequest, Invalid, NotFound
from app.service.access import accounts, given, groups, reach, tokens

bp = Blueprint("access", __name__)
USER, SERVICE = "USER", "SERVICE_ACCOUNT"


def _shown(row: Row[Any], status: int = 200) -> Response:
    """One account, with the groups that it is in."""
    found = [{"id": group.id, "name": group.name} for group in groups.of_user(runtime(), row.id)]
    [grants] = given.shown(runtime(), [row.roles])
    return answer(_account(row, grants) | {"groups": found}, status)


def _account(row: Row[Any], grants: list[dict[str, str]]) -> dict[str, Any]:
    return without_none(
        {
            "id": row.id,
            "username": row.username,
            "name": row.username,
            "type": row.kind,
            "superAdmin": row.is_admin,
            "disabled": row.disabled,
            "grants": grants,
            "createdAt": wire_moment(row.created_at),
        }
    )


def _body() -> dict[str, Any]:
    data = json_body()
    if not isinstance(data, dict):
        raise Invalid("the body must be an object")
    return data


def _name(data: dict[str, Any]) -> str:
    for key in ("username", "email", "name"):
        if isinstance(data.get(key), str):
            return str(data[key])
    raise Invalid("`username` must be a text")


def _flag(data: dict[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(f"`{name}` must be true or false")
    return value


def _groups(data: dict[str, Any]) -> list[str] | None:
    """The groups that a body names, each of which is there; None: it does not say."""
    if "groups" not in data:
        return None
    return [groups.get(runtime(), group_id).id for group_id in texts(data, "groups")]


def _joined(row: Row[Any], wanted: list[str] | None) -> Row[Any]:
    if wanted is not None:
        groups.set_groups(runtime(), row.id, wanted)
    return row


def _changed(account_id: str, *, without: str = "") -> Row[Any]:
    data = _body()
    changes, wanted = _changes(data), _groups(data)
    shown = changes if wanted is None else changes | {"groups": wanted}
    add_detail(**{k: v for k, v in shown.items() if k != "password"})
    changes = {k: v for k, v in changes.items() if k != without}
    before = _settings(accounts.get(runtime(), account_id))
    changed = _joined(accounts.change(runtime(), account_id, changes), wanted)
    add_change(before, _settings(changed))
    return changed


def _settings(row: Row[Any]) -> dict[str, Any]:
    """What the audit log compares of an account."""
    [grants] = given.shown(runtime(), [row.roles])
    return {
        "superAdmin": row.is_admin,
        "disabled": row.disabled,
        "grants": grants,
        "groups": [group.name for group in groups.of_user(runtime(), row.id)],
    }


def _changes(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "superAdmin" in data:
        found["is_admin"] = _flag(data, "superAdmin")
    if "disabled" in data:
        found["disabled"] = _flag(data, "disabled")
    if "grants" in data:
        found["grants"] = data["grants"]
    if data.get("password") is not None:
        found["password"] = data["password"]
    return found


def _get(account_id: str, kind: str) -> Row[Any]:
    row = accounts.get(runtime(), account_id)
    if row.kind != kind:
        raise NotFound("no such account")
    return row


def _add(kind: str) -> Row[Any]:
    data = _body()
    wanted = _groups(data)
    made = accounts.create(
        runtime(),
        _name(data),
        kind=kind,
        password=data.get("password") if kind == USER else None,
        grants=data.get("grants", ()),
        is_admin=_flag(data, "superAdmin"),
    )
    [grants] = given.shown(runtime(), [made.roles])
    facts: dict[str, Any] = {} if wanted is None else {"groups": wanted}
    add_detail(username=made.username, grants=grants, superAdmin=made.is_admin, **facts)
    return _joined(made, wanted)


def _page(kind: str) -> ResponseReturnValue:
    number, size = page()
    text = request.args.get("q") or request.args.get("filters[q][EQUALS]") or ""
    rows, total = accounts.find_page(
        runtime(), kind, text=text, page=number, size=size, sort=sort()
    )
    shown = given.shown(runtime(), [row.roles for row in rows])
    return answer({"results": list(map(_account, rows, shown)), "total": total})


# -- people


@bp.get("/users")
@takes("page size sort q", gives="Page<Account>", also=(400,))
def list_users() -> ResponseReturnValue:
    """A page of users by name."""
    return _page(USER)


@bp.post("/users")
@takes(body="json:NewAccount", gives="Account", status=201, also=(409,))
def create_user() -> ResponseReturnValue:
    """A new user."""
    return _shown(_add(USER), 201)


@bp.get("/users/<user_id>")
@takes(gives="Account")
def get_user(user_id: str) -> ResponseReturnValue:
    """One user."""
    return _shown(_get(user_id, USER))


@bp.put("/users/<user_id>")
@bp.patch("/users/<user_id>")
@takes(body="json:AccountChanges", gives="Account", also=(409,))
def change_user(user_id: str) -> ResponseReturnValue:
    """Changes what the body names of a user."""
    _get(user_id, USER)
    return _shown(_changed(user_id))


@bp.patch("/users/<user_id>/password")
@takes(body="json:Password", gives="Account")
def set_password(user_id: str) -> ResponseReturnValue:
    """Sets a password; every session of the user ends."""
    _get(user_id, USER)
    data = _body()
    if "password" not in data:
        raise Invalid("`password` must be a text")
    changed = accounts.change(runtime(), user_id, {"password": data["password"]})
    return _shown(changed)


@bp.delete("/users/<user_id>")
@takes(status=204, also=(409,))
def delete_user(user_id: str) -> ResponseReturnValue:
    """Closes a user's account."""
    _get(user_id, USER)
    accounts.remove(runtime(), user_id)
    return Response(status=204)


# -- machines


@bp.get("/service-accounts")
@takes("page size sort q", gives="Page<Account>", also=(400,))
def list_service_accounts() -> ResponseReturnValue:
    """A page of service accounts by name."""
    return _page(SERVICE)


@bp.post("/service-accounts")
@takes(body="json:NewAccount", gives="Account", also=(409,))
def create_service_account() -> ResponseReturnValue:
    """A new service account: it comes in by its tokens only."""
    return _shown(_add(SERVICE))


@bp.get("/service-accounts/<account_id>")
@takes(gives="Account")
def get_service_account(account_id: str) -> ResponseReturnValue:
    """One service account."""
    return _shown(_get(account_id, SERVICE))


@bp.patch("/service-accounts/<account_id>")
@takes(body="json:AccountChanges", gives="Account", also=(409,))
def change_service_account(account_id: str) -> ResponseReturnValue:
    """Changes what the body names of a service account."""
    _get(account_id, SERVICE)
    return _shown(_changed(account_id, without="password"))


@bp.delete("/service-accounts/<account_id>")
@takes(status=204)
def delete_service_account(account_id: str) -> ResponseReturnValue:
    """Closes a service account with its tokens."""
    _get(account_id, SERVICE)
    accounts.remove(runtime(), account_id)
    return Response(status=204)


# -- tokens of others


@bp.get("/<any(users, 'service-accounts'):kind>/<account_id>/api-tokens")
@takes("page size sort", gives="TokenList", also=(400,))
def list_tokens(kind: str, account_id: str) -> ResponseReturnValue:
    """The tokens of an account, without their secrets."""
    _get(account_id, USER if kind == "users" else SERVICE)
    return listed_tokens(account_id)


@bp.post("/<any(users, 'service-accounts'):kind>/<account_id>/api-tokens")
@takes(body="json:NewToken", gives="NewTokenAnswer", status=201)
def create_token(kind: str, account_id: str) -> ResponseReturnValue:
    """A new token of an account; its text appears in this answer only."""
    _get(account_id, USER if kind == "users" else SERVICE)
    return answer(created_token(account_id), 201)


@bp.delete("/<any(users, 'service-accounts'):kind>/<account_id>/api-tokens/<token_id>")
@takes(status=204)
def revoke_token(kind: str, account_id: str, token_id: str) -> ResponseReturnValue:
    """Ends a token at once."""
    _get(account_id, USER if kind == "users" else SERVICE)
    if not tokens.revoke_token(runtime(), account_id, token_id):
        raise NotFound("no such token")
    return Response(status=204)


# -- what comes of all that is given


@bp.get("/permissions")
@takes("account* namespace", gives="PermissionList", also=(400, 404))
def list_permissions() -> ResponseReturnValue:
    """What an account (its id or name) may in a namespace, and by which grants.

    Without a namespace: what it may everywhere.
    """
    named = request.args.get("account", "")
    if not named:
        raise BadRequest("`account` must name an account, by its id or name")
    namespace = request.args.get("namespace", "").strip()
    account, found = reach.of_account(runtime(), named, namespace)
    return answer(
        {
            "username": account.username,
            "namespace": namespace,
            "superAdmin": account.is_admin,
            "disabled": account.disabled,
            "permissions": [
                {"name": name, "allowed": bool(ways), "by": [_way(way) for way in ways]}
                for name, ways in found.items()
            ],
        }
    )


def _way(way: reach.Way) -> dict[str, Any]:
    grant = way.grant
    return without_none({"role": grant.role, "namespace": grant.namespace, "group": way.group})
