"""Who really asks when a proxy stands before the server: believed of trusted addresses only.

Anybody may write `X-Forwarded-For`. Its entries are read from the right, the end that our own
proxies write: the first one that is no trusted proxy is the client, and what stands left of it is
the client's own say.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class Proxies:
    """The app behind trusted proxies: it sees the client's address and scheme."""

    def __init__(self, app: Wsgi, trusted: str) -> None:
        self._app = app
        self._trusted = [ip_network(part.strip()) for part in trusted.split(",") if part.strip()]

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Passes a request on; one that no trusted proxy sent is left as it is."""
        if self._is_trusted(_address(environ.get("REMOTE_ADDR", ""))):
            self._believe(environ)
        return self._app(environ, start_response)

    def _believe(self, environ: Environ) -> None:
        client = self._client(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if client is not None:
            environ["REMOTE_ADDR"] = str(client)
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme

    def _client(self, chain: str) -> IPv4Address | IPv6Address | None:
        """The rightmost address that is no proxy's; what cannot be read ends the chain there."""
        client = None
        for text in reversed(chain.split(",")):
            found = _address(text)
            if found is None:
                break
            client = found
            if not self._is_trusted(found):
                break
        return client

    def _is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, of the forms `1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]:567`."""
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
