"""Shapes of access: accounts, tokens, roles, groups, bindings, the audit log."""

from datetime import datetime
from typing import Any, Literal

from app.api.shapes import Optional, Shape


class Named(Shape):
    """A thing by its id, with its name."""

    id: str
    name: str


class Grant(Shape):
    """A role, by its name or id, for a namespace and all below it; an empty one is everywhere."""

    role: str
    namespace: str | Optional = None


class Account(Shape):
    """A user or a service account; one by itself tells the groups that it is in."""

    id: str
    username: str
    name: str
    type: Literal["USER", "SERVICE_ACCOUNT"]
    super_admin: bool
    disabled: bool
    grants: list[Grant]
    created_at: datetime
    groups: list[Named] | Optional = None


class AccountChanges(Shape):
    """What changes of an account; `groups` are the ids of all that it shall be in."""

    super_admin: bool | Optional = None
    disabled: bool | Optional = None
    grants: list[Grant] | Optional = None
    groups: list[str] | Optional = None
    password: str | None = None


class NewAccount(AccountChanges):
    """A user or a service account to make; one of its names is needed."""

    username: str | Optional = None
    email: str | Optional = None
    name: str | Optional = None


class Password(Shape):
    """A new password."""

    password: str


class Me(Shape):
    """The caller, with what was granted to them directly and by their groups.

    `permissions` hold in one namespace at least, `everywhere` in all.
    """

    id: str
    username: str
    super_admin: bool
    grants: list[Grant]
    permissions: list[str]
    everywhere: list[str]


class NewToken(Shape):
    """An API token to make; `scopes` give it less than its owner has."""

    name: str
    description: str | Optional = None
    max_age: str | Optional = None
    scopes: list[Grant] | Optional = None


class NewTokenAnswer(Named):
    """A new API token; its text is shown this once."""

    full_token: str


class Token(Named):
    """An API token without its text."""

    prefix: str
    iat: datetime
    extended: bool
    expired: bool
    description: str | Optional = None
    scopes: list[Grant] | Optional = None
    exp: datetime | Optional = None
    last_used: datetime | Optional = None


class TokenList(Shape):
    """API tokens without their texts."""

    results: list[Token]
    total: int


class NewRole(Shape):
    """A role to make: permissions by name, or by noun as a role shows them."""

    name: str
    permissions: list[str] | dict[str, list[str]]
    description: str | Optional = None


class Role(Named):
    """A named set of permissions, verbs by noun; a managed one is fixed."""

    is_default: bool
    is_managed: bool
    permissions: dict[str, list[str]]
    description: str | Optional = None


class RoleSummary(Named):
    """A named set of permissions, by their names."""

    is_default: bool
    is_managed: bool
    permissions: list[str]
    permission_count: int
    description: str | Optional = None


class NewGroup(Shape):
    """A group to make; members are read when it is made."""

    name: str
    description: str | Optional = None
    members_id: list[str] | Optional = None


class Group(Named):
    """A group of accounts."""

    description: str | Optional = None


class Person(Shape):
    """An account by its names."""

    id: str
    username: str
    display_name: str
    type: str


class Member(Person):
    """An account in a group."""


class NewRoleBinding(Shape):
    """A role for a user or group (`externalId`); without a namespace, everywhere."""

    type: Literal["USER", "GROUP"]
    external_id: str
    role_id: str
    namespace_id: str | Optional = None


class RoleBinding(Shape):
    """A role that a user or group has."""

    id: str
    type: Literal["USER", "GROUP"]
    role: Named
    namespace: str | Optional = None
    group: Named | Optional = None
    user: Person | Optional = None


class PermissionWay(Shape):
    """A grant that gives a permission; one of a group names it."""

    role: str
    namespace: str
    group: str | Optional = None


class HeldPermission(Shape):
    """Whether an account has a permission, and by which grants."""

    name: str
    allowed: bool
    by: list[PermissionWay]


class PermissionList(Shape):
    """What an account may in a namespace, an empty one being everywhere."""

    username: str
    namespace: str
    super_admin: bool
    disabled: bool
    permissions: list[HeldPermission]


class Act(Shape):
    """A line of the audit log."""

    id: str
    date: datetime
    actor: str
    action: str
    target: str
    verdict: Literal["DONE", "REFUSED", "FAILED"]
    address: str | Optional = None
    namespace: str | Optional = None
    detail: dict[str, Any] | Optional = None
