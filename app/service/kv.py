"""Keys and values of a namespace, with types and an expiry (flow language 10.2)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import filters, kv
from app.database.session import Session
from app.errors import BadRequest, Gone, Invalid, NotFound
from app.model.duration import parse_duration
from app.model.filter import Group
from app.model.moment import read_moment
from app.model.namespace import check_namespace
from app.service.crypto import Keyring, Veil
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.sealing import sealed, unsealed

KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DURATION = re.compile(r"P(?=.)([\d.]+[WD])?(T([\d.]+[HMS])*)?", re.IGNORECASE)
_KINDS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "DATETIME": (_DATETIME, read_moment),
    "DATE": (_DATE, date.fromisoformat),
    "DURATION": (_DURATION, parse_duration),
}


class KeyNotFound(NotFound):
    """The namespace has no such key."""

    def __init__(self, namespace: str, key: str) -> None:
        super().__init__(f"No value found for key '{key}' in namespace '{namespace}'")


class KeyExpired(Gone):
    """The key existed; its time is over."""

    def __init__(self) -> None:
        super().__init__("The requested value has expired")


def kind_of(value: Any) -> str:
    """The type of a stored value, by its shape."""
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int | float):
        return "NUMBER"
    if isinstance(value, str):
        return next((kind for kind, shape in _KINDS.items() if _is(value, *shape)), "STRING")
    return "JSON"


def _is(text: str, pattern: re.Pattern[str], read: Callable[[str], Any]) -> bool:
    if not pattern.fullmatch(text):
        return False
    try:
        read(text)
    except (ValueError, Invalid):  # looks like one, as 2026-02-30
        return False
    return True


def hidden(rt: Runtime, masks: Masks, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry for `put_in` whose value, where it shows a secret, is encrypted for its own key.

    Its type stays that of the value. Without a key of the installation it stays readable.
    """
    ring, value = _ring(rt, data["namespace"], data["key"]), data["value"]
    if not ring.keys:
        return data
    return {**data, "kind": data.get("kind") or kind_of(value), "value": sealed(ring, masks, value)}


def veiled(row: Row[Any]) -> Any:
    """The value of an entry with the mask for what is encrypted."""
    return unsealed(Veil(()), row.value)


def opened(rt: Runtime, row: Row[Any], on_secret: Callable[[str], None]) -> Any:
    """The value of an entry for an expression or a task; what was encrypted is told."""
    return unsealed(_ring(rt, row.namespace, row.key), row.value, on_secret)


def _ring(rt: Runtime, namespace: str, key: str) -> Keyring:
    return Keyring.of(rt.settings).at("kv", f"{namespace}/{key}")


def find(rt: Runtime, namespace: str, key: str, *, inherit: bool = False) -> Row[Any] | None:
    """The entry, or with `inherit` the nearest parent's. Raises KeyExpired."""
    parts = namespace.split(".")
    sizes = range(len(parts), 0, -1) if inherit else [len(parts)]
    with rt.database.reading() as tx:
        for size in sizes:
            row = kv.find(tx, ".".join(parts[:size]), key)
            if row is not None:
                if row.expires_at is not None and row.expires_at <= rt.clock():
                    raise KeyExpired
                return row
    return None


def get(rt: Runtime, namespace: str, key: str) -> Row[Any]:
    """The entry. Raises KeyNotFound or KeyExpired."""
    if not KEY.fullmatch(key):
        raise Invalid(f"the key {key!r} must match {KEY.pattern}")
    row = find(rt, namespace, key)
    if row is None:
        raise KeyNotFound(namespace, key)
    return row


def put_in(tx: Session, rt: Runtime, data: Mapping[str, Any]) -> None:
    """Writes an entry: {namespace, key, value, kind?, ttl?, overwrite?, description?}.

    Raises Invalid for a wrong key, or one that exists when it must not be overwritten.
    """
    key, now = data["key"], rt.clock()
    check_namespace(data["namespace"])
    if not KEY.fullmatch(key):
        raise Invalid(f"the key {key!r} must match {KEY.pattern}")
    if not data.get("overwrite", True):
        row = kv.find(tx, data["namespace"], key)
        if row is not None and (row.expires_at is None or row.expires_at > now):
            raise Invalid(
                f"Cannot set value for key '{key}'. "
                "Key already exists and `overwrite` is set to `false`."
            )
    ttl = data.get("ttl")
    span = ttl if ttl is None or isinstance(ttl, timedelta) else parse_duration(str(ttl))
    kv.put(
        tx,
        data["namespace"],
        key,
        now,
        kind=data.get("kind") or kind_of(data["value"]),
        value=data["value"],
        expires_at=now + span if span is not None else None,
        description=data.get("description"),
    )


def put(rt: Runtime, data: Mapping[str, Any]) -> None:
    """As `put_in`, in a transaction of its own."""
    with rt.database.transaction() as tx:
        put_in(tx, rt, data)


def delete(rt: Runtime, namespace: str, key: str) -> bool:
    """Removes an entry; False when there was none. Raises Invalid for what is no key."""
    if not KEY.fullmatch(key):
        raise Invalid(f"the key {key!r} must match {KEY.pattern}")
    with rt.database.transaction() as tx:
        return kv.drop(tx, namespace, key)


def list_keys(rt: Runtime, namespace: str | None = None) -> list[Row[Any]]:
    """The entries of a namespace, or of all, that have not expired."""
    with rt.database.reading() as tx:
        names = None if namespace is None else [namespace]
        return list(kv.list_keys(tx, rt.clock(), names))


def list_inherited(rt: Runtime, namespace: str) -> list[Row[Any]]:
    """The entries of a namespace and of its parents, by key; the nearest one of a name counts."""
    parts = namespace.split(".")
    names = [".".join(parts[:size]) for size in range(1, len(parts) + 1)]
    with rt.database.reading() as tx:
        rows = kv.list_keys(tx, rt.clock(), names)
    nearest = {row.key: row for row in sorted(rows, key=lambda row: len(row.namespace))}
    return [nearest[key] for key in sorted(nearest)]


def page(
    rt: Runtime, where: Group, *, page: int, size: int, sort: Sequence[tuple[str, bool]] = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the entries that fit and have not expired. Raises BadRequest for the sort."""
    for name, _ in sort:
        if name not in kv.SORTABLE:
            raise BadRequest(f"cannot sort by {name[:40]!r}")
    condition = filters.condition(filters.KEYS, where, filters.Asked(rt.clock()))
    with rt.database.reading() as tx:
        return kv.page(tx, rt.clock(), condition, sort=sort, offset=(page - 1) * size, limit=size)


def delete_many(rt: Runtime, namespace: str, keys: Sequence[str]) -> list[str]:
    """Removes entries in one go; those that were there. Raises Invalid for what is no key."""
    for key in keys:
        if not KEY.fullmatch(key):
            raise Invalid(f"the key {key[:100]!r} must match {KEY.pattern}")
    with rt.database.transaction() as tx:
        return [key for key in dict.fromkeys(keys) if kv.drop(tx, namespace, key)]
