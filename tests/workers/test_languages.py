"""Each language: the command that is built, and a run where its program is installed."""

import shutil
from typing import ClassVar

import pytest

from app.plugin.registry import Registry, default_registry
from tests.conftest import make_driver
from workers.runner.command import Command, CommandRunner, Ran

SHELL = ["/bin/sh", "-c"]
POWERSHELL = ["pwsh", "-NoProfile", "-NonInteractive", "-Command"]
#: package, image, ending of the script's file, the line that runs it
ROWS = {
    "python": ("python:3.13-slim", ".py", "python {}"),
    "node": ("node", ".js", "node {}"),
    "powershell": ("ghcr.io/kestra-io/powershell:latest", ".ps1", "./{}"),
    "r": ("r-base", ".R", "Rscript {}"),
    "ruby": ("ruby", ".rb", "ruby {}"),
    "julia": ("julia", ".jl", "julia {}"),
    "go": ("golang", ".go", "go run {}"),
    "php": ("php", ".php", "php {}"),
    "perl": ("perl", ".pl", "perl {}"),
    "lua": ("nickblah/lua", ".lua", "lua {}"),
    "bun": ("oven/bun", ".ts", "bun run {}"),
    "deno": ("denoland/deno", ".ts", "deno run {}"),
    "groovy": ("groovy", ".groovy", "groovy {}"),
    "jbang": ("jbangdev/jbang-action", ".java", "jbang --quiet {}"),
    "dotnet": ("mcr.microsoft.com/dotnet/sdk:10.0", ".csx", "dotnet-script {}"),
    "shell": ("ubuntu", "", ""),
}
FLOW = """
id: spoken
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.scripts.{package}.{kind}
    {body}
    taskRunner: {{type: {runner}}}
"""
KEPT = "org.trunkline.test.Kept"
PROCESS = "io.kestra.plugin.core.runner.Process"
SCRIPT = 'script: "{{ 6 * 7 }}\\n"'


class Kept(CommandRunner):
    """A task runner that keeps what it is given: a third one, as a plug-in brings it."""

    given: ClassVar[list[tuple[Command, dict[str, str]]]] = []

    def execute(self, ctx, command, on_line):
        files = command.directory.iterdir()
        kept = {path.name: path.read_text(encoding="utf-8") for path in files}
        type(self).given.append((command, kept))
        on_line("stdout", '::{"outputs":{"kept":true}}::')
        return Ran(0, {"pod": "one"})


class WithKept(Registry):
    """The installed types and that one, which no other test shall meet."""

    def find(self, name):
        return Kept if name == KEPT else default_registry().find(name)


@pytest.fixture
def driver(tmp_path):
    Kept.given.clear()
    made = make_driver(f"sqlite:///{tmp_path / 'test.db'}", tmp_path)
    object.__setattr__(made.rt, "registry", WithKept())
    yield made
    made.process.stop()
    made.rt.database.close()


def built(driver, package, kind, body):
    """What a task gives to its runner: the command, the files of its directory."""
    execution = driver.run(FLOW.format(package=package, kind=kind, body=body, runner=KEPT))
    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert driver.outputs(execution, "say")["taskRunner"] == {"pod": "one"}
    (found,) = Kept.given
    return found


@pytest.mark.parametrize("package", ROWS)
def test_a_script_is_written_to_a_file_and_run_by_its_program(driver, package):
    image, ending, line = ROWS[package]
    command, files = built(driver, package, "Script", SCRIPT)

    *interpreter, text = command.argv
    lines = [row for row in text.split("\n") if "dotnet tool" not in row and "PATH" not in row]
    assert interpreter == (POWERSHELL if package == "powershell" else SHELL)
    assert lines[0] == ("$ErrorActionPreference = 'Stop'" if package == "powershell" else "set -e")
    assert command.image == image
    if package == "shell":
        assert (lines[1], files) == ("42", {})
        return
    ((name, content),) = files.items()
    assert name.endswith(ending)
    assert lines[1:] == [line.format(name)]
    assert content.endswith("42\n")


@pytest.mark.parametrize("package", ROWS)
def test_commands_share_one_shell_with_what_goes_before(driver, package):
    body = "commands: [one, two]\n    beforeCommands: [first]\n    env: {NAME: '{{ 1 + 1 }}'}"
    command, _files = built(driver, package, "Commands", body)

    marks = ["echo '##kestra:log:debug##'", "first", "echo '##kestra:log:info##'"]
    assert command.argv[-1].split("\n")[1:] == [*marks, "one", "two"]
    assert command.env["NAME"] == "2"
    assert command.image == ROWS[package][0]


@pytest.mark.parametrize(
    ("more", "ending", "line"),
    [
        ("quiet: false", ".java", "jbang {}"),
        ("extension: .kt", ".kt", "jbang --quiet {}"),
        ("extension: jsh", ".jsh", "jbang --quiet {}"),
    ],
)
def test_jbang_has_a_choice_of_ending_and_of_noise(driver, more, ending, line):
    command, files = built(driver, "jbang", "Script", f"{SCRIPT}\n    {more}")

    (name,) = files
    assert name.endswith(ending)
    assert command.argv[-1].split("\n")[1] == line.format(name)


@pytest.mark.parametrize("package", ROWS)
def test_an_image_and_an_interpreter_of_ones_own_go_first(driver, package):
    body = f"{SCRIPT}\n    containerImage: mine:1\n    interpreter: [/bin/mine, -x]"
    command, _files = built(driver, package, "Script", f"{body}\n    failFast: false")

    assert command.image == "mine:1"
    assert list(command.argv[:-1]) == ["/bin/mine", "-x"]
    assert not command.argv[-1].startswith(("set -e", "$Error"))


def test_windows_has_its_own_line_ends_and_no_fail_fast(driver):
    body = "commands: [one, two]\n    targetOS: WINDOWS"
    command, _files = built(driver, "powershell", "Commands", body)

    assert command.argv[-1] == "one\r\ntwo"


#: what `.ci/run` installs; of the other languages the built command is what is tested
HELLO = {
    "shell": ("sh", "echo hello $((6*7))"),
    "python": ("python3", "print('hello', 6*7)"),
    "node": ("node", "console.log('hello', 6*7)"),
    "perl": ("perl", "print 'hello ', 6*7, chr(10);"),
    "ruby": ("ruby", "puts 'hello %d' % (6*7)"),
    "php": ("php", "<?php echo 'hello ', 6*7, PHP_EOL;"),
    "lua": ("lua", "print('hello ' .. 6*7)"),
    "r": ("Rscript", "cat('hello', 6*7, fill=TRUE)"),
    "go": ("go", 'package main; import "fmt"; func main() { fmt.Println("hello", 6*7) }'),
}


@pytest.mark.slow
@pytest.mark.parametrize("package", HELLO)
def test_a_script_runs_where_its_program_is_installed(driver, package, tmp_path):
    program, text = HELLO[package]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    body = f"env: {{GOCACHE: {tmp_path}/go, GOFLAGS: -mod=mod}}\n    script: |\n      {text}"
    execution = driver.run(FLOW.format(package=package, kind="Script", body=body, runner=PROCESS))

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert "hello 42" in driver.messages(execution)
