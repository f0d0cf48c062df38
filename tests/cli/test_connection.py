"""What the command says when the server is not there, refuses, or is not named rightly."""

import json

import pytest

WRONG = """\
id: wrong
namespace: team.a
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Lag}
  - {id: b, type: nothing.Here}
"""


@pytest.mark.parametrize("server", ["127.0.0.1:8080", "localhost", "ftp://x", "http://", "a b"])
def test_an_address_without_a_scheme_is_wrong_use(run, server):
    found = run("--server", server, "flow", "list")

    assert found.code == 2
    assert "http://HOST:PORT" in found.err


def test_a_wrong_address_is_no_matter_of_a_command_without_a_server(run, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_SERVER", "nowhere")

    assert run("schema").code == 0


def test_a_server_that_is_away_is_named(run):
    found = run("--server", "http://127.0.0.1:9", "flow", "list")

    assert found.code == 3
    assert "the server http://127.0.0.1:9 cannot be reached" in found.err


def test_each_mistake_of_a_deployment_has_its_line_on_stderr(run, served, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("id: right\nnamespace: team.a\ntasks: []\n---\n" + WRONG, encoding="utf-8")

    found = run("flow", "deploy", str(path))

    assert found.code == 1
    assert found.out == ""
    places = [line.partition(": ")[0] for line in found.err.splitlines()]
    assert f"{path}:8:13" in places
    assert f"{path}:9:13" in places


def test_a_plan_of_a_folder_has_a_line_for_each_mistake(run, served, tmp_path):
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")

    found = run("plan", str(tmp_path), "--namespace", "team")
    refused = run("apply", str(tmp_path), "--namespace", "team")

    assert (found.code, refused.code) == (1, 1)
    for text in (found.out, refused.err):
        assert [line.strip().removeprefix("error: Conflict: ").partition(": ")[0]
                for line in text.splitlines() if "wrong.yaml:" in line] == [
            "wrong.yaml:4:13", "wrong.yaml:5:13"]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("flow", "list"),
        ("execution", "list"),
        ("trigger", "list"),
        ("kv", "list", "team.a"),
        ("secret", "list", "team.a"),
        ("namespace", "files", "list", "team.a"),
        ("source", "status"),
    ],
    ids=" ".join,
)
def test_every_list_is_an_array_for_programs(run, served, words):
    found = run(*words, "--output", "json")

    assert found.code == 0
    assert json.loads(found.out) == []


def test_a_flow_that_is_listed_as_json_is_what_the_api_answers(run, served, tmp_path):
    text = "id: a\nnamespace: team.a\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log}]\n"
    (tmp_path / "a.yaml").write_text(text.replace("Log}", "Log, message: x}"), encoding="utf-8")
    run("flow", "deploy", str(tmp_path))

    (item,) = json.loads(run("flow", "list", "-o", "json").out)

    assert (item["namespace"], item["id"], item["revision"]) == ("team.a", "a", 1)
