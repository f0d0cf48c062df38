"""Values that name the iterations of a loop: encrypted where they show a secret (decision 0122).

Such a value is one text, in the rows of the loop and in the paths below it. Whoever renders opens
it; whoever shows rows to people shows the iteration's number instead.
"""

from collections.abc import Callable, Sequence

from app.errors import Invalid
from app.service.crypto import Keyring, Veil
from app.service.masking import MASK, Masks

_MARK = "encrypted-iteration:"


def hidden(ring: Keyring, masks: Masks, values: Sequence[str]) -> tuple[str, ...]:
    """The values of a loop as they are stored; equal ones stay equal.

    Without a key of the installation they stay as they are: a loop cannot use masked ones.
    """
    if not ring.keys:
        return tuple(values)
    stored: dict[str, str] = {}
    for value in values:
        if value not in stored:
            is_secret = masks.is_in(value)
            stored[value] = _sealed(ring, len(stored), value) if is_secret else value
    return tuple(stored[value] for value in values)


def _sealed(ring: Keyring, number: int, value: str) -> str:
    return f"{_MARK}{number}:{ring.encrypt(value, _place(ring))}"


def opened(
    ring: Keyring, stored: str, on_secret: Callable[[str], None] = lambda _value: None
) -> str:
    """The value itself; one that was encrypted is told to `on_secret`.

    What cannot be opened stays as it is: it was encrypted elsewhere, or only looks like it.
    """
    if not stored.startswith(_MARK):
        return stored
    if isinstance(ring, Veil):
        return shown(stored)
    try:
        value = ring.decrypt(stored.split(":", 2)[-1], _place(ring))
    except Invalid:
        return stored
    on_secret(value)
    return value


def path(
    ring: Keyring, stored: Sequence[str], on_secret: Callable[[str], None] = lambda _value: None
) -> tuple[str, ...]:
    """The values of the iterations around a task run, each as `opened` gives it."""
    return tuple(opened(ring, value, on_secret) for value in stored)


def shown(stored: str) -> str:
    """The value as people see it: one that is encrypted by the number of its iteration."""
    if not stored.startswith(_MARK):
        return stored
    return f"{MASK} {stored.split(':', 2)[1]}"


def _place(ring: Keyring) -> str:
    """Of iterations alone: an encrypted input or output is none, whoever writes it so."""
    return f"{ring.place}#iteration"
