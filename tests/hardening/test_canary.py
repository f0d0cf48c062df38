"""S10, S11: a secret that a run uses is found nowhere but where its author sent it.

Database, broker, files, logs, arguments and environments of processes, and what the API answers, of
a real server, while the run goes on and after it.
"""

import base64
import contextlib
import http.server
import json
import os
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.cluster import until

STORED = f"cAn'ary/+{os.urandom(6).hex()}\"ü"
GIVEN = f"gIven-{os.urandom(6).hex()}"
PLACE = "hard.canary"
FLOW = """
id: canary
namespace: hard.canary
inputs: [{id: token, type: SECRET}]
tasks:
  - id: each
    type: io.kestra.plugin.core.log.Log
    message:
      - "plain {{ secret('CANARY') }} and {{ inputs.token }}"
      - "{{ secret('CANARY') | upper }} {{ inputs.token | upper }} {{ secret('CANARY') | lower }}"
      - "{{ secret('CANARY') | base64encode }} {{ secret('CANARY') | urlencode }}"
      - "{{ secret('CANARY') | json }} {{ {'a': secret('CANARY')} | toJson }}"
      - "{{ secret('CANARY') | replace({'/': '-'}) }} {{ secret('CANARY') | slice(1, 14) }}"
      - "{{ secret('CANARY') | split('/') | last }} {{ inputs.token | reverse }}"
      - "{{ render('{{ secret(\\"CANARY\\") | upper }}') }}"
  - id: shell
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    env: {NAMES_IT: "{{ secret('CANARY') }}", GO: "@GO@", UP: "@UP@"}
    commands:
      - touch "$UP"
      - while [ ! -e "$GO" ]; do sleep 0.05; done
      - echo "shown $NAMES_IT"
      - head="${NAMES_IT%????????}"
      - printf '%s' "$head"; sleep 0.3; printf '%s\\n' "${NAMES_IT#"$head"}"
      - echo "::{\\"outputs\\":{\\"got\\":\\"{{ inputs.token }}\\"}}::"
  - id: other
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: [env]
  - id: around
    type: io.kestra.plugin.core.flow.ForEach
    values: ["{{ secret('CANARY') }}", {of: "{{ inputs.token }}"}]
    tasks:
      - {id: value, type: io.kestra.plugin.core.log.Log, message: "{{ taskrun.value }}"}
      - id: echo
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {type: io.kestra.plugin.core.runner.Process}
        env: {NAMES_IT: "{{ taskrun.value }}"}
        commands: ['echo "shown $NAMES_IT"']
  - id: items
    type: io.kestra.plugin.core.flow.Loop
    values: ["{{ secret('CANARY') }}", {of: "{{ secret('CANARY') }}"}]
    tasks: [{id: item, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}]
  - id: call
    type: io.kestra.plugin.core.http.Request
    uri: "@URL@"
    method: POST
    headers: {X-Token: "{{ secret('CANARY') | urlencode }}"}
    body: '{"token": "{{ inputs.token }}"}'
  - id: again
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.call.body }} {{ outputs.shell.vars.got }}"
  - id: wrong
    type: io.kestra.plugin.core.log.Log
    message: "{{ secret('CANARY') | number('INT') }}"
    allowFailure: true
  - id: fail
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: "refused {{ secret('CANARY') }}"
    allowFailure: true
"""


