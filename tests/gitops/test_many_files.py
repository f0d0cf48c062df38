"""Many files at once: a sync issues few statements and few Git processes for all of them."""

import pytest
from sqlalchemy import event

from app.gitops import mirror
from app.service import namespace_files
from tests.support.repository import flow


@pytest.fixture
def counted(team, monkeypatch):
    """How many statements and reads of blobs there were."""
    seen = {"statements": 0, "reads": 0}

    def statement(*_):
        seen["statements"] += 1

    original = mirror.Mirror._batch

    def read(self, wanted):
        seen["reads"] += 1
        return original(self, wanted)

    engine = team.rt.database.engine
    event.listen(engine, "before_cursor_execute", statement)
    monkeypatch.setattr(mirror.Mirror, "_batch", read)
    yield seen
    event.remove(engine, "before_cursor_execute", statement)


def files(count, text):
    return {f"acme.n{n % 3}/files/d{n % 7}/x{n}.txt": f"{text} {n}\n" for n in range(count)}


def test_the_first_sync_of_many_files_issues_few_statements(team, counted):
    team.repository.commit(files(600, "first"))

    team.follow(layout="namespace-first")
    first = dict(counted)
    team.repository.commit(files(600, "second"))
    counted.update(statements=0, reads=0)
    seen = team.look()

    assert seen.sync_state == "Synced"
    assert first["statements"] < 100
    assert counted["statements"] < 100 + 2 * 200  # what ran is read for each diff that is shown
    assert (first["reads"], counted["reads"]) == (
        7,
        7,
    )  # for the plan and the apply, 200 each; diffs
    assert team.file("d4/x599.txt", "acme.n2") == b"second 599\n"


def test_the_first_sync_of_many_flows_issues_five_statements_for_each(team, counted):
    flows = {f"f{n}.yaml": flow(f"f{n}", f"acme.n{n % 3}") for n in range(200)}
    team.repository.commit(flows)

    seen = team.follow()

    assert seen.sync_state == "Synced"
    assert counted["statements"] < 5 * 200 + 100
    assert team.flow("f199", "acme.n1").revision == 1


def test_each_file_of_many_has_its_own_versions_and_one_snapshot(team):
    team.repository.commit({"acme.a/files/x.txt": "1", "acme.a/files/y.txt": "1"})
    team.follow(layout="namespace-first")
    team.repository.commit({"acme.a/files/x.txt": "2", "acme.a/files/z.txt": "2"})
    team.look()

    versions = {
        path: [row.version for row in namespace_files.versions(team.rt, "acme.a", path)]
        for path in ("x.txt", "y.txt", "z.txt")
    }

    assert versions == {"x.txt": [1, 2], "y.txt": [1], "z.txt": [1]}
    assert team.file("y.txt", "acme.a") == b"1"
