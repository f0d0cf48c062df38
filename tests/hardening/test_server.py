"""S4 on the real server: slow, endless and false bodies, large headers; memory stays flat."""

import base64
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.hardening.conftest import PASSWORD, READ_S, USER

AUTH = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
LOG = b"io.kestra.plugin.core.log.Log"
FLOW = b"id: x\nnamespace: hard.body\ntasks: [{id: a, type: " + LOG + b", message: a}]\n"


def connect(lone):
    found = socket.create_connection(("127.0.0.1", lone.port), timeout=30)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def head(path, *headers, method="POST", auth=True):
    lines = [f"{method} /api/v1/main{path} HTTP/1.1", "Host: localhost", *headers]
    lines += [f"Authorization: Basic {AUTH}"] if auth else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status(sock):
    """The status of the answer; None when the connection was closed without one."""
    try:
        data = sock.recv(65_536)
    except ConnectionError:
        return None
    return int(data.split()[1]) if data else None


def send_on(sock, part, most):
    """Sends a part again and again until the other side has had enough; the bytes that went."""
    sent = 0
    try:
        while sent < most:
            sent += sock.send(part)
    except (ConnectionError, TimeoutError):
        pass
    return sent


def pages_of(lone):
    """Memory of the API's processes in kB."""
    api = lone.procs[0]
    found = 0
    for pid in [api.pid, *api.children()]:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found += int(text.split("VmRSS:")[1].split()[0])
    return found


def answers(lone):
    return lone.client.get("/flows/search").status_code == 200


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"POST /api/v1/main/flows HTTP/1.1\r\nHost: a\r\n", id="headers that stop"),
        pytest.param(head("/flows", "Content-Length: 1000") + b"id: x", id="a body that stops"),
        pytest.param(
            head("/flows", "Transfer-Encoding: chunked") + b"5\r\nid: x\r\n", id="chunks that stop"
        ),
    ],
)
def test_a_client_that_stops_is_let_go(lone, start):
    with closing(connect(lone)) as sock:
        began = time.monotonic()
        sock.sendall(start)
        found = status(sock)
        took = time.monotonic() - began

    assert found in (None, 400, 408)
    assert took < READ_S + 6
    assert answers(lone)


def test_a_client_that_drips_gains_no_time(lone):
    with closing(connect(lone)) as sock:
        sock.sendall(head("/flows", "Content-Length: 100000"))
        began = time.monotonic()
        while time.monotonic() - began < 30:
            try:
                sock.sendall(b"#")
                sock.settimeout(0.2)
                sock.recv(10)
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        took = time.monotonic() - began

    assert took < READ_S + 8


def test_many_slow_clients_leave_room_for_others(lone):
    slow = [connect(lone) for _ in range(150)]
    for sock in slow:
        sock.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n")
    began = time.monotonic()
    found = lone.answers("/ping")
    took = time.monotonic() - began
    for sock in slow:
        sock.close()

    assert found
    assert took < 2 * READ_S + 6


@pytest.mark.parametrize(
    ("path", "most"), [("/flows", 1_000_000), ("/executions/webhook/a/b/c", 5_000_000)]
)
def test_a_body_without_end_is_cut_off_and_memory_stays_flat(lone, path, most):
    before = pages_of(lone)
    with closing(connect(lone)) as sock:
        sock.sendall(head(path, "Transfer-Encoding: chunked"))
        part = b"10000\r\n" + b"#" * 65_536 + b"\r\n"
        sent = send_on(sock, part, 200_000_000)

    assert sent < most + 60_000_000
    assert pages_of(lone) - before < 60_000
    assert answers(lone)


def test_a_declared_length_over_the_limit_is_refused_before_it_is_read(lone):
    with closing(connect(lone)) as sock:
        sock.sendall(head("/flows", "Content-Length: 999999999"))
        sock.shutdown(socket.SHUT_WR)

        assert status(sock) in (413, 400)


def test_a_body_that_ends_before_its_length_is_not_saved(lone):
    with closing(connect(lone)) as sock:
        sock.sendall(head("/flows", "Content-Type: application/x-yaml", "Content-Length: 5000"))
        sock.sendall(FLOW)
        sock.shutdown(socket.SHUT_WR)
        found = status(sock)

    assert found in (None, 400, 422)
    assert lone.client.get("/flows/hard.body/x").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: -5"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: five"],
        ["Transfer-Encoding: gzip"],
        ["X-Long: " + "a" * 20_000],
        [f"X-{n}: a" for n in range(300)],
        ["Bad Name: a"],
    ],
    ids=["both", "negative", "two", "word", "coding", "long header", "many headers", "bad name"],
)
def test_headers_that_lie_or_are_too_many_are_refused(lone, headers):
    with closing(connect(lone)) as sock:
        sock.sendall(head("/flows", *headers) + FLOW[:5])
        found = status(sock)

    assert found is None or 400 <= found < 500
    assert answers(lone)


def test_nobody_without_credentials_makes_the_server_keep_a_large_form(lone):
    boundary = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    with closing(connect(lone)) as sock:
        large = len(boundary) + 3_000_000
        start = f"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: {large}\r\n"
        sock.sendall(start.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n")
        send_on(sock, boundary + b"#" * 100_000, large)
        found = status(sock)

    assert found in (None, 413)
