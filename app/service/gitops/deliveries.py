"""What deliveries brought, to be looked at: headers and body, and why one was refused.

It is kept as long as deliveries are. A stranger who knows an endpoint's address cannot fill the
database with refused ones: few a minute are noted, the newest of an endpoint stay, none has a body.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Row

from app.database import git_deliveries
from app.errors import NotFound, TrunklineError
from app.gitops.webhook.delivery import Request
from app.gitops.webhook.read import detect
from app.gitops.webhook.shown import body_of, headers_of, masked
from app.model.ids import new_id
from app.service.crypto import Keyring
from app.service.runtime import Runtime


def secrets_of(rt: Runtime, endpoint: Row[Any]) -> list[str]:
    """The secrets of an endpoint, the present one first. Raises NoEncryptionKey."""
    ring = Keyring.of(rt.settings)
    return [ring.decrypt(sealed, endpoint.id) for sealed in endpoint.secrets]


def content_of(request: Request, secrets: Sequence[str]) -> dict[str, Any]:
    """The columns of a delivery that was taken."""
    return {
        "headers": headers_of(request.headers, secrets),
        "body": body_of(request.body, secrets),
        "size_bytes": len(request.body),
    }


@contextmanager
def noting_refusals(rt: Runtime, endpoint: Row[Any], headers: Mapping[str, str]) -> Iterator[None]:
    """Notes why what happens within refused a delivery, and lets the error go on."""
    try:
        yield
    except TrunklineError as error:
        with suppress(TrunklineError):  # the refusal itself counts more
            _note(rt, endpoint, headers, str(error))
        raise


def _note(rt: Runtime, endpoint: Row[Any], headers: Mapping[str, str], reason: str) -> None:
    secrets, now = secrets_of(rt, endpoint), rt.clock()
    lowered = {name.lower(): value for name, value in headers.items()}
    row = {
        "endpoint_id": endpoint.id,
        "delivery_id": f"refused-{new_id()}",  # the sender's own is not proven: it takes no place
        "provider": detect(Request(lowered, b"", now.timestamp())).value,
        "event": "",
        "pushes": [],
        "pulls": [],
        "matched": [],
        "received_at": now,
        "refused": masked(reason, secrets)[:300],
        "headers": headers_of(headers, secrets),
    }
    with rt.database.transaction() as tx:
        git_deliveries.add_refused(tx, row)


def get(rt: Runtime, endpoint_id: str, delivery_id: str) -> Row[Any]:
    """A delivery with its headers and body. Raises NotFound."""
    with rt.database.reading() as tx:
        row = git_deliveries.find(tx, endpoint_id, delivery_id)
    if row is None:
        raise NotFound(f"no delivery {delivery_id!r}")
    return row
