"""The templates for CI: their scripts, as they stand, by a shell against a real server."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from werkzeug.serving import make_server

from app.api.app import create_app
from app.service.gitops import sync
from tests.support.repository import flow

pytestmark = pytest.mark.slow

TEMPLATES = Path(__file__).parents[2] / "deploy" / "ci"


def _github():
    jobs = yaml.safe_load((TEMPLATES / "github/trunkline.yml").read_text())["jobs"]
    return [[step["run"] for step in jobs[n]["steps"] if "run" in step] for n in PARTS]


def _gitlab():
    data = yaml.safe_load((TEMPLATES / "gitlab/trunkline.gitlab-ci.yml").read_text())
    before = data[".trunkline"]["before_script"]
    return [before + data[f"trunkline-{name}"]["script"] for name in PARTS]


def _azure():
    data = yaml.safe_load((TEMPLATES / "azure/azure-pipelines.yml").read_text())
    jobs = {job["job"]: job["steps"] for job in data["jobs"]}
    return [[step["script"] for step in jobs[name]] for name in PARTS]


def _bitbucket():
    data = yaml.safe_load((TEMPLATES / "bitbucket/bitbucket-pipelines.yml").read_text())
    pipes = data["pipelines"]
    parts = (pipes["pull-requests"]["**"], pipes["branches"]["main"])
    return [part[0]["step"]["script"] for part in parts]


PARTS = ("check", "deploy")
HOSTS = {"github": _github, "gitlab": _gitlab, "azure": _azure, "bitbucket": _bitbucket}


@pytest.fixture
def server(team):
    team.set(auth_enabled=False)
    made = make_server("127.0.0.1", 0, create_app(team.rt), threaded=True)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()


@pytest.fixture(params=HOSTS)
def run(request, server, tmp_path):
    """Runs a part of a host's template in a folder; exit code and what it printed."""
    check, deploy = HOSTS[request.param]()
    install = check.pop(0)
    assert install == deploy.pop(0)
    assert install.startswith('pip install "$')  # of this name a registry may have anybody's

    def start(part, **env):
        scripts = check if part == "check" else deploy
        given = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "TRUNKLINE_SERVER": server,
            "TRUNKLINE_USER": "a-token",
            "FLOWS": "flows",
            "NAMESPACE": "acme",
        }
        done = subprocess.run(
            ["sh", "-ec", "\n".join(scripts)],
            cwd=tmp_path, env=given | env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return start


def test_a_pull_request_is_validated_and_planned_and_the_branch_is_deployed(run, team, tmp_path):
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "a.yaml").write_text(flow("a"))

    checked = run("check")
    before = team.has_flow("a")
    deployed = run("deploy")
    (folder / "b.yaml").write_text("id: b\n")
    broken = run("check")

    assert checked[0] == 0, checked
    assert "Plan: 1 to create" in checked[1]
    assert not before
    assert deployed[0] == 0, deployed
    assert team.has_flow("a")
    assert broken[0] == 1
    assert "b.yaml" in broken[1]


def test_a_source_that_is_named_is_synced(run, team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="second")})
    done = threading.Event()

    def work():
        woken = team.driver.publisher.sources
        while not done.wait(0.02):
            while woken:
                sync.work(team.rt, woken.pop(0))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        synced = run("deploy", SOURCE="team")
    finally:
        done.set()
        worker.join()

    assert synced[0] == 0, synced
    assert team.flow("a").revision == 2
