"""S9, S16, S17, S25, S26: data that stays data, names that change, links, the audit log, locks."""

import re
import socket
import threading
import time
import tomllib
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from app.api.auditing import UNKEPT, is_kept
from app.api.auth import OPEN
from app.plugin.outgoing import OutgoingPolicy
from app.storage import beneath
from tests.api.routes import METHODS, path_of, rules
from workers.http.client import ClientOptions, GuardedTransport

ROOT = Path(__file__).parents[2]
SAY = "{id: log, type: io.kestra.plugin.core.log.Log, message: '%s'}"
TRAP = "{{ secret('TOKEN') }} {{ 6 * 7 }}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_callers_send_is_data_and_is_never_rendered(api):
    hook = "triggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}]"
    api.flow("given", "inputs: [{id: t, type: STRING}]", tasks=SAY % "{{ inputs.t }}")
    api.flow("hooked", hook, tasks=SAY % "{{ trigger.body.t }} {{ trigger.headers }}")
    api.flow("labelled", tasks=SAY % "{{ labels.team }}")

    given = api.send("POST", "/executions/team.a/given", data=None, status=422)
    assert given["message"]
    started = [
        api.call("POST", "/executions/team.a/given", data={"t": TRAP}),
        api.call(
            "POST", "/executions/webhook/team.a/hooked/abcdefgh", json={"t": TRAP},
            headers={"X-T": TRAP},
        ),
        api.call("POST", "/executions/team.a/labelled", query_string={"labels": f"team:{TRAP}"}),
    ]  # fmt: skip
    api.driver.work()

    for answer in started:
        lines = api.get(f"/logs/{answer.get_json()['id']}")
        assert "{{ 6 * 7 }}" in lines[0]["message"]
        assert "s3cr3t" not in str(lines)


def test_a_name_is_asked_once_and_the_address_that_was_checked_is_called(monkeypatch):
    server = socket.create_server(("127.0.0.1", 0))
    port, asked = server.getsockname()[1], []

    def changing(host, to, *_, **__):
        """A name server whose second answer is another one; addresses are their own."""
        address = host
        if host == "changing.example":
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, to))]

    def serve():
        with server.accept()[0] as sock:
            sock.recv(1000)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=serve)
    thread.start()
    monkeypatch.setattr(socket, "getaddrinfo", changing)
    transport = GuardedTransport(OutgoingPolicy(allow_private=True), ClientOptions())
    with httpx.Client(transport=transport) as client:
        answer = client.get(f"http://changing.example:{port}/")
    thread.join(10)
    server.close()

    assert answer.text == "ok"
    assert asked == ["changing.example"]


def test_a_file_that_is_a_link_is_neither_read_nor_written(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    root.mkdir()
    outside.write_text("secret")
    (root / "soft").symlink_to(outside)
    (root / "hard").hardlink_to(outside)

    with pytest.raises(beneath.LeavesFolder):
        beneath.open_read(root, "soft")
    for name in ("soft", "hard"):
        with pytest.raises(beneath.LeavesFolder):
            beneath.open_write(root, name)

    assert outside.read_text() == "secret"


def test_a_link_that_is_swapped_in_is_never_followed(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "f").write_text("secret")
    (root / "d").mkdir(parents=True)
    (root / "d" / "f").write_text("plain")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            with suppress(OSError):
                (root / "d").rename(root / "kept")
                (root / "d").symlink_to(outside)
                (root / "d").unlink()
                (root / "kept").rename(root / "d")

    thread = threading.Thread(target=swap)
    thread.start()
    seen, tries, ends = set(), 0, time.monotonic() + 20
    while tries < 3000 or (not seen and time.monotonic() < ends):
        tries += 1
        with suppress(beneath.LeavesFolder, FileNotFoundError):
            with beneath.open_read(root, "d/f") as stream:
                seen.add(stream.read())
            with beneath.open_write(root, "d/g") as stream:
                stream.write(b"x")
    stop.set()
    thread.join(10)

    assert seen == {b"plain"}
    assert [path.name for path in outside.iterdir()] == ["f"]
    assert (outside / "f").read_text() == "secret"


def test_every_route_that_changes_something_leaves_a_line_of_the_audit_log(lite):
    app, missing = lite.client.application, []

    for rule in rules(app):
        if "_plain." in rule.endpoint or rule.endpoint in OPEN or not is_kept(rule.endpoint):
            continue
        for method in sorted(rule.methods & set(METHODS) - {"GET"}):
            path = path_of(app, rule)
            before = lite.get("/auditlogs/search", size=1)["total"]
            lite.client.open(path, method=method, data=b"{}", query_string={"namespace": "none"})
            found = lite.get("/auditlogs/search", size=1)
            target = found["results"][0]["target"] if found["results"] else ""
            if found["total"] != before + 1 or target != f"{method} {path}":
                missing.append((method, path, target))

    assert missing == []


def test_what_is_kept_out_of_the_audit_log_changes_nothing_or_keeps_its_own(lite):
    names = {rule.endpoint for rule in lite.client.application.url_map.iter_rules()}

    assert names >= UNKEPT
    names = {name for name in names if not is_kept(name)}
    words = re.compile(r"^(put|create|delete|save|update|replace|kill|act_|apply)")
    writes = [name for name in names if words.search(name.partition(".")[2])]
    assert writes == []


def test_no_route_and_no_table_function_changes_a_line_of_the_audit_log(lite):
    methods = {
        (method, rule.rule)
        for rule in lite.client.application.url_map.iter_rules()
        if "auditlogs" in rule.rule
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    texts = [path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py")]

    assert {method for method, _ in methods} == {"GET"}
    assert not any(re.search(r"update\((audit|audit_log)\)", text) for text in texts)


LOCKS = {"requirements.lock": 50, "requirements-extras.lock": 20, "requirements-dev.lock": 50}


@pytest.mark.parametrize(("name", "least"), LOCKS.items(), ids=LOCKS)
def test_every_dependency_is_pinned_with_its_hashes(name, least):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())

    assert len(blocks) > least
    assert [b.split()[0] for b in blocks if "==" not in b or "--hash=sha256:" not in b] == []


def test_the_locks_agree_and_those_of_the_image_hold_every_extra():
    """What the tests run on is what an image with `EXTRAS` has."""
    pins = [re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.M) for name in LOCKS]
    plain, extras, dev = (dict(found) for found in pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"].values()
    wanted = [one.partition(">=")[0] for needs in extra for one in needs]

    assert {name: dev.get(name) for name in {**plain, **extras}} == {**plain, **extras}
    assert not plain.keys() & extras.keys()
    assert [name for name in wanted if name not in extras] == []
