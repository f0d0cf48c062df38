"""The Terraform provider under a real Terraform: plan, apply, update, drift, import, destroy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
ADDRESS = {
    "trunkline_namespace.sales": "acme.sales",
    "trunkline_kv.rate": "acme.sales/rate",
    "trunkline_secret.api_key": "acme.sales/API_KEY",
    "trunkline_namespace_file.query": "acme.sales/queries/revenue.sql",
    "trunkline_flow.report": "acme.sales/report",
    "trunkline_git_source.flows": "team-flows",
    "trunkline_git_binding.flows": "team-flows",
}


class Terraform:
    """A working directory with the example's configuration and the provider installed."""

    def __init__(self, program: str, folder: Path, bin_dir: Path, server: str) -> None:
        self.program, self.folder = program, folder
        config = folder / "terraform.rc"
        config.write_text(
            f'provider_installation {{\n  dev_overrides {{ "trunkline/trunkline" = "{bin_dir}" }}\n'
            "  direct {}\n}\n"
        )
        self.environ = {
            **os.environ,
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(config),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TRUNKLINE_SERVER": server,
            "TRUNKLINE_USER": "admin@example.org:correct horse",
            "TF_VAR_api_key": "squeamish ossifrage",
            "TF_VAR_repository": f"file://{folder}/flows.git",
        }
        self.main = folder / "main.tf"
        self.main.write_bytes((ROOT / "examples" / "terraform" / "main.tf").read_bytes())

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [self.program, *arguments, *(["-no-color"] if arguments[0] != "show" else [])],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout + done.stderr

    def plan(self) -> dict[str, list[str]]:
        """What would be done to each resource; nothing when all is as it is written."""
        self.run("plan", "-out=plan", "-input=false")
        changes = json.loads(self.run("show", "-json", "plan"))["resource_changes"]
        found = {one["address"]: one["change"]["actions"] for one in changes}
        return {address: acts for address, acts in found.items() if acts != ["no-op"]}

    def apply(self, codes: tuple[int, ...] = (0,)) -> str:
        return self.run("apply", "-auto-approve", "-input=false", codes=codes)

    def change(self, old: str, new: str) -> None:
        text = self.main.read_text()
        assert old in text
        self.main.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """The directory of the provider's program, installed into an environment of its own."""
    folder = tmp_path_factory.mktemp("provider")
    uv = str(Path(sys.executable).with_name("uv"))
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    subprocess.run([uv, "venv", "-q", str(folder / "env")], check=True, env=environ)
    source = shutil.copytree(ROOT / "deploy" / "terraform", folder / "source")
    python = str(folder / "env" / "bin" / "python")
    lock, install = source / "requirements.lock", [uv, "pip", "install", "-q", "--python", python]
    done = subprocess.run(
        [*install, "-r", str(lock), str(source)],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Failed to fetch" in done.stderr and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / "env" / "bin"


@pytest.fixture
def terraform(server, provider, tmp_path):
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("there is no terraform and no tofu")
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "flows.git")], check=True)
    made = Terraform(program, tmp_path, provider, server.url)
    yield made
    made.run("destroy", "-auto-approve", "-input=false", codes=(0, 1))


def test_the_example_is_planned_applied_changed_and_destroyed(terraform, server):
    assert terraform.plan() == {address: ["create"] for address in ADDRESS}
    terraform.apply()
    assert terraform.plan() == {}

    stored = server.client.get("/flows/acme.sales/report", params={"source": "true"}).json()
    assert stored["revision"] == 1
    assert "one euro is" in stored["source"]
    ended = server.wait(server.start("acme.sales", "report")["id"])
    assert ended["state"]["current"] == "SUCCESS"
    address = "/namespaces/acme.sales"
    names = [row["key"] for row in server.client.get(f"{address}/secrets").json()["results"]]
    assert names == ["API_KEY"]
    assert server.client.get(address).json()["variables"] == {"currency": "EUR"}
    binding = server.client.get("/gitops/bindings/team-flows").json()
    assert (binding["policy"]["prune"], binding["namespace"]) == (True, "acme.team")

    terraform.change("one euro is", "1 EUR is")
    terraform.change("usd = 1.08", "usd = 1.1")
    terraform.change("prune     = true", "prune     = false")
    terraform.change("poll_interval = 300", "poll_interval = 600")
    assert terraform.plan() == {
        "trunkline_flow.report": ["update"],
        "trunkline_kv.rate": ["update"],
        "trunkline_git_binding.flows": ["update"],
        "trunkline_git_source.flows": ["update"],
    }
    terraform.apply()
    assert terraform.plan() == {}
    assert server.client.get("/flows/acme.sales/report").json()["revision"] == 2
    assert server.client.get(f"{address}/kv/rate").json()["value"] == {"eur": 1, "usd": 1.1}
    assert server.client.get("/gitops/sources/team-flows").json()["pollInterval"] == 600

    terraform.run("destroy", "-auto-approve", "-input=false")
    assert server.client.get("/flows/acme.sales/report").status_code == 404
    assert server.client.get(f"{address}/kv/rate").status_code == 404
    assert server.client.get("/gitops/sources/team-flows").status_code == 404
    assert server.client.get(f"{address}/secrets").json()["results"] == []


def test_what_was_changed_beside_it_is_seen_and_set_back(terraform, server):
    terraform.apply()
    put = server.client.put("/namespaces/acme.sales/kv/rate", content=b"7")
    assert put.is_success
    assert server.client.delete("/flows/acme.sales/report").status_code == 204

    assert terraform.plan() == {
        "trunkline_kv.rate": ["update"],
        "trunkline_flow.report": ["create"],
    }
    terraform.apply()
    assert terraform.plan() == {}


def test_what_is_there_is_imported(terraform):
    terraform.apply()
    terraform.run("state", "rm", *ADDRESS)
    blocks = [f'import {{\n  to = {to}\n  id = "{name}"\n}}\n' for to, name in ADDRESS.items()]
    (terraform.folder / "import.tf").write_text("".join(blocks))
    # the value of a secret cannot be read back: it is written again
    assert terraform.plan() == {"trunkline_secret.api_key": ["update"]}
    terraform.apply()
    (terraform.folder / "import.tf").unlink()
    assert terraform.plan() == {}
    terraform.run("state", "rm", "trunkline_kv.rate")
    assert "is no id of a kv" in terraform.run(
        "import", "-input=false", "trunkline_kv.rate", "nothing", codes=(1,)
    )
    told = terraform.run(
        "import", "-input=false", "trunkline_kv.rate", "acme.sales/none", codes=(1,)
    )
    assert "There is no kv" in told
    terraform.run("import", "-input=false", "trunkline_kv.rate", ADDRESS["trunkline_kv.rate"])
    assert terraform.plan() == {}


def test_errors_name_the_line_and_change_nothing(terraform, server):
    terraform.apply()
    revision = server.client.get("/flows/acme.sales/report").json()["revision"]
    terraform.change("core.log.Log", "core.log.Lgo")
    told = terraform.apply(codes=(1,))
    assert "Lgo" in told
    assert "line 4" in told
    assert server.client.get("/flows/acme.sales/report").json()["revision"] == revision
    terraform.change("core.log.Lgo", "core.log.Log")
    assert terraform.plan() == {}

    terraform.environ["TRUNKLINE_USER"] = "admin@example.org:not-mine"
    told = terraform.run("plan", "-input=false", codes=(1,))
    assert "401" in told or "Unauthorized" in told
    assert "not-mine" not in told
    terraform.environ["TRUNKLINE_USER"] = "admin@example.org:correct horse"
