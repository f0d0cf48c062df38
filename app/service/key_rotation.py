"""Key rotation: what is stored under an old encryption key is encrypted again under the first one.

The old key stays among `encryption_keys_old` until this has run everywhere it is needed; inputs and
outputs of past executions are read with it and are not rewritten: they leave with their retention.
"""

from dataclasses import dataclass

from app.database import git_deliveries, secrets
from app.service.crypto import Keyring
from app.service.runtime import Runtime


@dataclass(frozen=True)
class Rotated:
    """How many values were encrypted again."""

    secrets: int
    endpoints: int


def rotate(rt: Runtime) -> Rotated:
    """Works through all secrets and webhook endpoints; running it again changes nothing.

    Raises Invalid when a value cannot be read with any key, and then changes nothing.
    """
    ring = Keyring.of(rt.settings)
    with rt.database.transaction() as tx:
        stale = secrets.list_under_other_keys(tx, ring.current_id)
        for row in stale:
            place = f"{row.namespace}/{row.key}"
            text = ring.encrypt(ring.decrypt(row.ciphertext.decode(), place), place)
            secrets.reseal(tx, row.namespace, row.key, text)
        endpoints = 0
        for endpoint in git_deliveries.list_endpoints(tx):
            if all(sealed.startswith(ring.current_id + ".") for sealed in endpoint.secrets):
                continue
            again = [
                ring.encrypt(ring.decrypt(sealed, endpoint.id), endpoint.id)
                for sealed in endpoint.secrets
            ]
            git_deliveries.reseal_endpoint(tx, endpoint.id, again)
            endpoints += 1
    return Rotated(len(stale), endpoints)
