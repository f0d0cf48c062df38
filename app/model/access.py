"""Who may do what: permissions, the roles that bundle them, a caller with its grants.

Everything is refused that no grant allows. A grant gives a role for a namespace and all below it,
or (namespace `""`) everywhere; four roles are fixed, users make others. Pure values;
`api/permissions.py` says which route asks for what.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks for."""

    FLOW_READ = "flow:read"
    FLOW_WRITE = "flow:write"
    EXECUTION_READ = "execution:read"  #: with its logs, outputs, metrics and files
    EXECUTION_RUN = "execution:run"  #: start, restart, kill, pause, resume, label, delete
    EXECUTION_EVAL = "execution:eval"  #: render expressions of one's own against an execution
    TRIGGER_READ = "trigger:read"
    TRIGGER_OPERATE = "trigger:operate"
    NAMESPACE_READ = "namespace:read"
    NAMESPACE_WRITE = "namespace:write"
    FILE_READ = "file:read"
    FILE_WRITE = "file:write"
    KV_READ = "kv:read"
    KV_WRITE = "kv:write"
    SECRET_LIST = "secret:list"  #: names and descriptions; no route shows a value
    SECRET_WRITE = "secret:write"
    GIT_READ = "git:read"
    GIT_SYNC = "git:sync"  #: fetch, plan, sync, pin
    GIT_PROPOSE = "git:propose"
    GIT_APPROVE = "git:approve"
    GIT_ADMIN = "git:admin"  #: connections, sources, bindings, endpoints, windows
    DASHBOARD_READ = "dashboard:read"
    DASHBOARD_WRITE = "dashboard:write"
    TEST_RUN = "test:run"
    TEST_WRITE = "test:write"
    INSTANCE_READ = "instance:read"  #: settings without secrets, services, workers, statistics
    WORKER_OPERATE = "worker:operate"
    ACCESS_ADMIN = "access:admin"  #: users, roles, service accounts
    AUDIT_READ = "audit:read"
    SELF = "self"  #: one's own profile, tokens, preferences; public reference data


P = Permission
_VIEWER = frozenset(
    {
        P.FLOW_READ, P.EXECUTION_READ, P.TRIGGER_READ, P.NAMESPACE_READ, P.FILE_READ, P.KV_READ,
        P.GIT_READ, P.DASHBOARD_READ,
    }
)  # fmt: skip
_OPERATOR = _VIEWER | {P.EXECUTION_RUN, P.TRIGGER_OPERATE, P.INSTANCE_READ, P.TEST_RUN}
_EDITOR = _OPERATOR | {
    P.FLOW_WRITE, P.EXECUTION_EVAL, P.NAMESPACE_WRITE, P.FILE_WRITE, P.KV_WRITE, P.SECRET_LIST,
    P.SECRET_WRITE, P.GIT_SYNC, P.GIT_PROPOSE, P.DASHBOARD_WRITE, P.TEST_WRITE,
}  # fmt: skip

ROLES: dict[str, frozenset[Permission]] = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "editor": _EDITOR,
    "admin": frozenset(Permission),
}

#: what a role that users make may hold: everybody has SELF, and who manages access may all
GIVEN = frozenset(Permission) - {P.SELF, P.ACCESS_ADMIN}


def held_by(names: Iterable[str]) -> frozenset[Permission]:
    """Stored permissions; a name that this version does not know gives nothing."""
    return frozenset(Permission(name) for name in names if name in GIVEN)


@dataclass(frozen=True)
class Grant:
    """A role for a namespace and those below it; `""` is everywhere."""

    role: str
    namespace: str = ""
    own: frozenset[Permission] | None = None  #: of a role that users made; None: by its name

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it allows; nothing for a role that nobody knows."""
        return ROLES.get(self.role, frozenset()) if self.own is None else self.own

    def covers(self, namespace: str) -> bool:
        """Whether it reaches a namespace."""
        return not self.namespace or is_within(namespace, self.namespace)


@dataclass(frozen=True)
class Caller:
    """Who makes a request, and what was granted to them."""

    id: str
    username: str
    is_admin: bool = False
    grants: tuple[Grant, ...] = ()
    is_bounded: bool = False  #: has less than the account, or for a time: a token with such limits

    def may(self, permission: Permission, namespace: str | None = None) -> bool:
        """Whether they may, in a namespace; None asks whether they may everywhere."""
        if self.is_admin or permission is Permission.SELF:
            return True
        wanted = namespace or ""
        return any(
            permission in grant.permissions and grant.covers(wanted)
            for grant in self.grants
            if wanted or not grant.namespace
        )

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether any grant of theirs has the permission."""
        return self.visible(permission) != ()

    def visible(self, permission: Permission) -> tuple[str, ...] | None:
        """The namespaces (each with those below it) where they may; None: everywhere."""
        if self.may(permission):
            return None
        found = {grant.namespace for grant in self.grants if permission in grant.permissions}
        return tuple(sorted(found))

    def limited_to(self, grants: Iterable[Grant]) -> "Caller":
        """The same caller with no more than these grants: a token may have less than its owner."""
        kept = tuple(narrowed for wanted in grants for narrowed in self._narrow(wanted))
        return Caller(self.id, self.username, False, kept, is_bounded=True)

    def _narrow(self, wanted: Grant) -> tuple[Grant, ...]:
        if self.is_admin:
            return (wanted,)
        found = []
        for own in self.grants:
            both = wanted.permissions & own.permissions
            role = wanted.role if both == wanted.permissions else own.role
            if own.covers(wanted.namespace) and (wanted.namespace or not own.namespace):
                found.append(Grant(role, wanted.namespace, both))
            elif own.namespace and wanted.covers(own.namespace):
                found.append(Grant(role, own.namespace, both))
        return tuple(found)


def is_within(namespace: str, root: str) -> bool:
    """Whether a namespace is `root` or lies below it."""
    return namespace == root or namespace.startswith(root + ".")
