"""An upgrade while everything runs: the next version migrates beside processes of this one.

The next version is a copy of the sources with one more migration, whose column its own code knows.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from tests.faults.cluster import attempts, until

ROOT = Path(__file__).parents[2]
SCRIPT = "echo $ID $TASK $ATTEMPT >> $EFFECTS; sleep 0.5"
MIGRATION = '''"""Flows have an owner."""

import sqlalchemy
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One column, which the version before may leave out."""
    op.add_column("flows", sqlalchemy.Column("owner", sqlalchemy.Text, server_default="nobody"))
'''
COLUMN = '    Column("revision", Integer, nullable=False),\n'
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    """The folder of the next version."""
    folder = tmp_path_factory.mktemp("newer")
    for room in ("app", "workers", "beat"):
        left_out = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(ROOT / room, folder / room, ignore=left_out)
    (folder / "app/database/migrations/versions/v0002_owner.py").write_text(MIGRATION)
    schema = folder / "app/database/schema.py"
    text = schema.read_text("utf-8")
    known = text.replace(COLUMN, COLUMN + '    Column("owner", Text),\n', 1)
    assert known != text
    schema.write_text(known, "utf-8")
    return folder


def command(folder, *words):
    return ["env", "-C", str(folder), sys.executable, "-m", "app.cli.main", *words]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_versions_run_beside_each_other_while_the_database_is_upgraded(
    make_cluster, database, newer
):
    cluster = make_cluster(database)
    old = cluster.worker("old")
    cluster.beat()
    cluster.api()
    cluster.script_flow("upgraded", SCRIPT, tasks=3)
    ids = [cluster.start("upgraded") for _ in range(4)]
    cluster.wait_effect(ids[0])
    done = subprocess.run(
        command(newer, "migrate"), env=cluster.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    columns = {column["name"] for column in inspect(cluster.database.engine).get_columns("flows")}
    assert "owner" in columns
    new = cluster.worker("new", host=("env", "-C", str(newer)))
    cluster.script_flow("saved-after", SCRIPT)  # by an API that knows no such column
    ids += [cluster.start(name) for name in ("upgraded", "saved-after", "upgraded")]
    until(lambda: "ready." in new.said(), "the new version did not start", 180)
    old.term()
    old.wait_end()
    ids += [cluster.start("saved-after")]

    assert cluster.states(ids, 240) == {"SUCCESS": 8}
    for one in ids:
        assert all(states == ["SUCCESS"] for states in attempts(cluster.get(one)))
        wrote = [tuple(words) for words in cluster.effects_of(one)]
        assert len(set(wrote)) == len(wrote)
    assert new.is_alive


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_older_version_comes_back_on_a_database_that_the_newer_one_upgraded(
    make_cluster, database, newer
):
    """As its unit, its Compose service and its chart start it: `migrate`, then the processes."""
    cluster = make_cluster(database)
    subprocess.run(command(newer, "migrate"), env=cluster.environ, check=True, capture_output=True)
    done = subprocess.run(
        command(ROOT, "migrate"), env=cluster.environ, capture_output=True, text=True
    )
    cluster.start_all()
    cluster.script_flow("back", SCRIPT)
    columns = {column["name"] for column in inspect(cluster.database.engine).get_columns("flows")}

    assert done.returncode == 0, done.stderr
    assert "the database stands at 0002, of a newer version; this one runs on it" in done.stdout
    assert cluster.states([cluster.start("back")]) == {"SUCCESS": 1}
    assert "owner" in columns


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_older_version_leaves_a_database_alone_that_it_cannot_run_on(
    make_cluster, database, newer, tmp_path
):
    too_new = tmp_path / "too-new"
    shutil.copytree(newer, too_new)
    migration = too_new / "app/database/migrations/versions/v0002_owner.py"
    migration.write_text(MIGRATION + '\n\nruns_from = "0002"\n')
    cluster = make_cluster(database)
    environ = cluster.environ
    subprocess.run(command(too_new, "migrate"), env=environ, check=True, capture_output=True)

    done = subprocess.run(command(ROOT, "migrate"), env=environ, capture_output=True, text=True)

    assert done.returncode == 1
    assert "the database stands at 0002, which this version does not know" in done.stderr
