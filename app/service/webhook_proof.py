"""What a webhook's caller has to prove, and by what a proof is known when it comes again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Forbidden
from app.expression.evaluate import render
from app.service.runtime import Runtime
from app.service.world import OpenWorld
from app.trigger.webhook import DELIVERY_IDS, LATE_S, Signature, Webhook


@dataclass(frozen=True)
class Proof:
    """Hashes by which a signed delivery is known again."""

    marks: tuple[str, ...] = ()
    is_kept: bool = False  #: False: nothing tells it from another delivery with an equal body


def check(
    rt: Runtime,
    trigger: Webhook,
    body: bytes,
    headers: Mapping[str, Sequence[str]],
    scope: tuple[dict[str, Any], OpenWorld],
) -> Proof:
    """The proof of a signed delivery; an empty one for a trigger that asks for none.

    The signature is always one of its marks: who sends a kept delivery again may leave out or
    change its id, which nobody signed. Raises Forbidden for a body that is not signed as the
    trigger asks for.
    """
    wanted = trigger.signature
    if wanted is None:
        return Proof()
    given = {name.lower(): values[0].strip() for name, values in headers.items() if values}
    shown = given.get(wanted.header.lower(), "")
    at = _time(rt, wanted, given)
    if not wanted.fits(render(wanted.secret, *scope), body, shown, at):
        raise Forbidden(f"the header {wanted.header} does not prove the body")
    names = [f"{name} {given[name]}" for name in DELIVERY_IDS if given.get(name)]
    texts = (f"proof {shown}", *names)
    marks = tuple(hashlib.sha256(text.encode()).hexdigest() for text in texts)
    return Proof(marks, at is not None or bool(names))


def _time(rt: Runtime, wanted: Signature, given: Mapping[str, str]) -> str | None:
    """The signed time. Raises Forbidden when it is absent, no number, or far from now."""
    if wanted.timestamp_header is None:
        return None
    text = given.get(wanted.timestamp_header.lower(), "")
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise Forbidden(f"the header {wanted.timestamp_header} holds no time in seconds")
    if abs(rt.clock().timestamp() - int(text)) > LATE_S:
        raise Forbidden(f"the header {wanted.timestamp_header} is more than {LATE_S} seconds off")
    return text
