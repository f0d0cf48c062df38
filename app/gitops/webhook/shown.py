"""What of a delivery is kept to be looked at: its headers and its body, without any secret."""

import base64
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

MOST_BODY_BYTES = 64 * 1024
MOST_HEADERS, MOST_VALUE = 60, 1000
HIDDEN = "***"
#: headers that prove who sends, or may; their names stay, to tell whether they came
_PROOF = re.compile(
    r"auth|cookie|token|secret|signature|password|passwd|credential|session|csrf|api-?key", re.I
)
_LOGIN = re.compile(r"(?i)\b(basic|bearer|digest|negotiate|token)\s+\S+")
#: begins at a fixed text and looks a bounded way ahead: a sender cannot make it slow
_IN_ADDRESS = re.compile(r"(:(?:\\?/){2})[^/@\s\"'<>\\]{1,1000}@")
_ENDPOINT = re.compile(r"(gitops/webhooks/)[\w-]+")


def headers_of(given: Mapping[str, str], secrets: Sequence[str]) -> dict[str, str]:
    """Header names in lower case with their values; what may be a secret is `***`.

    `secrets` are those of the endpoint: a value that holds one in whatever way shows nothing of it.
    """
    found = {}
    for name, value in sorted(given.items())[:MOST_HEADERS]:
        lowered = _clean(name).lower()[:100]
        is_proof = bool(_PROOF.search(lowered))
        shown = _LOGIN.sub(rf"\1 {HIDDEN}", masked(_clean(value), secrets))
        found[lowered] = HIDDEN if is_proof else shown[:MOST_VALUE]
    return found


def body_of(body: bytes, secrets: Sequence[str]) -> str:
    """The beginning of a body as text: at most 64 KiB of it, which a mask may have shortened."""
    text = _without(_clean(body.decode("utf-8", "replace")), secrets)
    text = _plain(text[: 2 * MOST_BODY_BYTES])
    return text.encode()[:MOST_BODY_BYTES].decode("utf-8", "ignore")


def masked(text: str, secrets: Sequence[str]) -> str:
    """A text without secrets, passwords in addresses and addresses of endpoints."""
    return _plain(_without(text, secrets))


def _without(text: str, secrets: Sequence[str]) -> str:
    for form in sorted(_forms(secrets), key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _plain(text: str) -> str:
    text = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", text)
    return _ENDPOINT.sub(rf"\1{HIDDEN}", text)


def _forms(secrets: Sequence[str]) -> set[str]:
    """A secret as it may be written: as it is, escaped as JSON or in an address, in base64."""
    found = set()
    for secret in secrets:
        found |= {secret, quote(secret, safe=""), secret.replace("/", "\\/")}
        found.add(base64.b64encode(secret.encode()).decode())
    return found - {""}


def _clean(text: str) -> str:
    """Text as every database takes it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
