"""Secrets from files and from a server that speaks Vault's KV version 2."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.errors import Unavailable
from app.service import secret_backends, secret_lists, secrets
from tests.conftest import make_driver

TOKEN = "vault-token-canary"


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, SECRET_ENV="ZW52")
    yield made
    made.process.stop()
    made.rt.database.close()


def use(driver, **settings):
    secret_backends._kept.clear()
    object.__setattr__(driver.rt, "settings", driver.rt.settings.model_copy(update=settings))
    return driver.rt


@pytest.fixture
def files(driver, tmp_path):
    root = tmp_path / "secrets"
    (root / "company.team").mkdir(parents=True)
    (root / "ALL").write_text("of all\n")
    (root / "company.team" / "OWN").write_text("of the team\n")
    (root / "company.team" / "ALL").write_text("of the team, nearer")
    (tmp_path / "OUTSIDE").write_text("outside")
    return use(driver, secrets_dir=str(root))


class Kv2(BaseHTTPRequestHandler):
    """What the documentation of Vault says of reading a secret of KV version 2."""

    def do_GET(self):
        self.server.asked.append(self.path)
        found = self.server.secrets.get(self.path)
        if self.headers["X-Vault-Token"] != TOKEN:
            code, body = 403, {"errors": ["permission denied"]}
        elif found is None:
            code, body = 404, {"errors": []}
        else:
            code, body = 200, {"data": {"data": found, "metadata": {"version": 1}}}
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def vault(driver):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Kv2)
    server.asked, server.secrets = [], {}
    server.secrets["/v1/kv/data/flows/company"] = {"PARENT": "of the company", "N": 7}
    server.secrets["/v1/kv/data/flows/company.team"] = {"OWN": "of the team"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    use(driver, vault_address=address, vault_token=TOKEN, vault_mount="kv", vault_prefix="flows")
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_is_a_secret_of_its_namespace_or_of_all(files):
    assert secrets.find(files, "company.team.a", "OWN") == "of the team"
    assert secrets.find(files, "company.team", "ALL") == "of the team, nearer"
    assert secrets.find(files, "other", "ALL") == "of all"
    assert secrets.find(files, "other", "OWN") is None
    assert secrets.find(files, "other", "ENV") == "env"


@pytest.mark.parametrize(
    "key", ["../OUTSIDE", "company.team/OWN", "..", "", "/etc/passwd", "a\x00b"]
)
def test_a_name_that_leaves_the_folder_is_no_secret(files, key):
    assert secrets.find(files, "other", key) is None
    assert secrets.find(files, "../..", "OUTSIDE") is None


def test_the_names_of_files_are_listed_and_their_values_are_not(files):
    secrets.put(files, "company.team", "STORED", "value")

    own = [item.key for item in secret_lists.list_of(files, "company.team")]
    everywhere = [item.key for item in secret_lists.list_all(files) if item.namespace is None]

    assert own == ["STORED", "ALL", "OWN"]
    assert everywhere == ["ALL", "ENV"]


def test_a_vault_gives_what_a_namespace_or_its_parent_has(driver, vault):
    assert secrets.find(driver.rt, "company.team", "OWN") == "of the team"
    assert secrets.find(driver.rt, "company.team", "PARENT") == "of the company"
    assert secrets.find(driver.rt, "company", "N") == "7"
    assert secrets.find(driver.rt, "company.team", "NONE") is None
    assert secrets.find(driver.rt, "company.team", "ENV") == "env"


def test_a_vault_is_not_asked_for_each_expression(driver, vault):
    for _ in range(20):
        secrets.find(driver.rt, "company.team", "OWN")

    assert len(vault.asked) == 1


def test_what_is_stored_here_goes_before_the_vault(driver, vault):
    secrets.put(driver.rt, "company.team", "OWN", "stored")

    assert secrets.find(driver.rt, "company.team", "OWN") == "stored"


def test_a_secret_of_a_vault_is_masked_in_the_log_of_its_run(driver, vault):
    flow = "id: v\nnamespace: company.team\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, "
    execution = driver.run(flow + "message: \"{{ secret('OWN') }}\"}]\n")

    assert driver.messages(execution) == ["******"]


@pytest.mark.parametrize("change", [{"vault_token": "x"}, {"vault_address": "http://127.0.0.1:9"}])
def test_a_vault_that_gives_nothing_fails_the_task_with_the_reason(driver, vault, change):
    rt = use(driver, **change)
    flow = "id: v\nnamespace: company.team\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, "
    execution = driver.run(flow + "message: \"{{ secret('OWN') }}\"}]\n")

    assert driver.state(execution) == "FAILED"
    assert "the vault" in driver.messages(execution)[0]
    assert TOKEN not in str(driver.messages(execution))
    with pytest.raises(Unavailable):
        secrets.find(rt, "company.team", "OWN")
