"""Every command: its help, its work against a server, its exit code."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from app.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs"
FLOW = """\
id: {name}
namespace: team.a
inputs: [{{id: n, type: INT, defaults: 1}}]
tasks:
  - id: log
    type: io.kestra.plugin.core.{task}
"""
LOG = 'log.Log\n    message: "number {{{{ inputs.n }}}}"'


def write(folder, name="one", task=LOG):
    path = folder / f"{name}.yaml"
    path.write_text(FLOW.replace("{task}", task).format(name=name), encoding="utf-8")
    return path


def commands(group=None, before=()):
    """Every path of words that is a command."""
    group = group or typer.main.get_command(cli)
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group) or hasattr(command, "commands"):
            yield from commands(command, (*before, name))


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_each_command_explains_itself(run, words):
    found = run(*words, "--help")

    assert found.code == 0
    lines = [line for line in found.out.splitlines() if line.strip()]
    assert len(lines) > 2, "an option or argument is listed"
    assert "Usage" in found.out


def test_every_option_says_what_it_is_for():
    bare = [
        " ".join((*words, option.name))
        for words in commands()
        for option in _command(words).params
        if option.param_type_name == "option" and not option.help
    ]

    assert bare == []


def _command(words):
    found = typer.main.get_command(cli)
    for word in words:
        found = found.commands[word]
    return found


def test_a_right_folder_is_validated_without_a_server(run, tmp_path):
    write(tmp_path, "one")
    write(tmp_path, "two")

    found = run("flow", "validate", str(tmp_path))

    assert found.code == 0
    assert found.out.count(": valid") == 2


def test_each_mistake_of_a_folder_is_told_by_file_line_and_column(run, tmp_path):
    path = write(tmp_path, "two", task="log.Lag")
    path.write_text(path.read_text() + "---\nid: three\nnamespace: 7bad space\ntasks: []\n")

    found = run("flow", "validate", str(tmp_path))

    assert found.code == 1
    told = {line.split(": ")[0] for line in found.out.splitlines()}
    assert told == {f"{path}:6:5", f"{path}:9:1", f"{path}:10:1"}


@pytest.mark.parametrize("asked", [(), ("--server",)])
def test_a_broken_expression_is_a_warning_at_its_place(run, served, tmp_path, asked):
    path = write(tmp_path, task='log.Log\n    message: "{{{{ foo( }}}}"')

    found = run("flow", "validate", *asked, str(path))

    assert found.code == 0
    warning, valid = found.out.splitlines()
    assert warning.startswith(f"{path}:7:5: warning: tasks[0].message: ")
    assert valid == f"{path}: valid"


@pytest.mark.parametrize("asked", [(), ("--server",)])
def test_here_and_at_the_server_a_mistake_has_its_own_line(run, served, tmp_path, asked):
    path = write(tmp_path, task="log.Lag\n    massage: x\n  - {{id: log, type: nothing.Here}}")

    found = run("flow", "validate", *asked, str(path))

    assert found.code == 1
    assert all(line.startswith(f"{path}:") for line in found.out.splitlines())
    assert len(found.out.splitlines()) > 1


def test_a_path_that_holds_nothing_is_a_failure(run, tmp_path):
    assert run("flow", "validate", str(tmp_path)).code == 1
    assert run("flow", "validate", str(tmp_path / "none")).code == 1


def test_flows_are_deployed_listed_read_and_deleted(run, served, tmp_path):
    path = write(tmp_path)

    first, again = run("flow", "deploy", str(path)), run("flow", "deploy", str(tmp_path))
    listed = run("flow", "list", "--namespace", "team.a")
    read = run("flow", "get", "team.a", "one")
    gone = run("flow", "delete", "team.a", "one")

    assert [first.code, again.code, listed.code, read.code, gone.code] == [0] * 5
    assert first.out == again.out == listed.out == "team.a/one revision 1\n"
    assert read.out == path.read_text()
    assert run("flow", "get", "team.a", "one").code == 1


def test_nothing_is_deployed_when_one_flow_is_wrong(run, served, tmp_path):
    write(tmp_path, "a")
    write(tmp_path, "b", task="log.Lag")

    found = run("flow", "deploy", str(tmp_path))

    assert found.code == 1
    assert "b.yaml" in found.err
    assert run("flow", "list").out == ""


def test_a_run_is_followed_to_its_end(run, served, tmp_path):
    run("flow", "deploy", str(write(tmp_path)))

    found = run("flow", "run", "team.a", "one", "--input", "n=7", "--label", "by:test", "--follow")
    log = run("flow", "logs", "team.a", "one")

    assert found.code == 0
    assert "number 7" in found.out
    assert "ended in SUCCESS" in found.err
    assert "number 7" in log.out


def test_the_exit_code_says_how_an_execution_ended(run, served, tmp_path):
    run("flow", "deploy", str(write(tmp_path, "bad", task="execution.Fail")))

    waited = run("flow", "run", "team.a", "bad", "--wait")
    execution = waited.out.split()[1]
    shown = run("execution", "get", execution)
    followed = run("execution", "follow", execution)
    listed = run("execution", "list", "--state", "FAILED")

    assert (waited.code, followed.code) == (1, 1)
    assert "FAILED" in waited.err
    assert json.loads(shown.out)["state"]["current"] == "FAILED"
    assert execution in listed.out


def test_an_execution_is_paused_resumed_replayed(run, served, tmp_path):
    run("flow", "deploy", str(write(tmp_path, "wait", task="flow.Pause")))
    execution = run("flow", "run", "team.a", "wait").out.split()[1]
    for _ in range(200):
        if "PAUSED" in run("execution", "list").out:
            break

    resumed = run("execution", "resume", execution, "--wait")
    log = run("execution", "logs", execution)
    replayed = run("execution", "replay", execution)

    assert (resumed.code, log.code, replayed.code) == (0, 0, 0)
    assert replayed.out.split()[0] != execution
    assert run("execution", "kill", execution).code == 1


def test_keys_are_set_read_listed_and_deleted(run, served):
    made = [run("kv", "set", "team.a", "k", '{"a": 1}'), run("kv", "set", "team.a", "t", "a text")]

    read, text = run("kv", "get", "team.a", "k"), run("kv", "get", "team.a", "t")
    listed = run("kv", "list", "team.a")
    gone, again = run("kv", "delete", "team.a", "k"), run("kv", "delete", "team.a", "k")

    assert [outcome.code for outcome in made] == [0, 0]
    assert json.loads(read.out) == {"a": 1}
    assert text.out == "a text\n"
    assert [line.split()[0] for line in listed.out.splitlines()] == ["k", "t"]
    assert (gone.code, again.code) == (0, 1)


def test_files_are_uploaded_listed_read_and_deleted(run, served, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("content", encoding="utf-8")

    done = run("namespace", "files", "upload", "team.a", str(tmp_path / "sub"), "data")
    listed = run("namespace", "files", "list", "team.a", "--path", "/data")
    read = run("namespace", "files", "get", "team.a", "data/a.txt")
    gone = run("namespace", "files", "delete", "team.a", "data/a.txt")

    assert [done.code, listed.code, read.code, gone.code] == [0] * 4
    assert listed.out == "a.txt 7\n"
    assert read.out.strip() == "content"
    assert run("namespace", "files", "get", "team.a", "data/a.txt").code == 1


def test_triggers_are_listed_and_switched(run, served, tmp_path):
    path = write(tmp_path)
    more = "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 * * *'}]\n"
    path.write_text(path.read_text() + more)
    run("flow", "deploy", str(path))

    off = run("trigger", "disable", "team.a", "one", "t")
    listed = run("trigger", "list")
    on = run("trigger", "enable", "team.a", "one", "t")

    assert (off.out, listed.out) == ("disabled\n", "team.a/one/t disabled\n")
    assert on.out == "enabled\n"


def test_a_server_that_is_not_there_is_told_by_the_exit_code(run):
    found = run("--server", "http://127.0.0.1:9", "flow", "list")

    assert found.code == 3
    assert "cannot be reached" in found.err


def test_the_version_is_told(run):
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", run("--version").out)


def test_wrong_use_is_told_by_the_exit_code(run):
    assert run("flow", "dance").code == 2
    assert run("flow", "get").code == 2
    assert run("flow", "run", "a", "b", "--input", "novalue").code == 2


@pytest.mark.parametrize("group", ["flow", "execution", "trigger", "kv", "secret"])
def test_the_page_of_the_command_names_each_client_command(group):
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    inner = typer.main.get_command(cli).commands[group].commands

    assert [name for name in inner if f"{name}" not in page] == []


def spoken(page):
    """What a page says with `trunkline` at its beginning, in text and in blocks, as words."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"`trunkline ([^`]+)`", text)
    found += re.findall(r"^ {4}trunkline ([^#\n]+)", text, re.M)
    return [shlex.split(words) for words in found]


def unknown_words(words):
    """What of a command line is no command and no option of it; arguments are let pass."""
    command, asked = typer.main.get_command(cli), []
    for word in words:
        inner = getattr(command, "commands", {})
        if word.startswith("--"):
            names = {name for option in command.params for name in option.opts}
            asked += [] if word.partition("=")[0] in names else [word]
        elif inner and word in inner:
            command = inner[word]
        elif inner and not command.invoke_without_command:
            asked.append(word)
    return asked


@pytest.mark.parametrize(
    "page", ["monitoring.md", "operations.md", "upgrading.md", "deployment.md"]
)
def test_what_a_page_for_operators_tells_to_type_can_be_typed(page):
    told = spoken(page)

    assert told
    assert [words for words in told if unknown_words(words)] == []


@pytest.mark.parametrize("wrong", [["source", "show"], ["worker", "drained", "--x"], ["nothing"]])
def test_a_command_that_there_is_not_would_be_found(wrong):
    assert unknown_words(wrong)


@pytest.mark.parametrize("asked", [("validate",), ("validate", "--server"), ("deploy",)])
def test_an_empty_file_is_a_mistake_with_its_place(run, served, tmp_path, asked):
    write(tmp_path)
    empty = tmp_path / "empty.yaml"
    empty.touch()

    found = run("flow", *asked, str(tmp_path))

    assert found.code == 1
    assert f"{empty}:1:1: a flow must be a map" in found.out + found.err


@pytest.mark.parametrize("port", ["80808", "-1"])
@pytest.mark.parametrize("command", ["standalone", "api", "flower"])
def test_a_port_that_cannot_be_is_wrong_use(run, command, port):
    assert run(command, "--port", port).code == 2


@pytest.mark.parametrize(
    "words", [("logs",), ("logs", "--follow"), ("replay",), ("restart",), ("pause",)]
)
def test_what_is_no_execution_is_told_by_the_exit_code(run, served, words):
    found = run("execution", *words, "nosuchid")

    assert found.code == 1
    assert "no execution 'nosuchid'" in found.err


def test_a_replay_begins_at_a_task_with_other_inputs(run, served, tmp_path):
    run("flow", "deploy", str(write(tmp_path)))
    first = run("flow", "run", "team.a", "one", "--wait").out.split()[1]

    replayed = run("execution", "replay", first, "--task", "log", "--input", "n=5", "--wait")
    log = run("execution", "logs", replayed.out.split()[0])

    assert replayed.code == 0
    assert "INFO  log: number 5" in log.out
    assert run("execution", "replay", first, "--task", "none").code == 1
    assert run("execution", "replay", first, "--revision", "9").code == 1
    assert run("execution", "replay", first, "--revision", "1", "--latest-revision").code == 2


def test_a_line_of_a_log_names_its_task(run, served, tmp_path):
    run("flow", "deploy", str(write(tmp_path)))

    followed = run("flow", "run", "team.a", "one", "--follow")
    later = run("flow", "logs", "team.a", "one")

    assert "INFO  log: number 1" in followed.out
    assert "INFO  log: number 1" in later.out


def test_files_below_a_folder_are_listed_with_it(run, served, tmp_path):
    (tmp_path / "up" / "sub").mkdir(parents=True)
    (tmp_path / "up" / "sub" / "a.txt").write_text("content", encoding="utf-8")
    run("namespace", "files", "upload", "team.a", str(tmp_path / "up"))

    flat = run("namespace", "files", "list", "team.a")
    deep = run("namespace", "files", "list", "team.a", "--recursive")

    assert flat.out == "sub/\n"
    assert deep.out == "sub/\nsub/a.txt 7\n"


def test_a_line_of_a_log_names_the_values_of_the_iterations_around_it(run, served, tmp_path):
    loop = """flow.ForEach
    values: [north, "a long\\nvalue of more than forty characters"]
    concurrencyLimit: 1
    tasks:
      - id: each
        type: io.kestra.plugin.core.flow.ForEach
        values: [1]
        tasks:
          - {{id: say, type: io.kestra.plugin.core.log.Log, message: hi}}"""
    run("flow", "deploy", str(write(tmp_path, task=loop)))

    followed = run("flow", "run", "team.a", "one", "--follow")
    later = run("flow", "logs", "team.a", "one")

    for done in (followed, later):
        lines = [line.split("INFO  ")[1] for line in done.out.splitlines() if "INFO" in line]
        long = r"a long\nvalue of more than forty charac…"
        assert lines == ["say[north, 1]: hi", f"say[{long}, 1]: hi"], done
