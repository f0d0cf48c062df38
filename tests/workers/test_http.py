"""HTTP tasks against a real server on loopback, and the rules of where they may go."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.plugin.outgoing import OutgoingPolicy, RefusedTarget
from app.service import crypto, executions, operations
from app.service.access import audit
from tests.conftest import make_driver

FLOW = """
id: calling
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.http.{type}
    uri: "{uri}"
{more}
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode("latin-1")
        path = self.path.partition("?")[0]
        status, headers, data = 200, {"Content-Type": "application/json"}, b""
        if path.startswith("/status/"):
            status, data = int(path.rpartition("/")[2]), b"why"
        elif path == "/redirect":
            status, headers = 302, {"Location": "/echo?from=redirect"}
        elif path == "/to-metadata":
            status, headers = 302, {"Location": "http://169.254.169.254/latest"}
        elif path == "/binary":
            data, headers = b"\xff\xfe\x00", {"Content-Type": "application/octet-stream"}
        elif path == "/file":
            data = b"a,b\n1,2\n"
            headers = {"Content-Disposition": 'attachment; filename="../rows.csv"'}
        elif path == "/large":
            data = b"x" * 2_000_000
        elif path == "/slow":
            self.server.slow.set()
            self.server.release.wait(30)
        elif path != "/empty":
            seen = {"method": self.command, "path": self.path, "body": body}
            data = json.dumps({**seen, "headers": dict(self.headers)}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-Many", "1")
        self.send_header("X-Many", "2")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.slow, server.release = threading.Event(), threading.Event()
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    settings = made.rt.settings.model_copy(update={"outgoing_allow_private": True})
    object.__setattr__(made.rt, "settings", settings)
    yield made
    made.process.stop()
    made.rt.database.close()


def call(driver, web, path, *more, type_="Request"):
    uri = path if "://" in path else f"http://127.0.0.1:{web.server_port}{path}"
    text = FLOW.format(type=type_, uri=uri, more="\n".join(f"    {line}" for line in more))
    return driver.run(text)


def seen(driver, execution):
    """What the server echoed; sealed where it shows the credentials that were sent."""
    body = driver.outputs(execution, "call")["body"]
    if crypto.is_sealed(body):
        ring = crypto.Keyring.of(driver.rt.settings).at("company.team", "calling")
        body = ring.unseal(body)
    return json.loads(body)


def test_a_get_gives_code_headers_and_body(driver, web):
    execution = call(driver, web, "/echo", "params: {a: 1, b: [x, y]}", "headers: {X-Own: z}")

    outputs = driver.outputs(execution, "call")
    assert driver.state(execution) == "SUCCESS"
    assert outputs["code"] == 200
    assert outputs["headers"]["X-Many"] == ["1", "2"]
    assert seen(driver, execution)["path"] == "/echo?a=1&b=x&b=y"
    assert seen(driver, execution)["headers"]["X-Own"] == "z"


def test_a_body_is_sent_with_its_type(driver, web):
    plain = call(driver, web, "/echo", "method: PUT", 'body: \'{"a": "ü"}\'')
    typed = call(driver, web, "/echo", "method: POST", "contentType: text/plain", "body: hi")

    assert seen(driver, plain)["method"] == "PUT"
    assert seen(driver, plain)["headers"]["Content-Type"] == "application/json"
    assert seen(driver, typed)["headers"]["Content-Type"] == "text/plain"
    assert seen(driver, typed)["body"] == "hi"


def test_forms_are_encoded_by_their_type(driver, web):
    form = "formData: {name: Ada, n: 2}"
    plain = call(driver, web, "/echo", "method: POST", form)
    parts = call(
        driver,
        web,
        "/echo",
        "method: POST",
        "contentType: multipart/form-data",
        "formData: {file: {name: a.txt, content: inside}, n: 2}",
    )

    assert seen(driver, plain)["body"] == "name=Ada&n=2"
    assert 'name="file"; filename="a.txt"' in seen(driver, parts)["body"]
    assert "inside" in seen(driver, parts)["body"]


@pytest.mark.parametrize(
    ("more", "header"),
    [
        (
            ["options: {auth: {type: BASIC, username: u, password: pass-word}}"],
            "Basic dTpwYXNzLXdvcmQ=",
        ),
        (["options: {auth: {type: BEARER, token: tok-en}}"], "Bearer tok-en"),
        (["options: {basicAuthUser: u, basicAuthPassword: pass-word}"], "Basic dTpwYXNzLXdvcmQ="),
    ],
)
def test_credentials_are_sent(driver, web, more, header):
    execution = call(driver, web, "/echo", *more)

    assert seen(driver, execution)["headers"]["Authorization"] == header


def test_an_answer_over_400_fails_unless_it_is_allowed(driver, web):
    failed = call(driver, web, "/status/418")
    allowed = call(driver, web, "/status/418", "options: {allowFailed: true}")
    listed = call(driver, web, "/status/418", "options: {allowedResponseCodes: [418]}")
    other = call(driver, web, "/status/200", "options: {allowedResponseCodes: [201]}")

    states = [driver.state(x) for x in (failed, allowed, listed, other)]
    assert states == ["FAILED", "SUCCESS", "SUCCESS", "FAILED"]
    assert "response code '418'" in " ".join(driver.messages(failed))


def test_redirects_are_followed_unless_that_is_off(driver, web):
    followed = call(driver, web, "/redirect")
    stopped = call(driver, web, "/redirect", "options: {followRedirects: false}")

    assert seen(driver, followed)["path"] == "/echo?from=redirect"
    assert driver.outputs(stopped, "call")["code"] == 302


def test_a_body_that_is_no_text_or_too_large_fails(driver, web):
    binary = call(driver, web, "/binary")
    large = call(driver, web, "/large", "options: {maxContentLength: 1000}")

    assert "is no text" in " ".join(driver.messages(binary))
    assert "larger than 1000 bytes" in " ".join(driver.messages(large))


def test_an_encrypted_body_is_never_stored_in_plain(driver, web):
    execution = call(driver, web, "/echo", "encryptBody: true")

    outputs = driver.outputs(execution, "call")
    assert "body" not in outputs
    assert "method" not in json.dumps(outputs["encryptedBody"])


def test_a_download_is_stored_under_its_name(driver, web):
    execution = call(driver, web, "/file", type_="Download")
    named = call(driver, web, "/file", "saveAs: mine.csv", type_="Download")

    outputs = driver.outputs(execution, "call")
    assert driver.rt.storage.open(outputs["uri"]).read() == b"a,b\n1,2\n"
    assert outputs["length"] == 8
    assert outputs["uri"].endswith("rows.csv")
    assert "/../" not in outputs["uri"]
    assert driver.outputs(named, "call")["uri"].endswith("/mine.csv")


def test_an_empty_download_fails_unless_it_may_be_empty(driver, web):
    empty = call(driver, web, "/empty", type_="Download")
    fine = call(driver, web, "/empty", "failOnEmptyResponse: false", type_="Download")

    assert (driver.state(empty), driver.state(fine)) == ("FAILED", "SUCCESS")


def test_a_killed_request_is_cut_off(driver, web):
    driver.save(
        FLOW.format(type="Request", uri=f"http://127.0.0.1:{web.server_port}/slow", more="")
    )
    execution = driver.start("company.team", "calling")
    worker = threading.Thread(target=driver.work)
    worker.start()
    assert web.slow.wait(10)

    began = time.monotonic()
    operations.kill(driver.rt, execution)
    driver.process.kill(execution)
    worker.join(20)
    driver.work()

    assert time.monotonic() - began < 10
    assert driver.state(execution) == "KILLED"


@pytest.mark.parametrize(
    "uri", ["ftp://x/y", "file:///etc/passwd", "x", "http://", "http://no.invalid/"]
)
def test_an_address_that_cannot_be_called_fails(driver, web, uri):
    execution = driver.run(FLOW.format(type="Request", uri=uri, more=""))

    assert driver.state(execution) == "FAILED"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
def test_loopback_is_refused_in_every_spelling_unless_private_addresses_are_allowed(
    driver, web, host
):
    settings = driver.rt.settings.model_copy(update={"outgoing_allow_private": False})
    object.__setattr__(driver.rt, "settings", settings)

    execution = call(driver, web, f"http://{host}:{web.server_port}/echo")

    assert driver.state(execution) == "FAILED"
    assert "address" in " ".join(driver.messages(execution))


def test_what_the_policy_refuses_is_a_line_of_the_audit_log_without_the_address(driver, web):
    execution = call(driver, web, "http://169.254.169.254/secret-path")

    [line], _ = audit.find_page(driver.rt, audit.AuditFilter(verdict=audit.REFUSED), 1, 5)
    row = executions.get(driver.rt, execution)
    assert line.actor == f"{row.namespace}/{row.flow_id}"
    assert line.action == "policy io.kestra.plugin.core.http.Request"
    assert execution in line.target
    assert line.namespace == row.namespace
    assert "169.254" not in str(line)


def test_what_only_fails_is_no_refusal(driver, web):
    call(driver, web, "http://no.invalid/")

    assert audit.find_page(driver.rt, audit.AuditFilter(), 1, 5)[1] == 0


def test_a_redirect_to_a_metadata_address_is_refused(driver, web):
    execution = call(driver, web, "/to-metadata")

    assert driver.state(execution) == "FAILED"
    assert "metadata address" in " ".join(driver.messages(execution))


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "224.0.0.1",
     "0.0.0.0", "fd00:ec2::254", "2002:a9fe:a9fe::"],
)  # fmt: skip
def test_metadata_and_unreal_addresses_are_refused_even_where_private_ones_are_allowed(address):
    with pytest.raises(RefusedTarget):
        OutgoingPolicy(allow_private=True).check(address)


def test_a_listed_network_is_allowed():
    policy = OutgoingPolicy.of(allow_private=False, allowed="10.1.0.0/16, fd12::/64")

    assert policy.check("10.1.2.3") == "10.1.2.3"
    with pytest.raises(RefusedTarget):
        policy.check("10.2.0.1")
    with pytest.raises(RefusedTarget):
        policy.first_allowed(["93.184.215.14", "10.2.0.1"])
