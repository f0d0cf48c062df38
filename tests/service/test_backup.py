"""Backup and restore: from each database into each, and damaged archives."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.errors import Conflict, DatabaseAway, Invalid
from app.service import backup, executions, kv, secrets
from app.service.access import accounts
from app.storage.storage import LocalStorage
from tests.conftest import KEY, make_driver

OTHER_KEY = base64.b64encode(b"n" * 32).decode()

FLOW = """
id: keeps
namespace: a.b
tasks:
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: "a file"}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.write.uri }}"}
"""


@pytest.fixture
def filled(driver):
    """An installation with a bit of everything."""
    accounts.create(driver.rt, "ana", password="correct horse", is_admin=True)
    secrets.put(driver.rt, "a.b", "TOKEN", "v3ry-s3cret")
    kv.put(driver.rt, {"namespace": "a.b", "key": "n", "value": 42})
    driver.run(FLOW)
    driver.rt.storage.put("a/b/_files/x.txt", io.BytesIO(b"kept"))
    return driver


@pytest.fixture(params=["sqlite", "postgres"])
def other(request, tmp_path):
    """An empty installation on either database, whatever the first one is on."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    made = make_driver(url, tmp_path / "other")
    yield made
    made.rt.database.close()


def test_a_restored_installation_knows_what_the_first_one_knew(filled, other, tmp_path):
    path = tmp_path / "all.zip"
    written = backup.write(filled.rt, path)

    restored = backup.restore(other.rt, path)

    assert {n: c for n, c in restored.items() if c} == {n: c for n, c in written.items() if c}
    assert secrets.find(other.rt, "a.b", "TOKEN") == "v3ry-s3cret"
    assert kv.get(other.rt, "a.b", "n").value == 42
    assert other.rt.storage.open("kestra:///a/b/_files/x.txt").read() == b"kept"


def test_files_that_retention_removes_meanwhile_are_left_out_and_counted(filled, other, tmp_path):
    storage = filled.rt.storage
    names = [f"a/b/old/{number}.txt" for number in range(3)]
    for name in names:
        storage.put(name, io.BytesIO(b"old"))
    there = len(list(storage.list("")))
    purging = replace(filled.rt, storage=Purging(storage.root))

    written = backup.write(purging, tmp_path / "all.zip")
    restored = backup.restore(other.rt, tmp_path / "all.zip")

    assert (written["files"], written["vanished"]) == (there - 3, 3)
    assert restored["files"] == there - 3
    assert secrets.find(other.rt, "a.b", "TOKEN") == "v3ry-s3cret"


def test_the_commands_write_to_stdout_and_read_from_stdin(filled, other, tmp_path):
    command = [sys.executable, "-m", "app.cli.main"]

    made = subprocess.run(
        [*command, "backup", "-"], env=environ(filled), capture_output=True, check=True
    )
    done = subprocess.run(
        [*command, "restore", "-"], env=environ(other), input=made.stdout, capture_output=True,
        check=True,
    )  # fmt: skip

    assert b"rows" in made.stderr
    assert b"restored" in done.stdout
    assert secrets.find(other.rt, "a.b", "TOKEN") == "v3ry-s3cret"
    assert other.rt.storage.open("kestra:///a/b/_files/x.txt").read() == b"kept"


def environ(driver):
    """Of a process that keeps the installation of a driver."""
    settings = driver.rt.settings
    names = ("database_url", "storage_url", "encryption_key", "data_dir")
    return {**os.environ, **{f"TRUNKLINE_{n.upper()}": str(getattr(settings, n)) for n in names}}


class Purging(LocalStorage):
    """Its files of old executions go once they have been listed."""

    def list(self, path):
        yield from list(super().list(path))
        if not path:
            self.delete_prefix("a/b/old")


