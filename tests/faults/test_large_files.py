"""A file of two gigabytes goes from a script through the storage to a client; memory is flat."""

import re
from pathlib import Path

import pytest

SIZE = 2 * 1024**3
FLOW = """
id: large
namespace: faults
tasks:
  - id: make
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    outputFiles: [big.bin]
    commands: ["truncate -s %d big.bin; printf end >> big.bin"]
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def most_mb(pid):
    """The most memory that a process has ever had."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+)", text)
    return int(found[1]) // 1024 if found else 0


def test_two_gigabytes_pass_without_being_held(cluster):
    cluster.flow(FLOW % 10)
    assert cluster.wait(cluster.start("large"))["state"]["current"] == "SUCCESS"
    processes = [*cluster.proc("worker").children(), *cluster.proc("api").children()]
    before = {pid: most_mb(pid) for pid in processes}
    cluster.flow(FLOW % SIZE)
    done = cluster.wait(cluster.start("large"), 400)
    assert done["state"]["current"] == "SUCCESS"
    uri = done["taskRunList"][0]["outputs"]["outputFiles"]["big.bin"]
    size, last = 0, b""
    path = f"/executions/{done['id']}/file"
    with cluster.client.stream("GET", path, params={"path": uri}, timeout=120) as answer:
        assert answer.status_code == 200
        for part in answer.iter_bytes(1 << 20):
            size, last = size + len(part), part
    grown = {pid: most_mb(pid) - before[pid] for pid in processes}

    assert size == SIZE + 3
    assert last.endswith(b"end")
    assert max(grown.values()) < 40, grown
