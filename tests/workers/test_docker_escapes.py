"""What a script in a container may try: it stays in it, is told, and leaves nothing.

Filling memory is in `test_docker_policy.py`, the same tries in a process in `test_isolation.py`.
"""

import os
import random
import time
from pathlib import Path

import pytest

from app.service import secrets
from tests.workers.test_docker import allow, client, driver, left, shell

pytestmark = pytest.mark.docker

__all__ = ["client", "driver"]


def processes(*words: str) -> list[str]:
    """Processes of this machine, those in containers included, whose arguments end with these."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")[:-1]
        except OSError:
            continue
        if [argument.decode() for argument in arguments[-len(words) :]] == list(words):
            found.append(folder.name)
    return found


def wait_until_gone(*words: str) -> list[str]:
    ends = time.monotonic() + 10
    while (found := processes(*words)) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def test_what_left_the_session_dies_with_its_container(driver, client):
    seconds = str(random.randrange(100_000, 999_999))
    escape = f"busybox setsid sh -c '(busybox setsid sleep {seconds} >/dev/null 2>&1 &)'"
    seen = f"while ! grep -q {seconds} /proc/[0-9]*/cmdline; do sleep 0.05; done; echo escaped"
    execution = shell(driver, [f'"{escape}"', f'"{seen}"'])

    assert driver.state(execution) == "SUCCESS", driver.messages(execution)
    assert "escaped" in driver.messages(execution)
    assert left(client, execution) == []
    assert wait_until_gone("sleep", seconds) == []


def test_a_fork_bomb_is_bounded_and_cleared_away(driver, client):
    seconds = str(random.randrange(100_000, 999_999))
    allow(driver, docker_pids_limit=40)
    bomb = f"for n in $(seq 1 100); do sleep {seconds} & done; echo never bounded"
    execution = shell(driver, [f'"{bomb}"'])

    text = " ".join(driver.messages(execution))
    assert driver.state(execution) == "FAILED", text
    assert "fork" in text
    assert "never bounded" not in text
    assert left(client, execution) == []
    assert wait_until_gone("sleep", seconds) == []


def test_what_it_writes_outside_of_its_folder_goes_with_it(driver, tmp_path):
    outside = f"/outside-{random.randrange(10**9)}"
    first = shell(
        driver,
        [f"echo x > {outside}", "echo x > ../beside", f"mkdir -p {tmp_path}", "echo wrote"],
    )
    (tmp_path / "of-the-host").write_text("host")
    second = shell(
        driver, [f"ls {outside} ../beside {tmp_path}/of-the-host || echo nothing is there"]
    )

    assert "wrote" in driver.messages(first)
    assert "nothing is there" in driver.messages(second)
    assert not Path(outside).exists()


def test_it_cannot_read_the_environment_of_what_started_it(driver, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_CANARY", "canary-value")
    execution = shell(
        driver,
        ["\"for f in /proc/[0-9]*/environ; do cat $f | tr '\\\\0' ' '; done; echo\"",
         "ls -d /proc/[0-9]* | wc -l"],
    )  # fmt: skip

    messages = driver.messages(execution)
    assert driver.state(execution) == "SUCCESS", messages
    assert "canary-value" not in " ".join(messages)
    assert int(messages[-1]) < 10 < len(list(Path("/proc").glob("[0-9]*")))
    assert os.environ["TRUNKLINE_CANARY"] == "canary-value"


def test_a_secret_that_is_printed_in_pieces_is_masked(driver):
    secrets.put(driver.rt, "company.team", "CANARY", "s3cr3t-value")
    pieces = "printf x$(printf ${NAMED} | head -c 5); sleep 0.3; printf %s ${NAMED#?????}; echo y"
    execution = shell(driver, [f'"{pieces}"'], more="env: {NAMED: \"{{ secret('CANARY') }}\"}")

    assert driver.messages(execution) == ["x******y"]
