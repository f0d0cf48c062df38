"""The HTTP client of tasks: it connects to the very address that the policy has checked."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from app.plugin.context import AttemptLease, RunContext
from app.plugin.outgoing import OutgoingPolicy

MOST_REDIRECTS = 20


@dataclass(frozen=True, kw_only=True)
class ClientOptions:
    """How requests are made; times in seconds."""

    connect_s: float = 10.0
    read_s: float = 300.0
    follow_redirects: bool = True
    insecure: bool = False  #: any certificate is taken
    proxy: str | None = None
    auth: httpx.Auth | tuple[str, str] | None = None


class _Backend(httpcore.NetworkBackend):
    """Resolves a name once, checks every address of it, connects to the first."""

    def __init__(self, policy: OutgoingPolicy) -> None:
        self._policy = policy
        self._inner = httpcore.SyncBackend()
        self._streams: list[httpcore.NetworkStream] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error.strerror or error}") from None
        address = self._policy.first_allowed([str(row[4][0]) for row in found])
        made = self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
        self._streams.append(made)
        return made

    def cut(self) -> None:
        """Ends every connection, whatever waits on it."""
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        stream = self._response.stream
        assert not isinstance(stream, bytes)
        yield from stream  # type: ignore[misc]

    def close(self) -> None:
        self._response.close()


class GuardedTransport(httpx.BaseTransport):
    """Sends requests through connections of the guarded backend."""

    def __init__(self, policy: OutgoingPolicy, options: ClientOptions) -> None:
        context = ssl.create_default_context()
        if options.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._backend = backend = _Backend(policy)
        self._pool: httpcore.ConnectionPool
        if options.proxy:
            self._pool = httpcore.HTTPProxy(
                options.proxy, ssl_context=context, network_backend=backend
            )
        else:
            self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, without redirects: the client makes each hop a request of its own."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        assert isinstance(request.stream, httpx.SyncByteStream)
        given = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(given)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Closes every connection."""
        self._pool.close()

    def cut(self) -> None:
        """Ends the request that runs: it fails at once."""
        self._backend.cut()


def policy_of(settings: Mapping[str, Any]) -> OutgoingPolicy:
    """What the server's settings allow."""
    return OutgoingPolicy.of(
        allow_private=bool(settings.get("outgoing_allow_private")),
        allowed=str(settings.get("outgoing_allowed") or ""),
    )


@contextmanager
def client_of(ctx: RunContext, options: ClientOptions) -> Iterator[httpx.Client]:
    """A client for one attempt; it is cut off when the attempt is cancelled."""
    transport = GuardedTransport(policy_of(ctx.settings), options)
    timeout = httpx.Timeout(options.read_s, connect=options.connect_s)
    client = httpx.Client(
        transport=transport,
        timeout=timeout,
        follow_redirects=options.follow_redirects,
        max_redirects=MOST_REDIRECTS,
        auth=options.auth,
        trust_env=False,
        headers={"User-Agent": "Trunkline"},
    )
    done = threading.Event()
    watcher = threading.Thread(target=_cut, args=(ctx.lease, done, transport), daemon=True)
    watcher.start()
    try:
        yield client
    finally:
        done.set()
        client.close()


def _cut(lease: AttemptLease, done: threading.Event, transport: GuardedTransport) -> None:
    while not done.wait(0.1):
        if lease.cancelled.is_set():
            transport.cut()
            return
