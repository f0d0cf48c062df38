"""Secrets as users manage them: names, descriptions and tags; values only go in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.database import secrets as rows
from app.errors import Invalid, NotFound, Violation
from app.model.namespace import check_namespace, lineage
from app.service.crypto import Keyring
from app.service.runtime import Runtime
from app.service.secret_backends import backends_of

KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}")
MOST_BYTES = 100_000


@dataclass(frozen=True)
class SecretMeta:
    """What may be shown of a secret; some belong to no namespace."""

    namespace: str | None
    key: str
    description: str | None = None
    tags: Sequence[Mapping[str, str]] = ()


def is_read_only(rt: Runtime) -> bool:
    """Whether secrets come from the environment alone: there is no key to encrypt with."""
    return not rt.settings.encryption_key


def list_all(rt: Runtime) -> list[SecretMeta]:
    """Every secret by namespace and name, those that belong to all last."""
    with rt.database.reading() as tx:
        found = [_meta(row) for row in rows.list_all(tx)]
    names = {name for one in backends_of(rt) for name in one.names("")}
    return [*found, *(SecretMeta(None, name) for name in sorted(names))]


def list_of(rt: Runtime, namespace: str) -> list[SecretMeta]:
    """A namespace's own secrets, those of the back ends without a description."""
    with rt.database.reading() as tx:
        found = [_meta(row) for row in rows.list_all(tx, namespace)]
    own = {item.key for item in found}
    names = {name for one in backends_of(rt) for name in one.names(namespace)}
    return [*found, *(SecretMeta(namespace, name) for name in sorted(names - own))]


def _meta(row: Any) -> SecretMeta:
    return SecretMeta(row.namespace, row.key, row.description, row.tags)


def inherited(rt: Runtime, namespace: str) -> dict[str, list[str]]:
    """Names of secrets by namespace: its own and its parents'."""
    with rt.database.reading() as tx:
        found = {name: rows.list_keys(tx, name) for name in lineage(namespace)}
    return {name: keys for name, keys in found.items() if keys}


def put(rt: Runtime, namespace: str, data: Mapping[str, Any]) -> None:
    """Stores {key, value, description, tags}, encrypted. Raises Invalid, NoEncryptionKey."""
    check_namespace(namespace)
    key, value = str(data.get("key", "")), data.get("value")
    if not KEY.fullmatch(key):
        raise _wrong("key", f"must match {KEY.pattern}")
    if not isinstance(value, str) or not value:
        raise _wrong("value", "must be a text that is not empty")
    if len(value.encode()) > MOST_BYTES:
        raise _wrong("value", f"is larger than {MOST_BYTES} bytes")
    about = _about(data)
    text = Keyring.of(rt.settings).encrypt(value, f"{namespace}/{key}")
    with rt.database.transaction() as tx:
        rows.put(tx, namespace, key, text, about.get("description"), rt.clock())
        rows.describe(tx, namespace, key, rt.clock(), {"tags": about.get("tags", [])})


def describe(rt: Runtime, namespace: str, key: str, data: Mapping[str, Any]) -> None:
    """Changes description and tags. Raises NotFound, Invalid."""
    about = _about(data)
    with rt.database.transaction() as tx:
        if not rows.describe(tx, namespace, key, rt.clock(), about):
            raise NotFound(f"no secret {key!r} in namespace {namespace!r}")


def _about(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    description, tags = data.get("description"), data.get("tags")
    if description is not None:
        if not isinstance(description, str):
            raise _wrong("description", "must be a text")
        found["description"] = description
    if tags is not None:
        if not isinstance(tags, list) or not all(_is_tag(tag) for tag in tags):
            raise _wrong("tags", "must be a list of {key, value}")
        found["tags"] = [{"key": tag["key"], "value": tag["value"]} for tag in tags]
    return found


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, dict) and all(isinstance(tag.get(k), str) for k in ("key", "value"))


def _wrong(path: str, message: str) -> Invalid:
    return Invalid("Invalid secret", (Violation(path=path, message=message),))


def delete(rt: Runtime, namespace: str, key: str) -> None:
    """Removes a secret. Raises NotFound."""
    with rt.database.transaction() as tx:
        if not rows.drop(tx, namespace, key):
            raise NotFound(f"no secret {key!r} in namespace {namespace!r}")
