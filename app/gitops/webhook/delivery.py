"""What a delivery is, whoever sent it."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.errors import BadRequest, Unauthenticated

TOLERANCE_S = 300  #: how far a signed time may lie from ours


class Provider(StrEnum):
    """Who sends."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    FORGEJO = "forgejo"
    BITBUCKET = "bitbucket"
    BITBUCKET_DC = "bitbucket_dc"
    AZURE_DEVOPS = "azure_devops"
    GENERIC = "generic"


class BadSignature(Unauthenticated):
    """The delivery is not signed with a secret of this endpoint."""

    def __init__(self, why: str = "the signature is missing or wrong") -> None:
        super().__init__(why)


class BadDelivery(BadRequest):
    """The delivery's headers or body cannot be read."""


@dataclass(frozen=True)
class Request:
    """A delivery as it came in: header names in lower case, the body's own bytes."""

    headers: Mapping[str, str]
    body: bytes
    now: float  #: seconds since the epoch

    def header(self, name: str) -> str:
        """A header's value; empty when it is absent."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Push:
    """One ref that moved, as the sender says; `sha` is None for a deleted ref."""

    url_keys: tuple[str, ...]
    ref: str
    sha: str | None


@dataclass(frozen=True, kw_only=True)
class PullEvent:
    """A pull request that was opened, moved or closed, as the sender says."""

    urls: tuple[str, ...]  #: of the repository that it is against
    number: int
    sha: str  #: its head; Bitbucket Cloud gives only the beginning of it
    source_ref: str
    target_ref: str
    is_fork: bool
    is_open: bool
    url_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A verified delivery: a ping and an event of no interest have no pushes."""

    provider: Provider
    delivery_id: str
    event: str
    pushes: tuple[Push, ...] = ()
    pull: PullEvent | None = None


def hex_hmac(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    """HMAC of a body in lower-case hex."""
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def require(given: str, expected: Sequence[str]) -> None:
    """Compares in constant time with each expected text. Raises BadSignature."""
    matches = [hmac.compare_digest(given.encode(), text.encode()) for text in expected]
    if not given or not any(matches):
        raise BadSignature


def require_recent(text: str, now: float) -> None:
    """Raises BadSignature for a time that is no number or more than five minutes away."""
    try:
        sent = float(text)
    except ValueError:
        raise BadSignature("the signed time is missing or no number") from None
    if not abs(now - sent) <= TOLERANCE_S:
        raise BadSignature("the delivery is too old or from the future")


def body_id(body: bytes) -> str:
    """The id of a delivery whose sender gives none."""
    return hashlib.sha256(body).hexdigest()


def pick(data: Any, *path: str | int) -> Any:
    """A value deep in a document; None when the path leads nowhere."""
    for part in path:
        if isinstance(data, Mapping) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def clean(text: str) -> str:
    """A text of a delivery as every database takes it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def texts(*values: Any) -> tuple[str, ...]:
    """Those of the values that are texts and not empty, each once."""
    return tuple(dict.fromkeys(clean(v) for v in values if isinstance(v, str) and v))


def items(value: Any) -> list[Any]:
    """A list, or an empty one. Raises BadDelivery for a list that is too long."""
    found = value if isinstance(value, list) else []
    if len(found) > 10_000:
        raise BadDelivery("the delivery lists too many changes")
    return found
