"""Single sign-on by OpenID Connect: the code flow with PKCE, state and nonce.

What a browser has to bring back lies in a signed cookie of ten minutes; nothing is stored here. The
ID token is checked (signature, issuer, audience, nonce, times) before anything in it is believed.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature
from sqlalchemy import Row

from app.database import users
from app.errors import BadRequest, Forbidden, Unavailable
from app.library import Library
from app.model.access import Caller
from app.service.access import accounts, given
from app.service.access.sessions import signer
from app.service.runtime import Runtime
from app.settings import SignOn

httpx = Library("httpx")
parameters = Library("authlib.oauth2.rfc6749.parameters")
pkce = Library("authlib.oauth2.rfc7636")
jose = Library("joserfc.errors")
jwk = Library("joserfc.jwk")
jwt = Library("joserfc.jwt")

STATE_S = 600  #: how long a sign-on may take, in seconds
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_TIMEOUT_S = 10.0


def begin(rt: Runtime, provider: SignOn, redirect_uri: str, following: str) -> tuple[str, str]:
    """Where the browser goes, and the cookie that it brings back.

    `following` is the address of ours that it wants to see at the end.
    """
    known = _metadata(provider)
    state = {
        "provider": provider.id,
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "next": following if is_ours(following) else "",
    }
    uri = parameters.prepare_grant_uri(
        known["authorization_endpoint"],
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=provider.scopes,
        state=state["state"],
        nonce=state["nonce"],
        code_challenge=pkce.create_s256_code_challenge(state["verifier"]),
        code_challenge_method="S256",
    )
    return str(uri), str(signer(rt.settings, "sign-on").dumps(state))


def finish(
    rt: Runtime, provider: SignOn, redirect_uri: str, cookie: str, answer: Mapping[str, str]
) -> tuple[Caller, str]:
    """The caller whom the provider vouches for, and where they wanted to go.

    Raises BadRequest (not our sign-on), Forbidden (refused there or here), Unavailable.
    """
    try:
        state = signer(rt.settings, "sign-on").loads(cookie, max_age=STATE_S)
    except BadSignature:
        raise BadRequest("this sign-on was not begun here, or took too long") from None
    if state["provider"] != provider.id or answer.get("state") != state["state"]:
        raise BadRequest("this sign-on was not begun here")
    if "code" not in answer:
        reason = answer.get("error_description") or answer.get("error") or "no code"
        raise Forbidden(f"{provider.name} refused: {reason[:200]}")
    claims = _exchange(provider, redirect_uri, answer["code"], state)
    return _account(rt, provider, claims), state["next"]


def is_ours(address: str) -> bool:
    """Whether an address is a path of this server, not one of another."""
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return is_path and not parts.scheme and not parts.netloc


def _metadata(provider: SignOn) -> dict[str, Any]:
    found = _call("GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Unavailable(f"{provider.name} calls itself {found.get('issuer')!r}")
    return found


def _call(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, url, timeout=_TIMEOUT_S, **more)
        data = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"the sign-on service does not answer: {type(error).__name__}") from None
    if answer.is_error or not isinstance(data, dict):
        reason = data.get("error") if isinstance(data, dict) else None
        raise Forbidden(f"the sign-on service answered {answer.status_code} {reason or ''}".strip())
    return data


def _exchange(
    provider: SignOn, redirect_uri: str, code: str, state: Mapping[str, str]
) -> dict[str, Any]:
    """The claims of the ID token that a code is worth, checked."""
    known = _metadata(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": state["verifier"],
    }
    login = (provider.client_id, provider.client_secret)
    tokens = _call("POST", known["token_endpoint"], data=form, auth=login)
    registry = jwt.JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": state["nonce"]},
    )
    try:
        keys = jwk.KeySet.import_key_set(_call("GET", known["jwks_uri"]))
        token = jwt.decode(str(tokens.get("id_token", "")), keys, algorithms=_ALGORITHMS)
        registry.validate(token.claims)
    except (jose.JoseError, ValueError) as error:
        raise Forbidden(f"the ID token does not hold: {error}") from None
    return dict(token.claims)


def _account(rt: Runtime, provider: SignOn, claims: Mapping[str, Any]) -> Caller:
    """The account of the claims, made at the first time; what it may follows the claims."""
    username = claims.get(provider.username_claim)
    if not isinstance(username, str) or not username:
        raise Forbidden(f"the ID token has no {provider.username_claim!r}")
    if provider.username_claim == "email" and claims.get("email_verified") is False:
        raise Forbidden("this e-mail address is not verified")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise Forbidden("the ID token has no 'sub'")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise Forbidden("the ID token was made for another client")
    subject = f"{provider.id}:{claims['sub']}"
    with rt.database.reading() as tx:
        row = users.find_by_name(tx, username)
    row = _same_person(rt, row, username, subject)
    if provider.roles_claim:
        row = accounts.change(rt, row.id, {"grants": _grants(rt, provider, claims)})
    caller = accounts.caller_of(rt, row)
    if caller is None:
        raise Forbidden("this account is closed")
    return caller


def _same_person(rt: Runtime, row: Row[Any] | None, username: str, subject: str) -> Row[Any]:
    """A name belongs to who came with it first: a local account is never taken over."""
    if row is None:
        return accounts.create(rt, username, profile={"subject": subject})
    if row.profile.get("subject") != subject:
        raise Forbidden("an account of this name exists and does not belong to this sign-on")
    return row


def _grants(rt: Runtime, provider: SignOn, claims: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the values of the claim give. Raises Invalid for a role that there is not."""
    value = claims.get(provider.roles_claim)
    values = [str(one) for one in (value if isinstance(value, list) else [value])]
    found: list[dict[str, str]] = []
    with rt.database.reading() as tx:
        for one in dict.fromkeys(values):
            name = f"oidc.{provider.id}.roles.{one}"
            entries = [entry.model_dump() for entry in provider.roles.get(one, [])]
            found += given.read(tx, entries, name)
    return [entry for n, entry in enumerate(found) if entry not in found[:n]]
