"""A GitHub App's way in: a signed statement of who it is becomes a token of an installation."""

import base64
import json
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.errors import Invalid
from app.gitops.provider.base import Host, ProviderFailed
from app.gitops.provider.github import GitHub

_LIFE = timedelta(minutes=9)
_SKEW = timedelta(minutes=1)
_tokens: dict[tuple[str, str, str], tuple[datetime, str]] = {}


def app_statement(app_id: str, private_key: str, now: datetime) -> str:
    """The JSON Web Token (RS256) that names an App. Raises Invalid for a key that is none."""
    try:
        key = load_pem_private_key(private_key.strip().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("the key of the GitHub App is no RSA key in PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise Invalid("the key of the GitHub App is no RSA key in PEM")
    issued = now - _SKEW
    claims = {"iss": app_id, "iat": int(issued.timestamp()), "exp": int((now + _LIFE).timestamp())}
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = key.sign(signed.encode(), PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_text(signature)}"


def _part(data: dict[str, object]) -> str:
    return _text(json.dumps(data, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def installation_token(
    host: Host, app_id: str, installation_id: str, private_key: str, now: datetime
) -> str:
    """A token of an installation, kept until shortly before it expires. Raises ProviderFailed."""
    if not app_id or not installation_id.isdecimal():
        raise Invalid("a GitHub App needs `appId` and a numeric `installationId`")
    key = (host.base_url or host.web, app_id, installation_id)
    known = _tokens.get(key)
    if known is not None and known[0] - now > 5 * _SKEW:
        return known[1]
    speaker = Host(
        provider=host.provider, base_url=host.base_url, repository=host.repository,
        token=app_statement(app_id, private_key, now), ca=host.ca, proxy=host.proxy,
    )  # fmt: skip
    made = GitHub(speaker).call("POST", f"/app/installations/{installation_id}/access_tokens")
    try:
        expires = datetime.fromisoformat(str(made["expires_at"]).replace("Z", "+00:00"))
        token = str(made["token"])
    except (KeyError, ValueError):
        raise ProviderFailed("GitHub answered without a token", again=True) from None
    _tokens[key] = (expires, token)
    return token
