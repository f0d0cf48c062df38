"""Scripts of a working directory leave links there; what runs as the worker's user follows none."""

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SERDES = "io.kestra.plugin.serdes"
FLOW = """id: f
namespace: team.a
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
  - id: wd
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - id: plant
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
        commands: ["for n in {names}; do ln -s {outside} $n; done; ln -s {parent} way"]
{tasks}
"""
NAMES = "rows.csv rows.ion rows.json rows.jsonl .source logs.ion"


def task(name, kind, more=""):
    return f"      - {{id: {name}, type: {kind}{more}}}\n"


def test_no_converter_writes_or_reads_through_a_link(driver, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    tasks = task("logs", "io.kestra.plugin.core.log.Fetch", ", tasksId: [say]")
    for name, kind, source in (
        ("csv", "csv.IonToCsv", "logs"), ("ion", "csv.CsvToIon", "csv"),
        ("json", "json.IonToJson", "ion"), ("back", "json.JsonToIon", "json"),
        ("list", "json.IonToJson", "ion"),
    ):  # fmt: skip
        more = ", newLine: false" if name == "list" else ""
        tasks += task(name, f"{SERDES}.{kind}", f", from: '{{{{ outputs.{source}.uri }}}}'{more}")
    text = FLOW.format(names=NAMES, outside=outside, parent=tmp_path, tasks=tasks)

    execution = driver.run(text)

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert outside.read_text() == "untouched"


@pytest.mark.parametrize("kind", ["Clone", "Push"])
def test_no_git_task_makes_a_folder_behind_a_link(driver, tmp_path, kind):
    more = ", url: 'https://127.0.0.1:1/x', directory: way/made, branch: main"
    more += ", commitMessage: x" if kind == "Push" else ""
    tasks = task("git", f"io.kestra.plugin.git.{kind}", more)
    text = FLOW.format(names="", outside=tmp_path, parent=tmp_path, tasks=tasks)

    execution = driver.run(text)

    assert "leaves the working directory" in " ".join(driver.messages(execution))
    assert not (tmp_path / "made").exists()
