"""What a user keeps with the server: saved filters and habits of the UI."""

import json
from collections.abc import Mapping
from typing import Any

from app.database import preferences
from app.errors import Invalid
from app.service.runtime import Runtime

MOST_BYTES = 100_000


def get(rt: Runtime, user_id: str) -> Mapping[str, Any]:
    """What a user stored; nothing at first."""
    with rt.database.reading() as tx:
        return preferences.find(tx, user_id)


def put(rt: Runtime, user_id: str, content: Mapping[str, Any]) -> None:
    """Replaces what a user stored. Raises Invalid when it is too large."""
    if len(json.dumps(content)) > MOST_BYTES:
        raise Invalid(f"preferences take at most {MOST_BYTES} bytes")
    with rt.database.transaction() as tx:
        preferences.put(tx, user_id, content)
