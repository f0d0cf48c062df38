"""Where secrets come from beside our own store: one interface, one small class for each place.

A back end only gives values. Each is asked in the order of `backends_of`, after our own store and
before a parent namespace has its turn.
"""

import base64
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from app.errors import Unavailable
from app.library import Library
from app.service.runtime import Runtime
from app.settings import Settings, secrets_from

httpx = Library("httpx")

NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,254}")
MOST_BYTES = 100_000
VAULT_S, KEPT_S = 5.0, 10.0
_kept: dict[tuple[str, str, str], tuple[float, Mapping[str, Any]]] = {}


class SecretBackend(Protocol):
    """A place that secrets are read from."""

    def find(self, namespace: str, key: str) -> str | None:
        """The value that this very namespace has; `""` asks for what belongs to all of them.

        Raises Unavailable when the place cannot be asked.
        """
        ...

    def names(self, namespace: str) -> list[str]:
        """The names that a namespace has there. Raises Unavailable."""
        ...


class Environment:
    """`SECRET_<NAME>` variables in base64, for all namespaces."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def find(self, namespace: str, key: str) -> str | None:
        """See SecretBackend."""
        text = secrets_from(self._environ).get(key.upper()) if not namespace else None
        if text is None:
            return None
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode()
        except ValueError:
            return None

    def names(self, namespace: str) -> list[str]:
        """See SecretBackend."""
        return sorted(secrets_from(self._environ)) if not namespace else []


class Folder:
    """Files: `KEY` for all namespaces, `namespace/KEY` for one; the content is the value.

    As Docker and Kubernetes mount them; a line end after the last line does not count.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, namespace: str, key: str) -> str | None:
        """See SecretBackend."""
        if not NAME.fullmatch(key) or (namespace and not _is_namespace(namespace)):
            return None
        try:
            with (self._root / namespace / key).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            return data.decode().removesuffix("\n") if len(data) <= MOST_BYTES else None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise Unavailable(f"the folder of secrets cannot be read: {error.strerror}") from None

    def names(self, namespace: str) -> list[str]:
        """See SecretBackend."""
        if namespace and not _is_namespace(namespace):
            return []
        try:
            found = sorted((self._root / namespace).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [path.name for path in found if path.is_file() and NAME.fullmatch(path.name)]


class Vault:
    """A server that speaks HashiCorp Vault's KV version 2: a secret for each namespace.

    `<mount>/<prefix>/<namespace>` holds the namespace's keys as its fields. Read at most every ten
    seconds for one namespace.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def find(self, namespace: str, key: str) -> str | None:
        """See SecretBackend."""
        value = self._read(namespace).get(key)
        return None if value is None else str(value)

    def names(self, namespace: str) -> list[str]:
        """See SecretBackend."""
        return sorted(self._read(namespace))

    def _read(self, namespace: str) -> Mapping[str, Any]:
        if not _is_namespace(namespace):
            return {}
        given = self._settings
        place = (given.vault_address, given.vault_prefix, namespace)
        at, fields = _kept.get(place, (float("-inf"), {}))
        if time.monotonic() - at > KEPT_S:
            fields = self._ask(namespace)
            _kept[place] = (time.monotonic(), fields)
        return fields

    def _ask(self, namespace: str) -> Mapping[str, Any]:
        given = self._settings
        path = "/".join(p for p in (given.vault_prefix.strip("/"), namespace) if p)
        url = f"{given.vault_address.rstrip('/')}/v1/{given.vault_mount}/data/{quote(path)}"
        headers = {"X-Vault-Token": given.vault_token}
        try:
            answer = httpx.get(url, headers=headers, timeout=VAULT_S, follow_redirects=False)
            if answer.status_code == 404:
                return {}
            data = answer.json() if answer.status_code == 200 else None
            fields = data["data"]["data"] if data is not None else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"the vault gives no answer ({type(error).__name__})") from None
        if not isinstance(fields, Mapping):
            raise Unavailable(f"the vault answers {answer.status_code} for {namespace!r}")
        return fields


def _is_namespace(text: str) -> bool:
    return bool(NAME.fullmatch(text)) and ".." not in text


def backends_of(rt: Runtime) -> Sequence[SecretBackend]:
    """The back ends of an installation, in the order in which they are asked."""
    found: list[SecretBackend] = []
    if rt.settings.secrets_dir:
        found.append(Folder(Path(rt.settings.secrets_dir)))
    if rt.settings.vault_address:
        found.append(Vault(rt.settings))
    return [*found, Environment(rt.environ)]
