"""The YAML language server of VS Code, run for real over the schema that the server serves."""

import json
import os
import shutil
import subprocess

import pytest

from tests.api.conftest import lite  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow
VERSION = "1.25.0"
FLOW = """id: edited
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""


class Editor:
    """A client of a language server over its standard streams, as far as these tests need one."""

    def __init__(self, command, settings):
        self.settings, self.number, self.problems = settings, 0, {}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        capabilities = {"workspace": {"configuration": True}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.send({"method": "initialized", "params": {}})
        changed = {"settings": settings}
        self.send({"method": "workspace/didChangeConfiguration", "params": changed})

    def send(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
        self.process.stdin.flush()

    def receive(self):
        """The next message; questions of the server are answered on the way."""
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the language server has ended"
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "workspace/configuration":
            found = [self.settings.get(item["section"]) for item in message["params"]["items"]]
            self.send({"id": message["id"], "result": found})
        elif "id" in message and "method" in message:
            self.send({"id": message["id"], "result": None})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.problems[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                return message["result"]

    def open(self, name, text):
        """Opens a document; what is wrong with it."""
        uri = f"file:///{name}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self.problems:
            self.receive()
        return self.problems[uri]

    def complete(self, name, line, column):
        position = {"line": line, "character": column}
        document = {"uri": f"file:///{name}"}
        found = self.ask(
            "textDocument/completion", {"textDocument": document, "position": position}
        )
        return [item["label"] for item in found["items"]]

    def close(self):
        self.process.kill()
        self.process.wait(20)


@pytest.fixture
def editor(lite, tmp_path):  # noqa: F811 - the fixture above
    if shutil.which("npm") is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail("Node is required here and is not installed")
        pytest.skip("Node is not installed")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path)]
    done = subprocess.run(
        [*command, f"yaml-language-server@{VERSION}"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    if done.returncode and not os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
        pytest.skip(f"the package registry cannot be reached: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
    schema = tmp_path / "flow.json"
    schema.write_text(json.dumps(lite.get("/plugins/schemas/flow")), encoding="utf-8")
    yaml = {
        "schemas": {schema.as_uri(): "/*.yaml"},
        "validate": True,
        "completion": True,
        "schemaStore": {"enable": False},
    }
    binary = tmp_path / "node_modules" / ".bin" / "yaml-language-server"
    made = Editor([str(binary), "--stdio"], {"yaml": yaml})
    yield made
    made.close()


def test_an_editor_completes_types_and_properties_and_marks_what_is_wrong(editor):
    good = editor.open("good.yaml", FLOW)
    wrong = editor.open("wrong.yaml", FLOW.replace("message: hello", "mesage: hello"))
    editor.open("types.yaml", FLOW.replace("io.kestra.plugin.core.log.Log", ""))
    editor.open("names.yaml", FLOW.replace("    message: hello\n", "    \n"))
    editor.open("top.yaml", FLOW + "\n")

    types = editor.complete("types.yaml", 4, 10)
    names = editor.complete("names.yaml", 5, 4)
    top = editor.complete("top.yaml", 6, 0)

    assert good == []
    assert wrong
    assert wrong[0]["range"]["start"]["line"] in (3, 5)
    assert "io.kestra.plugin.core.log.Log" in types
    assert {"message", "level", "timeout", "retry"} <= set(names)
    assert {"inputs", "triggers", "labels"} <= set(top)
