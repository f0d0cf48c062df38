"""The way out of Git: what the policy forbids is not connected to, however Git comes to it."""

import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.gitops import gate
from app.gitops.credentials import Credentials, git_environment
from app.plugin.outgoing import OutgoingPolicy, RefusedTarget
from app.service.gitops import sources
from app.service.gitops.models import NewSource

HERE = OutgoingPolicy.of(allow_private=False, allowed="127.0.0.1/32")
OPEN, CLOSED = OutgoingPolicy(allow_private=True), OutgoingPolicy()


class Host:
    """An HTTP server that counts its calls and may lead elsewhere."""

    def __init__(self, address="127.0.0.1", to=None):
        self.calls = 0
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.calls += 1
                self.send_response(302 if to else 404)
                if to:
                    self.send_header("Location", f"{to}{self.path}")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def ask(url, policy, inherited=None, **given):
    """What `git ls-remote` says of an address."""
    credentials = Credentials(**given)
    with git_environment(credentials, url, inherited or {}, policy) as env:
        found = {"PATH": "/usr/bin:/bin", **env}
        done = subprocess.run(
            ["git", "ls-remote", "--", url], env=found, capture_output=True, text=True, timeout=30
        )
    return done.stderr


def test_a_redirection_to_an_address_that_is_forbidden_is_not_followed():
    with Host("127.0.0.2") as inner, Host(to=inner.url) as outer:
        allowed = ask(f"{outer.url}/x.git", OPEN)
        seen = inner.calls
        refused = ask(f"{outer.url}/x.git", HERE)

        assert (outer.calls, seen, inner.calls) == (2, 1, 1)
        assert "not found" in allowed
        assert refused


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.git",
        "http://localhost/x.git",
        "http://2130706433/x.git",
        "http://[::1]/x.git",
        "http://[::ffff:127.0.0.1]/x.git",
        "ssh://git@10.0.0.1/x.git",
        "git@localhost:x.git",
    ],
)
def test_a_private_address_is_refused_with_its_reason(url):
    with pytest.raises(RefusedTarget, match="private address"):
        ask(url, CLOSED)


def test_a_metadata_service_is_never_asked_and_no_proxy_is_one():
    for given in ({}, {"proxy": "http://169.254.169.254:80"}):
        url = "http://127.0.0.1/x.git" if given else "http://169.254.169.254/x.git"
        with pytest.raises(RefusedTarget, match="metadata"):
            ask(url, OPEN, **given)


def test_the_gate_refuses_what_was_not_asked_before():
    """A name may mean another address when Git asks for it: it never connects by itself."""
    with Host() as host, gate.opened(CLOSED) as port:
        said = subprocess.run(
            ["git", "-c", f"http.proxy=socks5h://127.0.0.1:{port}", "ls-remote", host.url],
            capture_output=True, text=True, timeout=30, check=False,
        ).stderr  # fmt: skip

        assert "SOCKS5" in said
        assert host.calls == 0


def test_no_proxy_of_the_machine_leads_past_the_gate():
    around = {"NO_PROXY": "*", "no_proxy": "*"}
    with Host("127.0.0.2") as inner, Host(to=inner.url) as outer:
        ask(f"{outer.url}/x.git", HERE, around)

        assert (outer.calls, inner.calls) == (1, 0)


def test_with_the_block_every_connection_ends():
    with Host() as host, gate.opened(OPEN) as port:
        place = host.server.server_address
        link = socket.create_connection(("127.0.0.1", port))
        link.sendall(b"\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01" + place[1].to_bytes(2, "big"))
        assert link.recv(12, socket.MSG_WAITALL)[3] == 0

    assert link.recv(1) == b""
    link.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


@pytest.mark.parametrize(
    "words", [b"GET / HTTP/1.1\r\n\r\n", b"\x04\x01\x00\x50", b"\x05\x00", b"\x05\x01\x00\x05\x02"]
)
def test_what_is_no_request_is_hung_up_on(words):
    with gate.opened(OPEN) as port, socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(words)
        link.shutdown(socket.SHUT_WR)
        link.settimeout(5)

        assert link.recv(100) in (b"", b"\x05\x00")


def test_a_source_at_a_metadata_service_is_told_why_it_is_not_read(team):
    sources.add(team.rt, NewSource(name="meta", url="http://169.254.169.254/x.git"))

    team.look("", "meta")

    assert "metadata" in str(sources.find(team.rt, "meta").last_error)


def test_a_task_may_not_clone_from_a_private_address(team):
    flow = (
        "id: f\nnamespace: a\ntasks: [{id: c, type: io.kestra.plugin.git.Clone, "
        "url: 'http://127.0.0.1:9/x.git'}]\n"
    )

    ran = team.driver.run(flow)

    assert team.driver.state(ran) == "FAILED"
    assert "is a private address (setting outgoing_allowed)" in str(team.driver.messages(ran))
