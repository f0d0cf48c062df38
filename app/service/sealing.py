"""Values that show a secret: encrypted to be stored (decision 0083), opened to be used."""

from collections.abc import Callable, Mapping
from typing import Any

from app.errors import Invalid
from app.service.crypto import Keyring, is_sealed
from app.service.masking import Masks


def sealed(ring: Keyring, masks: Masks, value: Any) -> Any:
    """A value as it is stored: a text that shows a hidden one is encrypted, at any depth.

    Without a key of the installation it is masked.
    """
    if not masks.values:
        return value
    if isinstance(value, str):
        if not masks.is_in(value):
            return value
        return ring.seal(value) if ring.keys else masks.apply(value)
    if isinstance(value, Mapping) and not is_sealed(value):
        return {masks.apply(str(k)): sealed(ring, masks, item) for k, item in value.items()}
    if isinstance(value, list | tuple):
        return [sealed(ring, masks, item) for item in value]
    return value


def unsealed(
    ring: Keyring, value: Any, on_secret: Callable[[str], None] = lambda _value: None
) -> Any:
    """Encrypted values opened, at any depth; each is told to `on_secret`.

    What cannot be opened stays as it is: it was sealed elsewhere, or only looks like it.
    """
    if is_sealed(value):
        try:
            opened = ring.unseal(value)
        except Invalid:
            return value
        on_secret(opened)
        return opened
    if isinstance(value, Mapping):
        return {key: unsealed(ring, item, on_secret) for key, item in value.items()}
    if isinstance(value, list):
        return [unsealed(ring, item, on_secret) for item in value]
    return value
