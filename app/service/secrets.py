"""Secrets: from the server's environment, or stored encrypted by namespace with inheritance."""

import base64

from app.database import git_bindings
from app.database import secrets as rows
from app.service.crypto import Keyring
from app.service.runtime import Runtime
from app.settings import secrets_from


def find(rt: Runtime, namespace: str, key: str) -> str | None:
    """The value: the namespace's own, the nearest parent's, else the environment's."""
    parts = namespace.split(".")
    with rt.database.reading() as tx:
        # a preview of a pull request must not read what its parents keep
        root = git_bindings.preview_root(tx, namespace)
        least = len(root.split(".")) - 1 if root is not None else 0
        for size in range(len(parts), least, -1):
            owner = ".".join(parts[:size])
            row = rows.find(tx, owner, key)
            if row is not None:
                text = row.ciphertext.decode()
                return Keyring.of(rt.settings).decrypt(text, f"{owner}/{key}")
    if root is not None:
        return None
    text = secrets_from(rt.environ).get(key.upper())
    if text is None:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        return None


def put(rt: Runtime, namespace: str, key: str, value: str, description: str | None = None) -> None:
    """Stores a secret, encrypted. Raises NoEncryptionKey."""
    text = Keyring.of(rt.settings).encrypt(value, f"{namespace}/{key}")
    with rt.database.transaction() as tx:
        rows.put(tx, namespace, key, text, description, rt.clock())


def delete(rt: Runtime, namespace: str, key: str) -> bool:
    """Removes a stored secret; False when there was none."""
    with rt.database.transaction() as tx:
        return rows.drop(tx, namespace, key)


def list_names(rt: Runtime, namespace: str) -> list[str]:
    """Names that the namespace stores itself, and those of the environment."""
    with rt.database.reading() as tx:
        stored = rows.list_keys(tx, namespace)
    return sorted({*stored, *secrets_from(rt.environ)})