@pytest.fixture
def echo():
    """A server that answers with what it was sent."""

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps({"sent": body.decode(), "header": self.headers["X-Token"]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("X-Token", self.headers["X-Token"])
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def forms():
    found = set()
    for value in (STORED, GIVEN):
        data = value.encode()
        found |= {data, value.upper().encode(), value.lower().encode(), value[::-1].encode()}
        found |= {base64.b64encode(data), quote(value, safe="").encode()}
        found |= {
            json.dumps(value)[1:-1].encode(),
            json.dumps(value, ensure_ascii=False)[1:-1].encode(),
        }
        found |= {json.dumps(json.dumps(value))[3:-3].encode()}
    return found | {STORED.replace("/", "-").encode(), STORED[1:14].encode()}


def shows(data):
    return any(form in data for form in forms())


def of_processes(name):
    """(pid, data) of every process of this machine that may be read."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                yield folder.name, (folder / name).read_bytes()


def in_files(folder):
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file() and shows(path.read_bytes()):
                found.append(str(path))
    return found


def in_database(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [line[:200] for line in db.iterdump() if shows(line.encode())]


def answers_of(server, execution_id, other):
    """What the API tells of the run, by every route that shows some of it."""
    paths = [
        f"/executions/{execution_id}",
        f"/executions/search?namespace={PLACE}&size=100",
        f"/executions/export/by-query/csv?namespace={PLACE}",
        f"/executions/{execution_id}/graph",
        f"/executions/{execution_id}/flow",
        f"/executions/{execution_id}/follow",
        f"/outputs/executions/{execution_id}",
        f"/outputs/tasks/{execution_id}",
        f"/logs/{execution_id}",
        f"/logs/{execution_id}/download",
        f"/logs/{execution_id}/follow",
        f"/logs/search?namespace={PLACE}&size=500",
        f"/metrics/{execution_id}?size=500",
        f"/namespaces/{PLACE}/secrets",
        f"/namespaces/{PLACE}/inherited-secrets",
        "/secrets",
        "/auditlogs/search?size=1000",
        f"/flows/{PLACE}/canary?source=true",
        *other,
    ]
    found = {}
    for path in paths:
        answer = server.client.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.content
    for expression in ("{{ secret('CANARY') }}", "{{ secret('CANARY') | upper }}"):
        body = server.client.post(f"/executions/{execution_id}/eval", content=expression)
        found[expression] = body.content
    return found


def test_a_secret_is_found_nowhere_during_and_after_a_run_that_uses_it(server, echo, tmp_path):
    up, go = tmp_path / "up", tmp_path / "go"
    tmp_path.chmod(0o777)
    secret = {"key": "CANARY", "value": STORED}
    server.client.put(f"/namespaces/{PLACE}/secrets", json=secret).raise_for_status()
    server.flow(FLOW.replace("@GO@", str(go)).replace("@UP@", str(up)).replace("@URL@", echo))
    parts = {"token": (None, GIVEN)}
    started = server.client.post(f"/executions/{PLACE}/canary", files=parts).raise_for_status()
    execution_id = started.json()["id"]

    until(up.exists, "the script never began", 60)
    arguments = [pid for pid, data in of_processes("cmdline") if shows(data)]
    environs = [(pid, data) for pid, data in of_processes("environ") if shows(data)]
    meanwhile = server.client.get(f"/executions/{execution_id}").content
    in_broker = in_files(server.data_dir / "broker")
    go.touch()
    ended = server.wait(execution_id)
    lines = [line["message"] for line in server.client.get(f"/logs/{execution_id}").json()]
    runs = {run["taskId"]: run for run in ended["taskRunList"]}
    told = answers_of(server, execution_id, [f"/outputs/tasks/{execution_id}/{runs['call']['id']}"])

    assert ended["state"]["current"] == "WARNING", lines
    assert environs, "the script has it, as its author said: else this test sees nothing"
    assert [pid for pid, data in environs if b"NAMES_IT=" not in data] == []
    assert arguments == []
    assert not shows(started.content + meanwhile)
    assert [path for path, data in told.items() if shows(data)] == []
    assert in_broker == in_files(server.data_dir) == []
    assert in_database(server.data_dir / "trunkline.db") == []
    assert lines[0] == "plain ****** and ******"
    assert sum("******" in line for line in lines) >= 11
    assert runs["call"]["outputs"]["body"]["type"] == "io.kestra.datatype:aes_encrypted"
