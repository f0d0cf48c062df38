"""Webhook endpoints: opened, called, closed. A delivery only ever asks for a look at the remote."""

import hashlib
import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.database import git_deliveries, git_sources
from app.errors import Busy, Conflict, DatabaseAway, Invalid, NotFound, TrunklineError
from app.gitops.ref import RefKind
from app.gitops.webhook.delivery import Delivery, Provider, PullEvent, Push, Request
from app.gitops.webhook.read import moves, receive
from app.model.ids import new_id
from app.service.crypto import Keyring
from app.service.gitops import deliveries, pulls
from app.service.gitops.sources import PACE, rest_s
from app.service.runtime import Runtime
from app.telemetry.metrics import WEBHOOKS

MOST_BODY_BYTES = 25 * 1024 * 1024
PER_MINUTE = 60


class NewEndpoint(BaseModel):
    """An address for a Git host to call."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    name: str = Field("webhook", max_length=100)
    secret: str | None = Field(None, min_length=8, max_length=500, repr=False)
    allow_unsigned: bool = False


class NewSecret(BaseModel):
    """Another secret of an endpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    secret: str | None = Field(None, min_length=8, max_length=500, repr=False)
    """One is made up when absent."""
    keep_previous: bool = True
    """Whether the present one is taken beside it until the next rotation."""


@dataclass(frozen=True)
class Opened:
    """A new endpoint; token and secret are shown this once."""

    id: str
    token: str
    secret: str | None


@dataclass(frozen=True)
class Received:
    """What became of a delivery."""

    delivery_id: str
    matched: Sequence[str]  #: names of the sources that it woke
    is_new: bool


class EndpointNotFound(NotFound):
    """No endpoint has this token or id."""

    def __init__(self) -> None:
        super().__init__("no such webhook endpoint")


def open_endpoint(rt: Runtime, new: NewEndpoint) -> Opened:
    """Opens an endpoint; a secret is made up unless given or unsigned deliveries are allowed.

    Raises NoEncryptionKey, Conflict for a name that is taken.
    """
    token = random.token_urlsafe(32)
    secret = new.secret
    if secret is None and not new.allow_unsigned:
        secret = random.token_urlsafe(32)
    endpoint_id = new_id()
    sealed = [Keyring.of(rt.settings).encrypt(secret, endpoint_id)] if secret else []
    with rt.database.transaction() as tx:
        if any(row.name == new.name for row in git_deliveries.list_endpoints(tx)):
            raise Conflict(
                f"a webhook endpoint {new.name!r} exists already: close it, or name another"
            )
        git_deliveries.add_endpoint(
            tx,
            {
                "id": endpoint_id,
                "name": new.name,
                "token_hash": _hash(token),
                "secrets": sealed,
                "allow_unsigned": new.allow_unsigned,
                "created_at": rt.clock(),
            },
        )
    return Opened(endpoint_id, token, secret)


def list_endpoints(rt: Runtime) -> Sequence[Row[Any]]:
    """Every endpoint, without token and secret."""
    with rt.database.reading() as tx:
        return git_deliveries.list_endpoints(tx)


def close_endpoint(rt: Runtime, endpoint_id: str) -> None:
    """Removes an endpoint. Raises EndpointNotFound."""
    with rt.database.transaction() as tx:
        if not git_deliveries.drop_endpoint(tx, endpoint_id):
            raise EndpointNotFound


def rotate(rt: Runtime, endpoint_id: str, new: NewSecret) -> str:
    """Gives an endpoint another secret at the same address; the secret, shown this once.

    Raises EndpointNotFound, NoEncryptionKey.
    """
    secret = new.secret or random.token_urlsafe(32)
    sealed = Keyring.of(rt.settings).encrypt(secret, endpoint_id)
    with rt.database.transaction() as tx:
        rows = git_deliveries.list_endpoints(tx)
        row = next((row for row in rows if row.id == endpoint_id), None)
        if row is None:
            raise EndpointNotFound
        kept = list(row.secrets[:1]) if new.keep_previous else []
        git_deliveries.reseal_endpoint(tx, endpoint_id, [sealed, *kept])
    return secret


def find_endpoint(rt: Runtime, token: str) -> Row[Any]:
    """The endpoint of an address. Raises EndpointNotFound."""
    with rt.database.reading() as tx:
        row = git_deliveries.find_endpoint(tx, _hash(token))
    if row is None:
        raise EndpointNotFound
    return row


