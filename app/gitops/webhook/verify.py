"""Signatures of each provider (GitOps 5), checked on the raw bytes in constant time."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence

from app.gitops.webhook.delivery import (
    BadSignature,
    Provider,
    Request,
    hex_hmac,
    require,
    require_recent,
)

Verifier = Callable[[Request, Sequence[str]], None]


def verify(provider: Provider, request: Request, secrets: Sequence[str]) -> None:
    """Raises BadSignature unless one of the endpoint's secrets signed the delivery."""
    if not secrets:
        raise BadSignature("this endpoint has no secret")
    _VERIFIERS[provider](request, secrets)


def _forgejo(request: Request, secrets: Sequence[str]) -> None:
    given = request.header("X-Forgejo-Signature")
    require(given.lower(), [hex_hmac(s, request.body) for s in secrets])


def _gitea(request: Request, secrets: Sequence[str]) -> None:
    given = request.header("X-Gitea-Signature")
    require(given.lower(), [hex_hmac(s, request.body) for s in secrets])


def _github(request: Request, secrets: Sequence[str]) -> None:
    given = request.header("X-Hub-Signature-256")
    require(given, ["sha256=" + hex_hmac(s, request.body) for s in secrets])


def _bitbucket(request: Request, secrets: Sequence[str]) -> None:
    given = request.header("X-Hub-Signature")
    if not given.startswith("sha256="):
        raise BadSignature
    require(given, ["sha256=" + hex_hmac(s, request.body) for s in secrets])


def _bitbucket_dc(request: Request, secrets: Sequence[str]) -> None:
    _bitbucket(request, secrets)


def _gitlab(request: Request, secrets: Sequence[str]) -> None:
    signatures = request.header("webhook-signature")
    if not signatures:
        require(request.header("X-Gitlab-Token"), secrets)
        return
    sent = request.header("webhook-timestamp")
    require_recent(sent, request.now)
    signed = f"{request.header('webhook-id')}.{sent}.".encode() + request.body
    expected = ["v1," + _base64_hmac(_standard_key(s), signed) for s in secrets]
    if not any(_is_among(given, expected) for given in signatures.split()):
        raise BadSignature


def _is_among(given: str, expected: Sequence[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), text.encode()) for text in expected)


def _standard_key(secret: str) -> bytes:
    """The key of a `whsec_…` secret (Standard Webhooks); any other secret is its own key."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            pass
    return secret.encode()


def _base64_hmac(key: bytes, data: bytes) -> str:
    return base64.b64encode(hmac.digest(key, data, "sha256")).decode()


def _azure(request: Request, secrets: Sequence[str]) -> None:
    """Basic auth with any user name, or a header of the hook's own that holds the secret."""
    given = request.header("Authorization")
    if given.startswith("Basic "):
        try:
            pair = base64.b64decode(given.removeprefix("Basic ").strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise BadSignature from None
        require(pair.partition(":")[2], secrets)
        return
    require(request.header("X-Trunkline-Secret"), secrets)


def _generic(request: Request, secrets: Sequence[str]) -> None:
    given = request.header("X-Trunkline-Signature")
    if given:
        sent = request.header("X-Trunkline-Timestamp")
        require_recent(sent, request.now)
        signed = f"{sent}.".encode() + request.body
        require(given, ["sha256=" + hex_hmac(s, signed) for s in secrets])
        return
    algorithm, _, digest = request.header("X-Signature").partition("=")
    if algorithm not in ("sha256", "sha512"):
        raise BadSignature
    require(digest.lower(), [hex_hmac(s, request.body, algorithm) for s in secrets])


_VERIFIERS: dict[Provider, Verifier] = {
    Provider.FORGEJO: _forgejo,
    Provider.GITEA: _gitea,
    Provider.GITHUB: _github,
    Provider.GITLAB: _gitlab,
    Provider.BITBUCKET: _bitbucket,
    Provider.BITBUCKET_DC: _bitbucket_dc,
    Provider.AZURE_DEVOPS: _azure,
    Provider.GENERIC: _generic,
}
