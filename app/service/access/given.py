"""Grants as accounts and API tokens keep them: a role, fixed or the users' own, and a namespace.

A role of the users' own is kept by its id, which stays when its name changes, and shown by name. A
role that is gone gives nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from app.database import grants
from app.database.session import Session
from app.errors import Invalid, Violation
from app.model.access import ROLES, Grant, held_by
from app.service.runtime import Runtime

Stored = Sequence[Mapping[str, str]]  #: [{role, namespace}], the role a fixed name or an id
_MOST = 1000  #: grants that one account or token may have


def read(tx: Session, entries: Any, name: str) -> list[dict[str, str]]:
    """What is kept of `[{role, namespace}]`, roles by name or id; `name` is that of the list.

    Raises Invalid that names each wrong entry.
    """
    if not isinstance(entries, list | tuple):
        raise Invalid(f"`{name}` must be a list of {{role, namespace}}")
    if len(entries) > _MOST:
        raise Invalid(f"`{name}` has {len(entries)} entries, {_MOST} at most")
    asked = [entry.get("role") if isinstance(entry, Mapping) else None for entry in entries]
    known = _ids(tx, {role for role in asked if isinstance(role, str)})
    found, wrong = [], []
    for n, (entry, role) in enumerate(zip(entries, asked, strict=True)):
        namespace = entry.get("namespace") if isinstance(entry, Mapping) else None
        if not isinstance(role, str) or role not in known:
            wrong.append(Violation(path=f"{name}[{n}].role", message=_refusal(role)))
        elif not isinstance(namespace, str | None):
            wrong.append(Violation(path=f"{name}[{n}].namespace", message="must be a text"))
        else:
            found.append({"role": known[role], "namespace": namespace or ""})
    if wrong:
        raise Invalid(f"invalid {name}", tuple(wrong))
    return found


def known(tx: Session, asked: Iterable[str]) -> frozenset[str]:
    """Those of the names and ids that are a role's."""
    names = frozenset(asked)
    return names & _ids(tx, names).keys()


def _refusal(role: Any) -> str:
    said = f"there is no role {role[:60]!r}" if isinstance(role, str) else "must be a text"
    return f"{said}; fixed are {', '.join(ROLES)}, others are made by POST /roles"


def _ids(tx: Session, asked: Iterable[str]) -> dict[str, str]:
    """What is kept for each name or id that is one; a name goes before an id."""
    rows = _own(tx, asked)
    return (
        {row.id: row.id for row in rows}
        | {row.name: row.id for row in rows}
        | {name: name for name in ROLES}
    )


def _own(tx: Session, asked: Iterable[str]) -> Sequence[Row[Any]]:
    """The roles of the users' own among names and ids; without one the database is not asked."""
    own = sorted({role for role in asked if role not in ROLES})
    return grants.find_roles(tx, own) if own else ()


def grants_of(tx: Session, stored: Stored) -> tuple[Grant, ...]:
    """The grants that are kept, each with what its role holds now."""
    own = {row.id: row for row in _own(tx, (entry["role"] for entry in stored))}
    found = []
    for entry in stored:
        role, namespace = entry["role"], entry.get("namespace", "")
        if role in ROLES:
            found.append(Grant(role, namespace))
        elif role in own:
            found.append(Grant(own[role].name, namespace, held_by(own[role].permissions)))
    return tuple(found)


def shown(rt: Runtime, lists: Sequence[Stored]) -> list[list[dict[str, str]]]:
    """Lists of grants as people read them: with names of roles."""
    with rt.database.reading() as tx:
        rows = _own(tx, (entry["role"] for stored in lists for entry in stored))
    names = {name: name for name in ROLES} | {row.id: row.name for row in rows}
    return [
        [
            {"role": names[entry["role"]], "namespace": entry.get("namespace", "")}
            for entry in stored
            if entry["role"] in names
        ]
        for stored in lists
    ]
