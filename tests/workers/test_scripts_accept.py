"""What every script task promises, on processes and in containers."""

import json

import pytest
from sqlalchemy import select

from app.database import schema
from app.service import search
from tests.conftest import make_driver
from tests.support.docker import engine, shell_image

pytestmark = pytest.mark.docker

IMAGE = "trunkline-test-shell:1"
RUNNERS = {
    "process": "{type: io.kestra.plugin.core.runner.Process}",
    "docker": "{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER}",
}


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.slow)])
def runner(request):
    if request.param == "docker":
        client = engine()
        shell_image(client)
        client.close()
    return RUNNERS[request.param]


@pytest.fixture
def driver(tmp_path):
    made = make_driver(
        f"sqlite:///{tmp_path / 'test.db'}", tmp_path, SECRET_TOKEN="czNjcjN0LXZhbHVl"
    )
    yield made
    made.process.stop()
    made.rt.database.close()


def task(runner, commands, task_id="run", **more):
    lines = [
        f"  - id: {task_id}",
        "    type: io.kestra.plugin.scripts.shell.Commands",
        f"    taskRunner: {runner}",
        f"    containerImage: {IMAGE}",
        f"    commands: {json.dumps(commands)}",
        *(f"    {name}: {json.dumps(value)}" for name, value in more.items()),
    ]
    return "\n".join(lines)


def run(driver, *tasks, tail=""):
    text = "id: accept\nnamespace: company.team\ntasks:\n" + "\n".join(tasks) + "\n" + tail
    return driver.run(text)


def levels(driver, execution):
    rows = search.list_logs(driver.rt, {"execution_id": execution})
    names = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")
    return [(names[row.level], row.message) for row in rows]


def test_both_streams_are_logged_each_in_order(driver, runner):
    commands = ["echo 0", "echo 1", ">&2 echo 2", ">&2 echo 3"]
    execution = run(driver, task(runner, commands))

    found = levels(driver, execution)
    assert driver.state(execution) == "SUCCESS"
    assert [text for level, text in found if level == "INFO"] == ["0", "1"]
    assert [text for level, text in found if level == "ERROR"] == ["2", "3"]
    assert driver.outputs(execution, "run")["exitCode"] == 0


def test_an_exit_code_fails_the_task_and_ends_the_commands(driver, runner):
    execution = run(driver, task(runner, ["echo 1 1>&2", "exit 66", "echo 2"]))

    assert driver.state(execution) == "FAILED"
    assert driver.outputs(execution, "run")["exitCode"] == 66
    assert driver.messages(execution) == ["1", "Command failed with exit code 66"]


@pytest.mark.parametrize(("is_fast", "code"), [(True, 127), (False, 0)])
def test_fail_fast_decides_about_what_follows_a_failure(driver, runner, is_fast, code):
    execution = run(driver, task(runner, ["unknown-command", "echo 1"], failFast=is_fast))

    assert driver.outputs(execution, "run")["exitCode"] == code
    assert ("1" in driver.messages(execution)) is not is_fast


def test_files_go_from_task_to_task_by_uri(driver, runner):
    execution = run(
        driver,
        task(
            runner,
            ["echo made > {{ outputFiles['a.txt'] }}", "mkdir -p out/deep", "echo x > out/deep/b"],
            "make",
            outputFiles=["a.txt", "out/**"],
        ),
        task(
            runner,
            [
                "cat {{ outputs.make.outputFiles['a.txt'] }}",
                "cat in/b.txt",
                """echo '::{"outputs":{"extract":"I am here","none":null,"n":1.5}}::'""",
                "mkdir {{ outputDir }}/sub && echo kept > $OUTPUT_DIR/sub/x",
                'echo dir=$WORKING_DIR | grep -q "dir={{ workingDir }}"',
            ],
            "read",
            inputFiles={"in/b.txt": "{{ outputs.make.outputFiles['out/deep/b'] }}"},
            outputDirectory=True,
        ),
    )

    found = driver.outputs(execution, "read")
    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert driver.messages(execution) == ["made", "x"]
    assert found["vars"] == {"extract": "I am here", "none": None, "n": 1.5}
    assert driver.rt.storage.open(found["outputFiles"]["sub/x"]).read() == b"kept\n"


