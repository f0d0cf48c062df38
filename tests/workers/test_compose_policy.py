"""What no Compose task makes of the worker's own user, beside the engine's socket."""

import json
import shutil

import pytest

from app.errors import Invalid
from app.language.document import read_document
from app.plugin.task import PolicyRefused, TaskFailed
from workers.docker import compose_policy
from workers.docker.build import _dockerfile

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
has_command = pytest.mark.skipif(not shutil.which("docker-compose"), reason="no compose command")
FLOW = """id: f
namespace: team.a
tasks:
  - id: t
    type: io.kestra.plugin.docker.Compose
    composeFile: |
      {file}
    composeArgs: {args}
{more}"""
WEB = "services: {web: {image: busybox}}"


class Ctx:
    """What the policy asks of an attempt."""

    def __init__(self, folder, **settings):
        self.settings, self.working_dir = settings, folder
        self.ids = type("Ids", (), {"namespace": "team.a"})


def ran(driver, file=WEB, args=("version",), more=""):
    """The state, and all that the log says."""
    lines = "".join(f"    {line}\n" for line in more.splitlines())
    execution = driver.run(FLOW.format(file=file, args=json.dumps(args), more=lines))
    return driver.state(execution), " ".join(driver.messages(execution))


@on_sqlite
@has_command
def test_a_command_that_only_asks_is_run(driver):
    state, said = ran(driver)

    assert state == "SUCCESS", said
    assert "version" in said


@on_sqlite
@has_command
@pytest.mark.parametrize(
    "more", ["beforeCommands: ['touch {}']", "interpreter: [/bin/sh, -c, 'touch {}']"]
)
def test_no_script_of_the_author_is_run_by_the_workers_user(driver, tmp_path, more):
    trace = tmp_path / "trace"

    state, said = ran(driver, more=more.format(trace))

    assert (state, trace.exists()) == ("FAILED", False)
    assert "Compose runs no script" in said


@on_sqlite
@has_command
def test_no_variable_of_the_author_reaches_the_command(driver, tmp_path):
    """One of them chooses the program, others load code into it."""
    trace = tmp_path / "trace"
    fake = f"#!/bin/sh\\ntouch {trace}\\n"
    more = (
        f"inputFiles: {{docker-compose: \"{fake}\", sitecustomize.py: \"open('{trace}', 'w')\"}}\n"
        "env: {PATH: '{{ workingDir }}:/usr/bin:/bin', PYTHONPATH: '{{ workingDir }}'}"
    )

    state, said = ran(driver, more=more)

    assert (state, trace.exists()) == ("SUCCESS", False), said


@on_sqlite
@has_command
def test_a_variable_of_the_author_is_known_to_the_file_that_is_checked(driver):
    """What is checked and what is started are one text, with the same variables."""
    file = "services: {web: {image: busybox, network_mode: '${MODE:-bridge}'}}"

    state, said = ran(driver, file, ["ps"], "env: {MODE: host}")

    assert state == "FAILED"
    assert "`network_mode` of the service 'web' is not allowed" in said


@on_sqlite
@has_command
def test_a_value_that_a_file_of_variables_cannot_hold_is_refused(driver):
    state, said = ran(driver, more='env: {A: "x\'\\nPATH=y"}')

    assert state == "FAILED"
    assert "`env`: 'A' must be a name, its value without quotes" in said


@pytest.mark.parametrize(
    ("service", "named"),
    [
        ("privileged: true", "privileged"),
        ("cap_add: [SYS_ADMIN]", "cap_add"),
        ("security_opt: [seccomp=unconfined]", "security_opt"),
        ("devices: [/dev/sda]", "devices"),
        ("env_file: [/proc/self/environ]", "env_file"),
        ("extends: {file: /etc/passwd, service: x}", "extends"),
        ("build: {context: /}", "build"),
        ("volumes_from: ['container:db']", "volumes_from"),
        ("logging: {driver: syslog}", "logging"),
        ("post_start: [{command: id, privileged: true}]", "post_start"),
        ("provider: {type: sh}", "provider"),
        ("runtime: runc", "runtime"),
        ("pid: host", "pid"),
        ("ipc: 'container:db'", "ipc"),
        ("volumes: ['/:/x']", "/"),
        ("volumes: ['../..:/x']", "/"),
        ("volumes: ['data:/x']", "data"),
        ("volumes: [{type: volume, source: data, target: /x}]", "data"),
        ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}", "device"),
    ],
)
def test_what_reaches_the_machine_or_reads_its_files_is_refused(tmp_path, service, named):
    data = read_document(f"{{services: {{web: {{image: busybox, {service}}}}}}}").data

    with pytest.raises(PolicyRefused) as refused:
        compose_policy.check_values(Ctx(tmp_path), data)

    assert named in str(refused.value)