def test_a_restored_installation_goes_on(filled, other, tmp_path):
    """Numbers that the database hands out do not meet those that were restored."""
    backup.write(filled.rt, tmp_path / "all.zip")
    backup.restore(other.rt, tmp_path / "all.zip")

    execution = executions.start(other.rt, "a.b", "keeps", {})
    other.work()

    assert other.state(execution) == "SUCCESS"
    assert len(other.messages(execution)) >= 1


def test_nothing_is_restored_over_something(filled, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")
    filled.rt.storage.put("a/b/_files/x.txt", io.BytesIO(b"newer than the backup"))

    with pytest.raises(Conflict):
        backup.restore(filled.rt, tmp_path / "all.zip")
    assert filled.rt.storage.open("kestra:///a/b/_files/x.txt").read() == b"newer than the backup"


def test_the_command_backs_up_every_table_that_the_database_has(filled, tmp_path):
    """In a process of its own: here other tests have imported the schemas of all tables."""
    ask = "import app.service.backup as b; print(*b.dump.table_names())"

    told = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    ).stdout.split()

    with filled.rt.database.transaction() as tx:
        there = set(inspect(tx).get_table_names()) - {"alembic_version", "schema_reach"}
    assert set(told) == there


def test_a_backup_that_fails_leaves_no_file(filled, tmp_path):
    with filled.rt.database.transaction() as tx:
        tx.execute(text("alter table kv rename to of_another_version"))

    with pytest.raises((DBAPIError, DatabaseAway)):
        backup.write(filled.rt, tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()


def with_keys(driver, first, old=""):
    changes = {"encryption_key": first, "encryption_keys_old": old}
    return replace(driver.rt, settings=driver.rt.settings.model_copy(update=changes))


def test_under_another_key_nothing_is_restored_until_the_key_is_there(filled, other, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")
    stranger = with_keys(other, OTHER_KEY)

    with pytest.raises(Conflict, match="encryption_keys_old"):
        backup.restore(stranger, tmp_path / "all.zip")
    assert list(other.rt.storage.list("")) == []

    backup.restore(with_keys(other, OTHER_KEY, KEY), tmp_path / "all.zip")
    assert secrets.find(with_keys(other, OTHER_KEY, KEY), "a.b", "TOKEN") == "v3ry-s3cret"


def test_all_but_the_secrets_can_be_restored_without_the_key(filled, other, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")
    stranger = with_keys(other, OTHER_KEY)

    backup.restore(stranger, tmp_path / "all.zip", any_key=True)

    assert kv.get(stranger, "a.b", "n").value == 42
    with pytest.raises(Invalid):
        secrets.find(stranger, "a.b", "TOKEN")


def test_the_id_of_the_key_is_in_a_backup_and_the_key_is_not(filled, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")

    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        manifest = archive.read("manifest.json").decode()
    assert f'"key": "{hashlib.sha256(base64.b64decode(KEY)).hexdigest()[:8]}"' in manifest
    assert KEY not in manifest


def test_nobody_else_may_read_a_backup(filled, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")

    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600


def test_a_backup_never_overwrites_a_file(filled, tmp_path):
    (tmp_path / "all.zip").write_text("precious")

    with pytest.raises(Conflict):
        backup.write(filled.rt, tmp_path / "all.zip")
    assert (tmp_path / "all.zip").read_text() == "precious"


def test_no_secret_can_be_read_in_a_backup(filled, tmp_path):
    backup.write(filled.rt, tmp_path / "all.zip")

    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    assert not any(b"v3ry-s3cret" in part or b"correct horse" in part for part in parts)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_backup_changes_nothing(driver, tmp_path, content):
    (tmp_path / "odd.zip").write_bytes(content)

    with pytest.raises(Invalid):
        backup.restore(driver.rt, tmp_path / "odd.zip")


def test_a_backup_that_was_cut_short_is_refused(filled, other, tmp_path):
    path = tmp_path / "all.zip"
    backup.write(filled.rt, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(Invalid):
        backup.restore(other.rt, path)
