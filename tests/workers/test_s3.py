"""Script tasks whose files lie in an S3 service: in, out, on to the next task, and away."""

import io
from dataclasses import replace

import pytest

from app.service import namespace_files, operations
from app.storage.storage import open_storage
from tests.conftest import make_driver
from tests.support.s3 import new_bucket

MEGABYTES = 12  #: more than one part of an upload

FLOW = f"""
id: files
namespace: company.team
inputs: [{{id: given, type: FILE}}]
tasks:
  - id: make
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: &process {{type: io.kestra.plugin.core.runner.Process}}
    inputFiles: {{in.txt: "{{{{ inputs.given }}}}"}}
    outputFiles: ["out/**"]
    commands:
      - mkdir -p out/deep
      - "cat in.txt in.txt > out/twice.txt"
      - "head -c {MEGABYTES}000000 /dev/zero > out/deep/large.bin"
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    cache: {{patterns: ["*.kept"]}}
    inputFiles: {{twice.txt: "{{{{ outputs.make.outputFiles['out/twice.txt'] }}}}"}}
    tasks:
      - id: use
        type: io.kestra.plugin.scripts.python.Script
        taskRunner: *process
        script: |
          import os
          large = "{{{{ outputs.make.outputFiles['out/deep/large.bin'] }}}}"
          print("size", os.path.getsize(large), open("twice.txt").read(), os.listdir("."))
          open("a.kept", "w").write("kept")
  - id: again
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: *process
    taskCache: {{enabled: true}}
    outputFiles: [same.txt]
    commands: ["echo same > same.txt"]
  - id: read
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ read(outputs.again.outputFiles['same.txt']) }}}}"
"""


@pytest.fixture
def driver(s3, tmp_path, monkeypatch):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    made.rt = replace(made.rt, storage=open_storage(new_bucket(s3, monkeypatch)))
    made.__post_init__()
    yield made
    made.process.stop()
    made.rt.database.close()


def ran(driver):
    driver.save(FLOW)
    namespace_files.write(driver.rt, "company.team", "in.txt", io.BytesIO(b"text;"))
    execution = driver.start("company.team", "files", given="nsfile:///in.txt")
    driver.work()
    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    return execution


def test_files_of_scripts_go_through_the_service_and_go_with_their_execution(driver):
    first = ran(driver)
    second = ran(driver)

    made = driver.outputs(first, "make")["outputFiles"]
    assert driver.rt.storage.size(made["out/deep/large.bin"]) == MEGABYTES * 1_000_000
    told = [line for line in driver.messages(second) if line.startswith("size")]
    assert told[0].startswith(f"size {MEGABYTES}000000 text;text;")
    assert "a.kept" in told[0]
    assert "the outputs of an earlier run are used" in driver.messages(second)
    assert driver.outputs(second, "read") == {"value": "same\n"}
    folder = f"/company/team/files/executions/{first}"
    assert len(list(driver.rt.storage.list(folder))) >= 3
    operations.delete(driver.rt, first)
    assert list(driver.rt.storage.list(folder)) == []