@on_sqlite
@has_command
def test_nothing_is_read_before_it_is_allowed(driver):
    """Whoever reads a file of the machine tells of it in its errors."""
    file = "services: {web: {image: busybox, env_file: [/etc/passwd]}}"

    state, said = ran(driver, file, ["up"])

    assert state == "FAILED"
    assert "`env_file` of the service 'web' is not allowed in team.a" in said
    assert "root" not in said


@pytest.mark.parametrize(
    "part",
    [
        "networks: {n: {external: true, name: host}}",
        "networks: {n: {external: {name: host}}}",
        "networks: {n: {driver: macvlan}}",
        "networks: {n: {driver_opts: {parent: eth0}}}",
        "volumes: {n: {driver_opts: {type: none, o: bind, device: /}}}",
        "volumes: {n: {external: true}}",
        "secrets: {n: {file: /etc/shadow}}",
        "include: [/etc/passwd]",
    ],
)
def test_networks_volumes_and_files_of_the_machine_are_refused(tmp_path, part):
    with pytest.raises(PolicyRefused):
        compose_policy.check_values(Ctx(tmp_path), read_document(f"{{{WEB}, {part}}}").data)


@pytest.mark.parametrize(
    "args",
    [
        ["-f", "other.yml", "up"],
        ["-fother.yml", "up"],
        ["--file=other.yml", "up"],
        ["--fil", "other.yml", "up"],
        ["--env-file", "x", "up"],
        ["--project-directory=/", "up"],
        ["-H", "tcp://x", "up"],
        ["--context", "x", "up"],
        ["--verbose=1", "up"],
        ["cp", "/etc/passwd", "web:/"],
        ["config", "-o", "/tmp/x"],
        ["build"],
        ["run", "-v", "/:/x", "web"],
        ["run", "--cap-add=ALL", "web"],
        ["exec", "--privileged", "web", "id"],
        ["-p", "x"],
        [],
    ],
)
def test_arguments_that_bring_other_files_or_rights_are_refused(args):
    with pytest.raises(TaskFailed, match="composeArgs"):
        compose_policy.split(args)


def test_arguments_are_parted_before_the_command():
    given = ["-p", "x", "--profile=dev", "--compatibility", "run", "--rm", "web", "-v", "--cap-add"]

    assert compose_policy.split(given) == (given[:4], given[4:])


@on_sqlite
@has_command
def test_a_file_is_read_within_the_working_directory_only(driver, tmp_path):
    outside = tmp_path / "outside.yml"
    outside.write_text(WEB)
    for name, more in (
        (str(outside), ""),
        ("mine.yml", f"    inputFiles: {{mine.yml: '{WEB}'}}\n"),
    ):
        text = FLOW.replace("|\n      {file}", "{file}")
        execution = driver.run(text.format(file=name, args='["version"]', more=more))
        found = driver.state(execution), " ".join(driver.messages(execution))

        assert found[0] == ("SUCCESS" if more else "FAILED"), found
        assert more or f"no file '{outside}' in the working directory" in found[1]


def test_every_service_gets_the_bounds_of_a_container(tmp_path):
    data = {"services": {"web": {"image": "a", "cap_drop": ["ALL"], "pids_limit": -1}}}

    found = compose_policy.bounded(Ctx(tmp_path, docker_pids_limit=50), data)["services"]["web"]

    assert (found["init"], found["pids_limit"]) == (True, 50)
    assert found["security_opt"] == ["no-new-privileges"]
    assert {"NET_RAW", "ALL"} <= set(found["cap_drop"])


def test_what_the_administrator_allows_is_allowed(tmp_path):
    data = {"services": {"web": {"privileged": True, "volumes": ["/srv:/x"]}}}
    compose_policy.check_values(Ctx(tmp_path, docker_allow="privileged,volumes:team"), data)

    with pytest.raises(PolicyRefused):
        compose_policy.check_values(Ctx(tmp_path, docker_allow="privileged,volumes:other"), data)


@on_sqlite
@has_command
def test_an_engine_is_not_reached_by_a_program(driver):
    state, said = ran(driver, more="host: 'ssh://-oProxyCommand=id'")

    assert state == "FAILED"
    assert "`host` must begin with one of unix://" in said


def test_a_dockerfile_lies_in_the_working_directory_and_is_no_link(tmp_path):
    """An engine tells the lines of what is no Dockerfile, and an inline one is written."""
    folder, outside = tmp_path / "work", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("secret")
    (folder / "mine").write_text("FROM a")
    for name in ("link", "Dockerfile", "Dockerfile.inline"):
        (folder / name).symlink_to(outside)

    assert _dockerfile(f"{folder}/mine", folder) == "mine"
    assert _dockerfile("/etc/passwd", folder) == "etc/passwd"
    for text in ("link", "", "../outside", "FROM a\nRUN b"):
        with pytest.raises(Invalid):
            _dockerfile(text, folder)
    assert outside.read_text() == "secret"
