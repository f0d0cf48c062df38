"""The life of a compose stack: uploads, shared files, what scripts see, backup, another broker."""

import subprocess

import pytest

from app.dispatch.celery_app import QUEUES
from tests.deploy.stack import FILES, FLOW, PROJECT, ROOT, SLOW, run
from tests.faults.test_upgrade import MIGRATION

LIST_QUEUES = ("rabbitmqctl", "-q", "list_queues", "--no-table-headers", "name", "type")
ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"  #: of who is in one network
INSPECT = "{{json .Config}}{{json .HostConfig}}{{json .State}}"
MB = 1_000_000
VERSIONS = "/opt/trunkline/lib/python3.11/site-packages/app/database/migrations/versions/"
TAKES = """
id: takes
namespace: company.deploy
inputs: [{id: file, type: FILE}]
tasks:
  - {id: size, type: io.kestra.plugin.core.storage.Size, uri: "{{ inputs.file }}"}
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.size.size }}"}
"""
SHARES = """
id: shares
namespace: company.deploy
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    outputFiles: [made.txt]
    commands: ["umask 077; echo by a script > made.txt"]
  - id: container
    type: io.kestra.plugin.docker.Run
    containerImage: "python:3.11-slim"
    pullPolicy: NEVER
    inputFiles: {in.txt: "{{ outputs.script.outputFiles['made.txt'] }}"}
    outputFiles: [out.txt]
    commands: [sh, -c, "cat in.txt > out.txt; echo and a container >> out.txt"]
  - id: again
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    inputFiles: {in.txt: "{{ outputs.container.outputFiles['out.txt'] }}"}
    commands: [cat in.txt]
"""
SPY = """
id: spy
namespace: company.deploy
tasks:
  - id: look
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands:
      - env
      - cat /run/secrets/* /run/private/* || true
      - 'for p in /proc/[0-9]*; do cat $p/environ $p/cmdline 2>/dev/null | tr "\\0" " "; done; true'
      - ls /var/lib/trunkline/storage || true
      - touch /here || true
      - echo looked
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.docker,
    pytest.mark.timeout(1500),
]


def save(stack, text):
    answer = stack.client.post("/flows/bulk?delete=false", content=text.encode())
    assert answer.status_code == 200, answer.text


def messages(stack, execution):
    logs = stack.client.get(f"/logs/{execution['id']}").raise_for_status().json()
    return [line["message"] for line in logs]


def secrets(stack):
    """The text of each secret by the name of its file; of addresses and settings their password."""
    texts = {p.name: p.read_text().strip() for p in stack.secrets.iterdir() if p.suffix != ".yaml"}
    made = {name: text for name, text in texts.items() if "://" not in text and "=" not in text}
    made["flower"] = made.pop("flower_basic_auth").partition(":")[2]
    made["valkey.conf"] = made["valkey.conf"].removeprefix("requirepass ")
    return made | {"encryption_key": texts["encryption_key"]}


def test_an_upload_may_be_larger_than_the_memory_of_the_api(stack, tmp_path):
    save(stack, TAKES)
    api = f"{PROJECT}_api_1"
    run("docker", "update", "--memory", "320m", "--memory-swap", "320m", api)
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(400 * MB)

    with path.open("rb") as file:
        address = "/executions/company.deploy/takes"
        answer = stack.client.post(address, files={"file": ("big.bin", file)})
    path.unlink()

    execution = stack.ended(answer.raise_for_status().json()["id"])
    assert str(400 * MB) in messages(stack, execution)
    assert run("docker", "inspect", api, "--format", "{{.RestartCount}}").strip() == "0"


def test_files_of_root_and_of_users_are_read_by_every_process(stack):
    save(stack, SHARES)

    execution = stack.ended(stack.start("shares"))

    told = messages(stack, execution)
    assert execution["state"]["current"] == "SUCCESS", told
    assert {"by a script", "and a container"} <= set(told)
    made = next(run for run in execution["taskRunList"] if run["taskId"] == "script")
    uri = made["outputs"]["outputFiles"]["made.txt"]
    read = stack.client.get(f"/executions/{execution['id']}/file", params={"path": uri})
    assert read.text == "by a script\n"


def test_scripts_see_no_secret_of_the_stack(stack):
    stack.compose("restart", "-t", "30", "worker-script")  # mounts of a second start differ
    save(stack, SPY)

    execution, told = stack.ended(stack.start("spy")), ""

    def is_told():
        nonlocal told
        told = "\n".join(messages(stack, execution))
        return "looked" in told and told.count("Permission denied") >= 2  # its secrets, the storage

    stack.wait(is_told, 20)
    assert "Read-only file system" in told
    assert not {name for name, text in secrets(stack).items() if text in told}


def test_no_secret_shows_in_logs_processes_or_what_the_engine_tells(stack):
    ids = stack.compose("ps", "-q").split()
    running = run("docker", "ps", "-q", "--no-trunc").split()
    places = {
        "logs": stack.compose("logs", "--no-color"),
        "inspect": run("docker", "inspect", *ids, "--format", INSPECT),
        "processes": "".join(
            run("docker", "top", one, "axww", "-o", "pid,args") for one in ids if one in running
        ),
    }

    found = secrets(stack)
    assert {"admin_password", "database_password", "broker_password", "flower"} <= set(found)
    shown = {(n, place) for n, text in found.items() for place in places if text in places[place]}
    assert shown == set()


def test_database_and_broker_have_no_way_out_and_flower_none_to_the_database(stack):
    ask = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)"

    def address(service):
        return run("docker", "inspect", f"{PROJECT}_{service}_1", "--format", ADDRESS).strip()

    def reaches(service, other, port):
        command = ["docker", "exec", f"{PROJECT}_{service}_1", "python3", "-c", ask, address(other)]
        return subprocess.run([*command, port], capture_output=True, check=False).returncode == 0

    assert reaches("flower", "broker", "6379")
    assert not reaches("flower", "database", "5432")
    assert not reaches("broker", "database", "5432")
    assert not reaches("database", "githost", "8000")


@pytest.fixture
def newer(tmp_path):
    """An image of the next version, which has one more migration."""
    name = f"trunkline:newer{PROJECT}"
    (tmp_path / "v0002_owner.py").write_text(MIGRATION)
    (tmp_path / "Dockerfile").write_text(f"FROM trunkline:test\nCOPY v0002_owner.py {VERSIONS}\n")
    run("docker", "build", "-q", "-t", name, str(tmp_path))
    yield name
    run("docker", "image", "rm", name)


def test_a_newer_image_migrates_and_the_older_one_goes_on_after_it(stack, newer):
    """As docs/upgrading.md says; what runs meanwhile ends well."""
    save(stack, SLOW)
    older, started = stack.environ["TRUNKLINE_IMAGE"], [stack.start("slow") for _ in range(4)]

    stack.environ["TRUNKLINE_IMAGE"] = newer
    stack.up("api", "worker-script")  # and the migration; the rest goes on beside them
    forth = stack.compose("logs", "migrate")
    started.append(stack.start("slow"))
    stack.environ["TRUNKLINE_IMAGE"] = older
    stack.up("api", "worker-script")
    back = stack.compose("logs", "migrate")

    assert "0001 -> 0002" in forth
    assert "the database stands at 0002, of a newer version" in back
    assert {stack.ended(one)["state"]["current"] for one in started} == {"SUCCESS"}


def test_a_backup_restores_the_stack_after_all_its_volumes_are_gone(stack, tmp_path):
    """As docs/operations.md says."""
    save(stack, FLOW)
    kept = stack.client.post(
        "/namespaces/company.deploy/files",
        params={"path": "/a.txt"},
        files={"fileContent": b"kept"},
    )
    kept.raise_for_status()
    ended = stack.ended(stack.start("all-queues"))["id"]
    lines = len(stack.client.get(f"/logs/{ended}").json())
    archive = tmp_path / "backup.zip"
    compose = ["docker-compose", "-p", PROJECT, *FILES]

    with archive.open("wb") as target:
        command = [*compose, "exec", "-T", "api", "trunkline", "backup", "-"]
        subprocess.run(command, cwd=ROOT, env=stack.environ, stdout=target, check=True)
    stack.remove()
    with archive.open("rb") as source:
        command = [*compose, "run", "--rm", "-T", "api", "restore", "-"]
        subprocess.run(command, cwd=ROOT, env=stack.environ, stdin=source, check=True)
    stack.up()

    assert stack.client.get(f"/executions/{ended}").json()["state"]["current"] == "SUCCESS"
    assert len(stack.client.get(f"/logs/{ended}").json()) == lines
    read = stack.client.get("/namespaces/company.deploy/files", params={"path": "/a.txt"})
    assert read.content == b"kept"
    again = stack.ended(stack.start("all-queues"))  # with the secret that it clones by
    assert again["state"]["current"] == "SUCCESS", messages(stack, again)


def test_it_moves_to_rabbitmq_with_all_that_was_accepted(stack):
    for text in (FLOW, SLOW):
        stack.client.post("/flows", content=text.encode())
    started = [stack.start("slow") for _ in range(4)]

    stack.move_to_rabbitmq()
    started.append(stack.start("all-queues"))

    assert [stack.ended(one)["state"]["current"] for one in started] == ["SUCCESS"] * 5
    stack.wait(lambda: stack.health()["rabbitmq"] == {"healthy"}, 60)
    assert "broker" not in stack.health()
    listed = run("docker", "exec", f"{PROJECT}_rabbitmq_1", *LIST_QUEUES)
    kinds = dict(line.split() for line in listed.splitlines())
    assert {kinds[queue] for queue in QUEUES} == {"quorum"}