def test_a_large_output_value_survives(driver, runner):
    value = "v" * 10_000
    message = json.dumps({"outputs": {"value": value}})
    execution = run(driver, task(runner, [f"echo '::{message}::'"]))

    assert driver.outputs(execution, "run")["vars"] == {"value": value}


def test_vars_are_null_when_nothing_was_said(driver, runner):
    execution = run(driver, task(runner, ["true"]))

    assert driver.outputs(execution, "run")["vars"] is None


def test_thousands_of_lines_and_carriage_returns_are_kept_in_order(driver, runner):
    many = task(runner, ["seq 1 2000"], "many")
    some = task(runner, [r"printf 'a\rb\rc\rd\re\rf\rg\rh\ri\rj'"], "some")
    execution = run(driver, many, some)

    expected = [str(n) for n in range(1, 2001)] + list("abcdefghij")
    assert driver.messages(execution) == expected


def test_messages_carry_logs_metrics_secrets_and_telemetry(driver, runner):
    record = {
        "resourceLogs": [
            {
                "scopeLogs": [
                    {"logRecords": [{"severityNumber": 13, "body": {"stringValue": "from otlp"}}]}
                ]
            }
        ],
        "resourceMetrics": [
            {
                "scopeMetrics": [
                    {
                        "metrics": [
                            {
                                "name": "rows",
                                "sum": {
                                    "aggregationTemporality": 1,
                                    "dataPoints": [{"asInt": "7"}],
                                },
                            }
                        ]
                    }
                ]
            }
        ],
    }
    messages = [
        {"logs": [{"level": "TRACE", "message": "t"}, {"level": "ERROR", "message": "e"}]},
        {"metrics": [{"name": "c", "type": "counter", "value": 2, "tags": {"a": "b"}}]},
        {"metrics": [{"name": "t", "type": "timer", "value": 2.12}]},
        {"metrics": [{"name": "d", "type": "timer", "value": "PT1.5S"}]},
        {"encryptedOutputs": {"key": "hidden-value"}},
        {"otlp": record},
        {"assets": {"id": "x"}},
        {"unknown": 1},
    ]
    commands = [f"echo '::{json.dumps(m)}::'" for m in messages]
    commands += ["echo hidden-value", "echo '::{broken}::' >&2"]
    reads = task(runner, ["test '{{ outputs.run.vars.key }}' = hidden-value"], "reads")
    execution = run(driver, task(runner, commands), reads)

    assert driver.state(execution) == "SUCCESS"
    found = levels(driver, execution)
    for line in (("TRACE", "t"), ("ERROR", "e"), ("WARN", "from otlp"), ("INFO", "******")):
        assert line in found
    assert any(
        level == "WARN" and "Invalid outputs '::{broken}::'" in text for level, text in found
    )
    with driver.rt.database.reading() as tx:
        metrics = {row.name: row.value for row in tx.execute(select(schema.metrics))}
    assert metrics == {"c": 2.0, "t": 2120.0, "d": 1500.0, "rows": 7.0}
    assert "hidden-value" not in json.dumps(driver.outputs(execution, "run"))


def test_numbers_that_json_has_no_word_for_are_told_and_left_out(driver, runner):
    metric = '{"metrics": [{"name": "m", "type": "counter", "value": "%s"}]}'
    messages = ['{"outputs": {"x": NaN}}', '{"outputs": {"y": 1e999}}', '{"outputs": {"z": 1}}']
    messages += [metric % "nan", metric % "-inf"]
    execution = run(driver, task(runner, [f"echo '::{text}::'" for text in messages]))

    assert driver.state(execution) == "SUCCESS"
    assert driver.outputs(execution, "run")["vars"] == {"z": 1}
    told = [text for level, text in levels(driver, execution) if level == "WARN"]
    assert [text.partition(" '")[0] for text in told] == ["Invalid outputs"] * 2 + [
        "Invalid metric"
    ] * 2
    with driver.rt.database.reading() as tx:
        assert tx.execute(select(schema.metrics)).all() == []


