"""Files of rows that are larger than the memory they may take: split, called for, turned round."""

import io
import re
from pathlib import Path

import pytest

from app.service.inputs import Upload
from tests.conftest import make_driver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROW = b'{"id":%9d,"text":"' + b"x" * 78 + b'"}\n'  #: 106 bytes
ROWS = 2_000_000  #: 212 MB
MOST_MB = 60

CHILD = """
id: child
namespace: company.team
inputs: [{id: items, type: FILE}]
tasks: [{id: size, type: io.kestra.plugin.core.storage.Size, uri: "{{ inputs.items }}"}]
outputs: [{id: size, type: INT, value: "{{ outputs.size.size }}"}]
"""
PARENT = """
id: parent
namespace: company.team
inputs: [{id: file, type: FILE}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ inputs.file }}"
    batch: {%s}
    namespace: company.team
    flowId: child
    inputs: {items: "{{ taskrun.items }}"}
  - {id: sizes, type: io.kestra.plugin.core.debug.Return,
     format: "{{ fromIon(read(outputs.each_merge.subflowOutputs), true) | jq('[.[].size]|add') }}"}
"""
TASKS = """
id: tasks
namespace: company.team
inputs: [{id: file, type: FILE}]
tasks:
  - {id: ion, type: io.kestra.plugin.serdes.json.JsonToIon, from: "{{ inputs.file }}"}
  - {id: csv, type: io.kestra.plugin.serdes.csv.IonToCsv, from: "{{ outputs.ion.uri }}"}
  - {id: turned, type: io.kestra.plugin.core.storage.Reverse, from: "{{ inputs.file }}"}
  - {id: parts, type: io.kestra.plugin.core.storage.Split, from: "{{ inputs.file }}", bytes: 50MB}
  - {id: whole, type: io.kestra.plugin.core.storage.Concat, files: "{{ outputs.parts.uris }}"}
"""


class Rows(io.RawIOBase):
    """A stream of so many rows that is never whole."""

    def __init__(self, count):
        self.left, self.rest = count, b""

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.rest and self.left:
            count = min(self.left, 10_000)
            self.rest = b"".join(ROW % n for n in range(count))
            self.left -= count
        part, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


@pytest.fixture
def driver(tmp_path):
    """On SQLite alone: rows of a file never come near the database."""
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


def memory_mb(name):
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(rf"{name}:\s+(\d+)", text)[1]) // 1024


def growth(act):
    """By how much the most memory that this process has had grows meanwhile, in MB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = memory_mb("VmRSS")
    act()
    return memory_mb("VmHWM") - before


def run(driver, text, flow_id, count):
    driver.save(text)
    file = Upload("rows.jsonl", io.BufferedReader(Rows(count), 1 << 20))
    execution_id = driver.start("company.team", flow_id, file=file)
    driver.work()
    return execution_id


@pytest.mark.parametrize("batch", ["rows: 200000", "bytes: 20MB", "partitions: 12"])
def test_a_file_of_200_mb_is_worked_on_in_batches_within_60_mb(driver, batch):
    driver.save(CHILD)
    parent = PARENT % batch
    run(driver, parent, "parent", 1000)  # what is loaded by the first use is no growth
    done = []

    grown = growth(lambda: done.append(run(driver, parent, "parent", ROWS)))

    assert driver.state(done[0]) == "SUCCESS"
    assert driver.outputs(done[0], "sizes") == {"value": f"[{ROWS * len(ROW % 0)}]"}
    assert grown < MOST_MB, grown


def test_tasks_on_rows_hold_a_piece_of_a_file_at_a_time(driver):
    run(driver, TASKS, "tasks", 1000)
    done = []

    grown = growth(lambda: done.append(run(driver, TASKS, "tasks", ROWS // 4)))

    assert driver.state(done[0]) == "SUCCESS"
    size = ROWS // 4 * len(ROW % 0)
    for task, expected in (("turned", size), ("whole", size)):
        assert driver.rt.storage.size(driver.outputs(done[0], task)["uri"]) == expected
    assert grown < MOST_MB, grown
