"""The UI in a real Chromium on a real server: a day's work, and every page in both themes."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.support.git_servers import GitSsh
from tests.support.repository import Repository, flow

ROOT = Path(__file__).parents[2]
UI = ROOT / "ui"

pytestmark = pytest.mark.slow


def _missing() -> str | None:
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if shutil.which("node") is None:
        return "Node is not installed"
    if not Path(chromium).exists():
        return f"there is no Chromium at {chromium}"
    if not (UI / "node_modules" / "playwright-core").exists():
        return "ui/node_modules is not installed: `python ui/build.py`"
    if not (ROOT / "app" / "static" / "ui" / "index.html").exists():
        return "the UI is not built: `python ui/build.py`"
    return None


@pytest.fixture
def browser(server: Server) -> dict[str, str]:
    """What a script of ui/tests needs to know."""
    if reason := _missing():
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail(reason)
        pytest.skip(reason)
    return {
        **os.environ,
        "TRUNKLINE_UI_BASE": server.url,
        "TRUNKLINE_UI_USER": "admin@example.org",
        "TRUNKLINE_UI_PASSWORD": "correct horse",
    }


@pytest.fixture
def drifted(server: Server, tmp_path: Path) -> Iterator[str]:
    """The name of a binding with one flow that was edited behind Git's back."""
    repository = Repository(tmp_path)
    repository.commit({"flow.yaml": flow("drifting", "lab.git", "from Git")})
    policy = {"selfHeal": False, "editMode": "OVERWRITE"}
    binding = {"name": "drift", "namespace": "lab.git", **policy}
    new = {"name": "drift", "url": repository.url, "binding": binding}
    server.client.post("/gitops/sources", json=new).raise_for_status()
    _until(server, "drift", "Synced")
    text = flow("drifting", "lab.git", "from behind")
    headers = {"Content-Type": "application/x-yaml"}
    answer = server.client.put("/flows/lab.git/drifting", content=text, headers=headers)
    answer.raise_for_status()
    server.client.post("/gitops/bindings/drift/sync").raise_for_status()
    _until(server, "drift", "Drifted")
    yield "drift"
    server.client.delete("/gitops/sources/drift").raise_for_status()


@pytest.fixture
def owned(server: Server, tmp_path: Path) -> Iterator[None]:
    """A binding that is LOCKED, with one flow."""
    repository = Repository(tmp_path)
    repository.commit({"flows/load.yaml": flow("load", "lab.owned", "from Git")}, "Load users")
    binding = {"name": "owned", "namespace": "lab.owned", "directCommit": True, "adopt": True}
    new = {"name": "owned", "url": repository.url, "binding": binding}
    server.client.post("/gitops/sources", json=new).raise_for_status()
    _until(server, "owned", "Synced")
    (tmp_path / "parts").mkdir()
    parts = Repository(tmp_path / "parts")
    parts.commit({"one.yaml": flow("one", "lab.parts"), "two.yaml": flow("two", "lab.parts")})
    binding = {"name": "parts", "namespace": "lab.parts", "automated": False}
    new = {"name": "parts", "url": parts.url, "binding": binding}
    server.client.post("/gitops/sources", json=new).raise_for_status()
    yield
    for name in ("owned", "parts"):
        server.client.delete(f"/gitops/sources/{name}").raise_for_status()


def _until(server: Server, binding: str, state: str) -> None:
    ends = time.monotonic() + 60
    while True:
        page = server.client.get(f"/gitops/bindings/{binding}/resources").raise_for_status().json()
        if [row["state"] for row in page["results"]] == [state]:
            return
        assert time.monotonic() < ends, page
        time.sleep(0.2)


def _run(script: str, environ: dict[str, str]) -> None:
    done = subprocess.run(
        ["node", f"tests/{script}"],
        cwd=UI,
        env=environ,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_days_work_from_the_first_line_to_a_settled_drift(
    browser: dict[str, str], drifted: str
) -> None:
    _run("journey.mjs", {**browser, "TRUNKLINE_UI_BINDING": drifted})


def test_what_git_owns_is_proposed_and_of_two_who_save_nobody_loses_a_text(
    browser: dict[str, str], owned: None
) -> None:
    _run("owned.mjs", browser)


def test_a_repository_is_connected_and_a_schedule_made_up_for(
    browser: dict[str, str], server: Server, tmp_path: Path
) -> None:
    repository = Repository(tmp_path)
    repository.commit({"flows/load.yaml": flow("load", "lab.connect", "from Git")})

    ssh = GitSsh(tmp_path / "ssh")
    try:
        environ = {
            "TRUNKLINE_UI_REPOSITORY": repository.url,
            "TRUNKLINE_UI_SSH": ssh.url(repository.bare),
            "TRUNKLINE_UI_SSH_KEY": ssh.key,
            "TRUNKLINE_UI_FINGERPRINT": ssh.fingerprint,
        }
        _run("connect.mjs", {**browser, **environ})
    finally:
        ssh.stop()

    server.client.delete("/gitops/sources/wizard").raise_for_status()


def test_dashboards_calendar_grid_and_tabs_show_what_there_is(browser: dict[str, str]) -> None:
    _run("rooms.mjs", browser)


def test_filters_are_kept_many_are_done_at_once_and_groups_fold(browser: dict[str, str]) -> None:
    _run("lists.mjs", browser)


def test_a_suite_is_written_fails_at_its_line_and_is_mended(browser: dict[str, str]) -> None:
    _run("suites.mjs", browser)


def test_a_paused_execution_goes_on_and_an_ended_one_runs_again(browser: dict[str, str]) -> None:
    _run("again.mjs", browser)


def test_beside_a_source_stand_its_picture_and_the_words_on_its_types(
    browser: dict[str, str],
) -> None:
    _run("beside.mjs", browser)


def test_a_queue_is_paused_and_a_worker_drained_and_let_work_again(browser: dict[str, str], server: Server) -> None:
    try:
        _run("drain.mjs", browser)
    finally:  # what a failure leaves drained would keep the other tests waiting
        for mark in server.client.get("/instance/services/drained").json()["drained"]:
            server.client.delete(f"/instance/services/drained/{mark['name']}").raise_for_status()
        server.client.delete("/instance/queues/paused/script")


def test_no_action_of_a_page_is_lost(browser: dict[str, str], owned: None) -> None:
    _run("actions.mjs", {**browser, "TRUNKLINE_UI_BINDING": "owned"})


def test_the_cheap_budgets_are_kept(browser: dict[str, str]) -> None:
    _run("budgets.mjs", {**browser, "TRUNKLINE_UI_CHEAP": "1"})


def test_every_page_is_accessible_in_both_themes_and_keeps_to_the_origin(
    browser: dict[str, str], owned: None
) -> None:
    _run("axe.mjs", {**browser, "TRUNKLINE_UI_BINDING": "owned"})


def test_no_text_of_a_user_becomes_an_element_or_a_script(
    browser: dict[str, str], owned: None
) -> None:
    _run("hostile.mjs", {**browser, "TRUNKLINE_UI_BINDING": "owned"})