def test_before_commands_are_logged_at_debug_and_share_the_shell(driver, runner):
    before = ["echo early", "cd /", "HELD=kept"]
    execution = run(driver, task(runner, ["echo $HELD in $PWD"], beforeCommands=before))

    assert levels(driver, execution) == [("DEBUG", "early"), ("INFO", "kept in /")]


def test_a_failed_script_shows_its_outputs_to_the_errors_block(driver, runner):
    failing = task(
        runner,
        ["echo kept > file.txt", """echo '::{"outputs":{"why":"because"}}::'""", "exit 3"],
        outputFiles=["file.txt"],
    )
    tail = """errors:
  - id: told
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.run.vars.why }} {{ read(outputs.run.outputFiles['file.txt']) }}"
"""
    execution = run(driver, failing, tail=tail)

    assert "because kept\n" in driver.messages(execution)


@pytest.mark.parametrize("name", ["../x", "/x", "./x", "a/../../x", "a\\b", ""])
def test_a_file_name_that_leaves_the_directory_is_refused(driver, name):
    execution = run(driver, task(RUNNERS["process"], ["echo never"], inputFiles={name: "y"}))

    assert driver.state(execution) == "FAILED"
    assert "never" not in driver.messages(execution)


def test_input_files_come_as_json_text_too_and_nothing_makes_an_empty_file(driver, runner):
    files = json.dumps({"a.txt": "A", "b.txt": None, "c/d.json": {"n": 1}})
    commands = ["cat a.txt", "wc -c < b.txt", "cat c/d.json"]
    execution = run(driver, task(runner, commands, inputFiles=files))

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert "".join(driver.messages(execution)).replace(" ", "") == 'A0{"n":1}'


def test_the_environment_is_rendered_and_given(driver, runner):
    env = {"WHO": "{{ flow.id }}", "NUMBER": 1, "NOTHING": None}
    execution = run(driver, task(runner, ["echo $WHO-$NUMBER-$NOTHING"], env=env))

    assert driver.messages(execution) == ["accept-1-"]


def test_an_interpreter_can_be_named(driver, runner):
    more = {"interpreter": ["/bin/sh", "-x", "-c"]}
    execution = run(driver, task(runner, ["echo traced"], **more))

    assert ("ERROR", "+ echo traced") in levels(driver, execution)


def test_the_older_spellings_of_the_runner_work(driver):
    text = """
id: older
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    runner: PROCESS
    docker: {image: none}
    warningOnStdErr: true
    commands: ["echo warned >&2", "echo kept > {{ outputDir }}/x"]
"""
    execution = driver.run(text)

    assert driver.state(execution) == "SUCCESS"
    assert list(driver.outputs(execution, "run")["outputFiles"]) == ["x"]


def test_a_link_is_neither_followed_into_nor_out_of_the_directory(driver, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("canary")
    text = f"""
id: links
namespace: company.team
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - id: link
        type: io.kestra.plugin.scripts.shell.Commands
        runner: PROCESS
        commands: ["ln -s {tmp_path}/outside way", "ln -s {tmp_path}/outside/secret leak"]
        outputFiles: ["leak", "way/*", "**"]
      - id: write
        type: io.kestra.plugin.scripts.shell.Commands
        runner: PROCESS
        inputFiles: {{way/planted: x}}
        commands: ["echo never"]
"""
    execution = driver.run(text)

    assert driver.state(execution) == "FAILED"
    assert not (tmp_path / "outside" / "planted").exists()
    assert driver.outputs(execution, "link")["outputFiles"] == {}


def test_a_runner_that_is_not_installed_is_named(driver):
    runner = "{type: io.kestra.plugin.ee.kubernetes.runner.Kubernetes}"
    text = f"id: k8s\nnamespace: company.team\ntasks:\n{task(runner, ['echo never'])}\n"
    try:
        execution = driver.run(text)
        told = " ".join(driver.messages(execution))
    except Exception as error:
        told = str(error) + repr(getattr(error, "violations", ""))

    assert "Kubernetes" in told
