"""The examples of `docs/own-routes.md`, as they stand there, against a server that runs."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.repository import Repository, flow

PAGE = Path(__file__).parents[2] / "docs" / "own-routes.md"
URL = "https://git.example.org/team/flows.git"


@pytest.fixture
def environ(server, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_SERVER", server.url)
    monkeypatch.setenv("TRUNKLINE_USER", "admin@example.org:correct horse")


def example(language, repository):
    """All blocks of a language as one program; the remote is that of the test."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
    return "".join(blocks).replace(URL, repository.url)


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path)
    made.commit({"company.own/flows/a.yaml": flow("a", "company.own")})
    return made


def test_the_examples_for_curl_do_as_they_say(server, environ, repository, tmp_path):
    program = re.sub(r"^export .*\n", "", example("sh", repository), flags=re.M)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", program], capture_output=True, text=True, cwd=tmp_path
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert '"result":"ADA"' in done.stdout.replace(" ", "")
    assert '"key":"company.own/a"' in done.stdout.replace(" ", "")
    assert "+id: a" in done.stdout
    assert "/gitops/sources" in (tmp_path / "audit.jsonl").read_text()
    assert server.client.get("/flows/company.own/a").status_code == 404


def test_the_examples_for_python_do_as_they_say(server, environ, repository, capsys):
    exec(compile(example("python", repository), str(PAGE), "exec"), {})
    told = capsys.readouterr().out

    assert "CREATE FLOW company.own/a\n" in told
    assert "Synced Healthy " in told
    assert "42 None\n" in told
    assert server.client.get("/gitops/sources/team").status_code == 404
