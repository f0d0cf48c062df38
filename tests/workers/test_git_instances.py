"""Flows promoted to another server over its API; Git over SSH and over HTTPS."""

import base64
import os
import shutil
import ssl
import threading
from http.server import ThreadingHTTPServer

import pytest
from werkzeug.serving import make_server

from app.api.app import create_app
from app.service import flows
from app.service.access import accounts
from tests.conftest import make_driver
from tests.support.certificates import make_certificates
from tests.support.git_servers import PASSWORD, GitHttp, GitSsh
from tests.support.repository import flow

LOGIN = {"username": "admin@trunkline.local", "password": "{{ secret('OTHER') }}"}


@pytest.fixture
def other(sqlite_template, tmp_path, world):
    """Another server with an API, and its password as a secret of the first one."""
    path = tmp_path / "other.db"
    shutil.copy(sqlite_template, path)
    made = make_driver(f"sqlite:///{path}", tmp_path / "other", migrated=True)
    password = accounts.ensure_admin(made.rt)
    world.driver.rt.environ["SECRET_OTHER"] = base64.b64encode(password.encode()).decode()
    allowed = world.driver.rt.settings.model_copy(update={"outgoing_allow_private": True})
    object.__setattr__(world.driver.rt, "settings", allowed)
    server = make_server("127.0.0.1", 0, create_app(made.rt), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    made.process.stop()
    made.rt.database.close()


@pytest.mark.slow
def test_flows_are_promoted_to_another_server(world, other):
    world.repository.commit(
        {"_flows/new.yml": flow("new", "dev"), "_flows/same.yml": flow("same", "dev")}
    )
    for flow_id in ("same", "local"):
        other.save(flow(flow_id, "prod"))
    given = {"targetNamespace": "prod", "delete": True, "kestraUrl": other.url, "auth": LOGIN}

    dry = world.task("SyncFlows", **given, dryRun=True).ok()
    before = flows.get(other.rt, "prod", "local").revision
    ran = world.task("SyncFlows", **given).ok()
    pushed = world.task(
        "PushFlows", sourceNamespace="prod", gitDirectory="prod", kestraUrl=other.url, auth=LOGIN
    ).ok()

    assert before == 1
    assert dry.rows("flows") == ran.rows("flows")
    assert {(r["flowId"], r["syncState"]) for r in ran.rows("flows")} == {
        ("new", "ADDED"), ("same", "UNCHANGED"), ("local", "DELETED"),
    }  # fmt: skip
    assert flows.get(other.rt, "prod", "new").source.startswith("id: new\nnamespace: prod\n")
    with pytest.raises(flows.FlowNotFound):
        flows.get(other.rt, "prod", "local")
    with pytest.raises(flows.FlowNotFound):
        flows.get(world.driver.rt, "prod", "new")
    assert pushed.outputs["commitId"]
    assert set(world.pushed()) >= {"prod/new.yml", "prod/same.yml"}


@pytest.mark.slow
def test_a_refused_login_names_the_address_and_the_status(world, other):
    world.repository.commit({"_flows/new.yml": flow("new", "dev")})
    token = "no-such-token-at-all"

    ran = world.task(
        "SyncFlows", targetNamespace="prod", kestraUrl=other.url, auth={"apiToken": token}
    )

    assert ran.state == "FAILED"
    assert f"{other.url}/api/v1/main/flows" in ran.log
    assert "answered 401" in ran.log
    assert token not in ran.log


@pytest.mark.slow
def test_a_wrong_flow_changes_nothing_on_another_server(world, other):
    world.repository.commit(
        {"_flows/a.yml": flow("a", "dev"), "_flows/b.yml": flow("b", "dev") + "    nonsense: 1\n"}
    )

    ran = world.task("SyncFlows", targetNamespace="prod", kestraUrl=other.url, auth=LOGIN)

    assert ran.state == "FAILED"
    assert "Invalid flow imported from Git (b.yml): " in ran.log
    with pytest.raises(flows.FlowNotFound):
        flows.get(other.rt, "prod", "a")


@pytest.mark.slow
def test_a_flow_that_is_merely_wrong_is_kept_on_another_server(world, other):
    world.repository.commit({"_flows/renamed.yml": "id: one\nnamespace: dev\ntasks: [\n"})
    other.save(flow("one", "prod"))
    given = {"targetNamespace": "prod", "delete": True, "kestraUrl": other.url, "auth": LOGIN}

    world.task("SyncFlows", **given, ignoreInvalidFlows=True, allowEmpty=True).ok()

    assert flows.get(other.rt, "prod", "one").revision == 1


@pytest.mark.slow
def test_flows_are_pushed_and_synced_over_ssh(world, tmp_path):
    if shutil.which("sshd") is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("sshd is required here and is not installed")
        pytest.skip("sshd is not installed")
    server = GitSsh(tmp_path / "ssh")
    try:
        world.driver.save(flow("one", "acme.team"))
        login = {
            "url": server.url(world.repository.bare), "username": None, "password": None,
            "privateKey": server.key, "knownHosts": server.known_hosts(),
            "strictHostKeyChecking": "YES",
        }  # fmt: skip

        pushed = world.task("PushFlows", sourceNamespace="acme.team", **login).ok()
        synced = world.task("SyncFlows", targetNamespace="acme.copy", **login).ok()
        refused = world.task(
            "SyncFlows",
            targetNamespace="acme.copy",
            **{**login, "knownHosts": server.known_hosts("other")},
        )
    finally:
        server.stop()

    assert set(world.pushed()) == {"_flows/one.yml"}
    assert pushed.outputs["commitURL"].startswith("https://127.0.0.1/")
    assert synced.outputs["counts"]["added"] == 1
    assert refused.state == "FAILED"
    assert "PRIVATE KEY" not in pushed.log + synced.log + refused.log


@pytest.mark.slow
def test_an_authority_is_trusted_by_the_task_that_names_it_alone(world, tmp_path):
    world.repository.commit({"_flows/new.yml": flow("new", "dev")})
    ca, certificate, key = make_certificates(tmp_path / "tls")
    server = GitHttp(world.http.folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    assert isinstance(server.server, ThreadingHTTPServer)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    url = server.url(f"{world.name}/remote.git").replace("http://", "https://")
    given = {"targetNamespace": "acme.copy", "url": url, "noProxy": True}
    try:
        before = world.task("SyncFlows", **given)
        trusted = world.task("SyncFlows", **given, trustedCaPemPath=str(ca))
        after = world.task("SyncFlows", **given)
    finally:
        server.stop()

    assert (before.state, trusted.ok().state, after.state) == ("FAILED", "SUCCESS", "FAILED")
    assert "certificate" in before.log.lower()


@pytest.mark.slow
def test_no_secret_is_an_argument_of_any_git(world, tmp_path, monkeypatch):
    real = shutil.which("git")
    place = tmp_path / "bin"
    place.mkdir()
    seen = tmp_path / "arguments"
    (place / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {seen}\nexec {real} "$@"\n')
    (place / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    world.driver.rt.environ["PATH"] = os.environ["PATH"]
    world.driver.save(flow("one", "acme.team"))

    world.task("PushFlows", sourceNamespace="acme.team").ok()

    assert "push" in seen.read_text().splitlines()
    assert PASSWORD not in seen.read_text()
    assert base64.b64encode(PASSWORD.encode()).decode() not in seen.read_text()


@pytest.mark.slow
def test_files_of_namespaces_stay_on_their_own_server(world, other):
    world.repository.commit({"company.team/files/a.txt": "a"})
    given = {"namespace": "company.team", "branch": "main", "kestraUrl": other.url, "auth": LOGIN}

    pushed = world.task("NamespaceSync", **given)
    brought = world.task("NamespaceSync", **given, sourceOfTruth="GIT")

    assert (pushed.state, brought.state) == ("FAILED", "FAILED")
    assert "files cannot be exchanged with another server" in pushed.log
    assert world.files("company.team") == {}
