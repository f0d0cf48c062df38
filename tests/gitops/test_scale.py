"""Many flows and files: bounded memory, and only what changed is read (T14; slow)."""

import resource
import time

import pytest

from app.service.gitops import states
from tests.support.repository import flow

pytestmark = pytest.mark.slow


def test_t14_of_a_thousand_flows_only_the_changed_one_is_read_and_synced_within_two_seconds(
    team, monkeypatch
):
    files = {f"f{n}.yaml": flow(f"f{n}") for n in range(1000)}
    team.repository.commit(files)
    team.follow()
    read = []
    original = states.Painter._understand

    def counted(self, data, place):
        read.append(place)
        return original(self, data, place)

    monkeypatch.setattr(states.Painter, "_understand", counted)
    team.repository.commit({"f7.yaml": flow("f7", message="changed")})

    began = time.monotonic()
    seen = team.look()
    seconds = time.monotonic() - began

    assert (len(read), seen.sync_state) == (1, "Synced")
    assert team.flow("f7").revision == 2
    assert team.flow("f8").revision == 1
    assert seconds < 2


def test_five_thousand_flows_and_twenty_thousand_files_are_synced_in_bounded_memory(team):
    files = {
        f"acme.n{n % 50}/flows/f{n}.yaml": flow(f"f{n}", f"acme.n{n % 50}") for n in range(5000)
    }
    files |= {f"acme.n{n % 50}/files/{n}.txt": f"{n}\n" * 200 for n in range(20_000)}
    team.repository.commit(files)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    seen = team.follow(layout="namespace-first")

    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert (seen.sync_state, seen.problems) == ("Synced", [])
    assert team.file("19999.txt", "acme.n49").startswith(b"19999\n")
    assert grown_mb < 400
