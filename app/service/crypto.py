"""Encryption at rest: AES-256-GCM with the key's id beside the value and its place as context."""

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Invalid
from app.service.masking import MASK
from app.settings import Settings

TYPE = "io.kestra.datatype:aes_encrypted"


class NoEncryptionKey(Invalid):
    """The installation has no encryption key."""

    def __init__(self) -> None:
        super().__init__("Unable to use a `SECRET` input/output as encryption is not configured")


@dataclass(frozen=True)
class Keyring:
    """The keys of an installation: the first one writes, all of them read."""

    keys: tuple[bytes, ...]
    place: str = ""  #: of the inputs and outputs that it seals: nothing opens them elsewhere

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        """Keys of the settings. Raises Invalid for a key that is not 32 bytes in base64."""
        return cls(_keys(settings.encryption_key, settings.encryption_keys_old))

    def at(self, namespace: str, flow_id: str) -> "Keyring":
        """The same keys, for the inputs and outputs of a flow's executions.

        What somebody read from another flow's execution cannot be opened by handing it to this one.
        """
        return _bound(self.keys, f"{namespace}/{flow_id}")

    @property
    def current_id(self) -> str:
        """The id of the key that writes. Raises NoEncryptionKey."""
        if not self.keys:
            raise NoEncryptionKey
        return _id(self.keys[0])

    def reads(self, key_id: str) -> bool:
        """Whether one of the keys has this id."""
        return key_id in map(_id, self.keys)

    def encrypt(self, plaintext: str, place: str = "") -> str:
        """`key id . nonce and ciphertext`, in base64. Raises NoEncryptionKey."""
        if not self.keys:
            raise NoEncryptionKey
        nonce = os.urandom(12)
        sealed = AESGCM(self.keys[0]).encrypt(nonce, plaintext.encode(), place.encode())
        return f"{_id(self.keys[0])}.{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, text: str, place: str = "") -> str:
        """The plaintext. Raises Invalid when no key fits or the value was moved."""
        key_id, _, body = text.partition(".")
        for key in self.keys:
            if _id(key) == key_id:
                try:
                    raw = base64.b64decode(body)
                    return AESGCM(key).decrypt(raw[:12], raw[12:], place.encode()).decode()
                except (InvalidTag, ValueError):
                    break
        raise Invalid("the value cannot be decrypted with the keys of this installation")

    def seal(self, plaintext: str) -> dict[str, str]:
        """The stored form of an encrypted input or output."""
        return {"type": TYPE, "value": self.encrypt(plaintext, self.place)}

    def unseal(self, value: Any) -> str:
        """The text of an encrypted input or output. Raises Invalid, for one of another flow too."""
        return self.decrypt(str(value["value"]), self.place)


@dataclass(frozen=True)
class Veil(Keyring):
    """Opens nothing: who looks sees that something is hidden (decision 0140)."""

    def decrypt(self, text: str, place: str = "") -> str:
        """The mask, whatever was encrypted."""
        return MASK


def is_sealed(value: Any) -> bool:
    """Whether a value is the stored form of an encrypted one."""
    return isinstance(value, dict) and value.get("type") == TYPE and "value" in value


@lru_cache(maxsize=4096)
def _bound(keys: tuple[bytes, ...], place: str) -> Keyring:
    return Keyring(keys, place)


@lru_cache(maxsize=16)
def _keys(current: str, old: str) -> tuple[bytes, ...]:
    return tuple(_read(text.strip()) for text in (current, *old.split(",")) if text.strip())


def _read(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Invalid("encryption_key must be 32 bytes in base64")
    return key


def _id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
