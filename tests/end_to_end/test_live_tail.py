"""The log of a script is read while it runs: each line once, before the next one is printed."""

import json
from contextlib import suppress

FLOW = """
id: tailed
namespace: company.tail
tasks:
  - id: talk
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands:
      - "echo first; while [ ! -e %(gate)s ]; do sleep 0.1; done; echo second; echo third"
"""


def told(stream):
    """The messages of an event stream, as they come."""
    for line in stream.iter_lines():
        if line.startswith("data:"):
            with suppress(ValueError):
                data = json.loads(line.removeprefix("data:"))
                if data.get("taskId") == "talk":
                    yield data["message"]


def test_a_line_is_told_while_its_script_runs(server, tmp_path):
    gate = tmp_path / "gate"
    server.flow(FLOW % {"gate": gate})
    execution = server.start("company.tail", "tailed")["id"]
    with server.client.stream("GET", f"/logs/{execution}/follow", timeout=120) as stream:
        lines = told(stream)
        before = [next(lines)]
        while before[-1] != "first":
            before.append(next(lines))
        state = server.client.get(f"/executions/{execution}").json()["state"]["current"]
        gate.touch()
        after = list(lines)

    assert state == "RUNNING"
    assert after == ["second", "third"]
    assert server.wait(execution)["state"]["current"] == "SUCCESS"
