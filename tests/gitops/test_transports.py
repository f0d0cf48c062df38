"""Sources over each transport, set up over the API: HTTP, TLS with a private CA, SSH, a proxy."""

import ssl
from urllib.parse import urlsplit

import pytest

from app.service import secrets
from app.service.gitops import sync
from tests.support.api import app_on
from tests.support.certificates import make_certificates
from tests.support.git_servers import PASSWORD, USER, GitHttp, GitSsh
from tests.support.repository import flow, run


class Setup:
    """What an administrator does: secrets, a connection, a source with its binding."""

    def __init__(self, team):
        team.set(auth_enabled=False)
        self.team, self.client = team, app_on(team.rt).test_client()
        self.team.repository.commit({"a.yaml": flow("a")})

    def secret(self, name, value):
        secrets.put(self.team.rt, self.team.rt.settings.system_namespace, name, value)

    def post(self, path, body):
        answer = self.client.post(f"/api/v1/main/gitops/{path}", json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def connect(self, auth, **more):
        self.post("connections", {"name": "host", "auth": auth, **more})

    def follow(self, url):
        """The source after its first round."""
        binding = {"name": "team", "namespace": "acme"}
        body = {"name": "team", "url": url, "connection": "host", "binding": binding}
        sync.work(self.team.rt, self.post("sources", body)["id"])
        return self.client.get("/api/v1/main/gitops/sources/team").get_json()

    def follows(self, url):
        """Whether the first commit and one that is pushed later become what runs."""
        source = self.follow(url)
        assert source.get("lastError") is None
        assert source["bindings"][0]["sync"] == "Synced"
        self.team.repository.commit({"a.yaml": flow("a", message="later")})
        self.team.look()
        return "later" in self.team.flow("a").source and self.team.flow("a").revision == 2


@pytest.fixture
def setup(team):
    return Setup(team)


@pytest.fixture
def http(setup):
    made = GitHttp(setup.team.repository.bare.parent)
    yield made
    made.stop()


@pytest.fixture
def tls(setup, tmp_path):
    """The server over TLS and the certificate of its authority."""
    ca, certificate, key = make_certificates(tmp_path / "tls")
    made = GitHttp(setup.team.repository.bare.parent)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    made.server.socket = context.wrap_socket(made.server.socket, server_side=True)
    yield made.url("remote.git").replace("http://", "https://"), ca.read_text()
    made.stop()


@pytest.fixture
def ssh(setup, tmp_path):
    made = GitSsh(tmp_path / "ssh")
    yield made
    made.stop()


def login(setup):
    setup.secret("PASSWORD", PASSWORD)
    return {"username": USER, "passwordSecret": "PASSWORD"}


def test_a_source_over_http_with_basic_authentication(setup, http):
    setup.connect(login(setup))

    assert setup.follows(http.url("remote.git"))
    assert None in http.seen  # Git asks first without the login, which is in no address


def test_a_source_over_tls_trusts_the_authority_of_its_connection(setup, tls):
    url, ca = tls
    setup.connect(login(setup), ca=ca)

    assert setup.follows(url)


def test_a_source_over_tls_with_an_unknown_authority_says_so_and_comes_back(setup, tls):
    url, ca = tls
    auth = login(setup)
    setup.connect(auth)

    source = setup.follow(url)
    body = {"name": "host", "auth": auth, "ca": ca}
    setup.client.put("/api/v1/main/gitops/connections/host", json=body)
    setup.team.look()

    assert "certificate" in source["lastError"].lower()
    assert source["conditions"]["Fetched"]["status"] is False
    assert PASSWORD not in str(source)
    assert setup.team.source().last_error is None
    assert setup.team.has_flow("a")


def test_a_source_over_ssh_with_a_key_and_known_hosts(setup, ssh):
    setup.secret("KEY", ssh.key)
    auth = {"privateKeySecret": "KEY", "knownHosts": ssh.known_hosts(), "hostKeyChecking": "yes"}
    setup.connect(auth)

    assert setup.follows(ssh.url(setup.team.repository.bare))


def test_a_source_over_ssh_with_a_key_that_has_a_passphrase(setup, ssh, tmp_path):
    file = tmp_path / "sealed"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", str(file))
    with (ssh.folder / "authorized").open("a") as keys:
        keys.write((tmp_path / "sealed.pub").read_text())
    setup.secret("KEY", file.read_text())
    setup.secret("PASSPHRASE", "open sesame")
    hosts = {"knownHosts": ssh.known_hosts(), "hostKeyChecking": "yes"}
    setup.connect({"privateKeySecret": "KEY", "passphraseSecret": "PASSPHRASE", **hosts})

    assert setup.follows(ssh.url(setup.team.repository.bare))


@pytest.mark.parametrize(
    ("known", "key", "words"),
    [("other", "user", "host key"), ("host", "other", "permission denied")],
)
def test_a_wrong_host_key_and_a_wrong_user_key_apply_nothing(setup, ssh, known, key, words):
    setup.secret("KEY", (ssh.folder / key).read_text())
    hosts = {"knownHosts": ssh.known_hosts(known), "hostKeyChecking": "yes"}
    setup.connect({"privateKeySecret": "KEY", **hosts})

    source = setup.follow(ssh.url(setup.team.repository.bare))

    assert words in source["lastError"].lower()
    assert not setup.team.has_flow("a")


class Proxy(GitHttp):
    """A proxy that knows where `git.invalid` is; keeps what it was asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.asked = []

    def _serve(self, handler):
        self.asked.append(handler.path)
        parts = urlsplit(handler.path)
        handler.path = parts.path + (f"?{parts.query}" if parts.query else "")
        super()._serve(handler)


def test_a_source_goes_through_the_proxy_of_its_connection(setup):
    proxy = Proxy(setup.team.repository.bare.parent)
    setup.connect(login(setup), proxy=proxy.url("").rstrip("/"))
    try:
        assert setup.follows("http://git.invalid/remote.git")
    finally:
        proxy.stop()

    assert all(path.startswith("http://git.invalid/") for path in proxy.asked)


def test_what_authenticates_is_kept_encrypted(setup, http, tmp_path):
    setup.connect(login(setup))
    setup.follow(http.url("remote.git"))

    kept = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
    assert PASSWORD.encode() not in kept
