"""Secrets: stored encrypted by namespace with inheritance, or from the installation's back ends."""

from collections.abc import Sequence

from app.database import git_bindings
from app.database import secrets as rows
from app.model.access import is_within
from app.service.crypto import Keyring
from app.service.runtime import Runtime
from app.service.secret_backends import SecretBackend, backends_of


def find(rt: Runtime, namespace: str, key: str) -> str | None:
    """The value: the namespace's own, the nearest parent's, else one that belongs to all.

    A namespace's own store goes before the back ends. Raises Unavailable when one cannot be asked.
    """
    parts = namespace.split(".")
    others = backends_of(rt)
    with rt.database.reading() as tx:
        # a preview of a pull request must not read what its parents keep, nor what lies outside
        root = git_bindings.preview_root(tx, namespace)
        least = len(root.split(".")) - 1 if root is not None else 0
        owners = [".".join(parts[:size]) for size in range(len(parts), least, -1)]
        stored = {owner: rows.find(tx, owner, key) for owner in owners}
    for owner in owners:
        row = stored[owner]
        if row is not None:
            text = row.ciphertext.decode()
            return Keyring.of(rt.settings).decrypt(text, f"{owner}/{key}")
        if root is None and (found := _first(others, owner, key)) is not None:
            return found
    return _first(others, "", key) if root is None else None


def may_name(rt: Runtime, namespace: str, other: str) -> bool:
    """Whether a flow may name another namespace to have a secret of it: its own or a parent.

    Keys and files of others may be used where flows live; secrets keep teams apart. What a preview
    of a pull request names lies within the preview.
    """
    with rt.database.reading() as tx:
        root = git_bindings.preview_root(tx, namespace)
    return is_within(namespace, other) and (root is None or is_within(other, root))


def _first(others: Sequence[SecretBackend], namespace: str, key: str) -> str | None:
    return next((v for one in others if (v := one.find(namespace, key)) is not None), None)


def put(rt: Runtime, namespace: str, key: str, value: str, description: str | None = None) -> None:
    """Stores a secret, encrypted. Raises NoEncryptionKey."""
    text = Keyring.of(rt.settings).encrypt(value, f"{namespace}/{key}")
    with rt.database.transaction() as tx:
        rows.put(tx, namespace, key, text, description, rt.clock())


def delete(rt: Runtime, namespace: str, key: str) -> bool:
    """Removes a stored secret; False when there was none."""
    with rt.database.transaction() as tx:
        return rows.drop(tx, namespace, key)