def deliver(rt: Runtime, endpoint: Row[Any], headers: Mapping[str, str], body: bytes) -> Received:
    """Takes a delivery: verified, read, noted, and the sources that it means are woken.

    Raises BadSignature, BadDelivery, Busy over 60 a minute.
    """
    provider = "unknown"
    try:
        secrets = deliveries.secrets_of(rt, endpoint)
        lowered = {name.lower(): value for name, value in headers.items()}
        request = Request(lowered, body, rt.clock().timestamp())
        delivery, _ = receive(request, secrets, allow_unsigned=endpoint.allow_unsigned)
        provider = delivery.provider
        received = _take(rt, endpoint, delivery, deliveries.content_of(request, secrets))
    except (TrunklineError, DatabaseAway) as error:
        WEBHOOKS.labels(provider, type(error).__name__).inc()
        raise
    WEBHOOKS.labels(provider, "accepted" if received.is_new else "doubled").inc()
    return received


def _take(
    rt: Runtime, endpoint: Row[Any], delivery: Delivery, content: Mapping[str, Any]
) -> Received:
    now = rt.clock()
    with rt.database.transaction() as tx:
        before = git_deliveries.find(tx, endpoint.id, delivery.delivery_id)
        if before is not None:
            return Received(delivery.delivery_id, before.matched, False)
        if git_deliveries.count_since(tx, endpoint.id, now) >= PER_MINUTE:
            raise Busy("too many deliveries in a minute", retry_after_s=30)
        if not git_deliveries.add(tx, {**_row(endpoint, delivery, now), **content}):
            # the same came at once
            before = git_deliveries.find(tx, endpoint.id, delivery.delivery_id)
            return Received(delivery.delivery_id, before.matched if before else (), False)
        woken = _matching(tx, rt, delivery)
        for row in woken:
            git_sources.request_for_push(tx, row.id, now)
        names = [row.name for row in woken]
        git_deliveries.matched(tx, endpoint.id, delivery.delivery_id, names)
    for row in woken:
        if row.pushed_at is None or now - row.pushed_at >= PACE:  # else the one before it wakes it
            rt.publisher.wake_source(row.id, after_s=rest_s(rt, row.fetched_at))
    return Received(delivery.delivery_id, names, True)


def replay(rt: Runtime, endpoint_id: str, delivery_id: str) -> Received:
    """Wakes again what a delivery of before meant. Raises NotFound, Conflict for a refused one."""
    with rt.database.transaction() as tx:
        row = git_deliveries.find(tx, endpoint_id, delivery_id)
        if row is None:
            raise NotFound(f"no delivery {delivery_id!r}")
        if row.refused is not None:
            raise Conflict("the delivery was refused: nothing in it is believed")
        pushes = tuple(Push(tuple(p["urlKeys"]), p["ref"], p["sha"]) for p in row.pushes)
        pulls_ = [PullEvent(**_tuples(pull)) for pull in row.pulls]
        delivery = Delivery(Provider(row.provider), delivery_id, row.event, pushes)
        if pulls_:
            delivery = replace(delivery, pull=pulls_[0])
        woken = _matching(tx, rt, delivery)
        for source in woken:
            git_sources.request(tx, source.id, rt.clock())
    for source in woken:
        rt.publisher.wake_source(source.id)
    return Received(delivery_id, [source.name for source in woken], False)


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}


def _matching(tx: Any, rt: Runtime, delivery: Delivery) -> list[Row[Any]]:
    found: dict[str, Row[Any]] = {}
    if delivery.pull is not None:
        for row in pulls.sources_of(tx, delivery.pull):
            if not row.suspended and pulls.note(tx, rt, delivery.pull, row):
                found[row.id] = row
    for push in delivery.pushes:
        for row in git_sources.with_key(tx, push.url_keys):
            if not row.suspended and moves(push, row.ref, RefKind(row.ref_kind)):
                found[row.id] = row
    return list(found.values())


def _row(endpoint: Row[Any], delivery: Delivery, now: Any) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.id,
        "delivery_id": delivery.delivery_id,
        "provider": delivery.provider.value,
        "event": delivery.event,
        "pushes": [
            {"ref": p.ref[:300], "sha": p.sha, "urlKeys": list(p.url_keys)}
            for p in delivery.pushes[:50]
        ],
        "pulls": [asdict(delivery.pull)] if delivery.pull is not None else [],
        "matched": [],
        "received_at": now,
    }


def _hash(token: str) -> str:
    if not token or len(token) > 200:
        raise Invalid("no webhook token")
    return hashlib.sha256(token.encode()).hexdigest()
