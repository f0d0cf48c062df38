"""Models: the calls that a Model Runner gets, and what becomes of its answers."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

FLOW = """
id: models
namespace: company.team
tasks:
  - {{id: run, type: io.kestra.plugin.docker.model.{kind}, host: "{host}", {more}}}
"""


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, body))
        status, text = self.server.answers
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *args):
        pass


@pytest.fixture
def runner(driver):
    settings = driver.rt.settings.model_copy(update={"outgoing_allow_private": True})
    object.__setattr__(driver.rt, "settings", settings)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], (200, "")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.host = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.shutdown()
    server.server_close()


def run(driver, host, kind, more=""):
    return driver.run(FLOW.format(kind=kind, host=host, more=more))


def test_a_model_is_pulled_listed_and_deleted(driver, runner):
    pulled = run(driver, runner.host, "Pull", "model: \"ai/{{ 'smollm2' }}:latest\"")
    runner.answers = (200, '[{"id": "sha256:1", "tags": ["ai/smollm2:latest"]}]')
    listed = run(driver, runner.host, "List")
    deleted = run(driver, runner.host, "Delete", "model: ai/smollm2")

    assert [driver.state(one) for one in (pulled, listed, deleted)] == ["SUCCESS"] * 3
    assert runner.asked == [
        ("POST", "/models/create", {"from": "ai/smollm2:latest"}),
        ("GET", "/models", None),
        ("DELETE", "/models/ai/smollm2", None),
    ]
    found = driver.outputs(listed, "run")["models"]
    assert found == [{"id": "sha256:1", "tags": ["ai/smollm2:latest"]}]


@pytest.mark.parametrize(
    ("kind", "answers", "reason"),
    [
        ("Pull", (401, "who are you"), "401 who are you"),
        ("List", (200, "<html>"), "no JSON"),
        ("List", (200, '{"a": 1}'), "no list"),
        ("Delete", (404, "no such model"), "404 no such model"),
    ],
)
def test_an_answer_that_is_no_success_fails_with_its_reason(driver, runner, kind, answers, reason):
    runner.answers = answers
    execution = run(driver, runner.host, kind, "" if kind == "List" else "model: ai/x")

    assert driver.state(execution) == "FAILED"
    assert reason in " ".join(driver.messages(execution))


def test_a_runner_that_is_away_is_named(driver, runner):
    execution = run(driver, "http://127.0.0.1:9", "List")

    assert driver.state(execution) == "FAILED"
    assert "127.0.0.1:9" in " ".join(driver.messages(execution))


def test_a_model_cannot_name_another_path(driver, runner):
    execution = run(driver, runner.host, "Delete", "model: ../engines")

    assert (driver.state(execution), runner.asked) == ("FAILED", [])
