"""Many flows and files: only what changed is read, in bounded memory (T14; slow)."""

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


def test_five_thousand_flows_and_twenty_thousand_files_sync_in_bounded_memory(team):
    files = {f"a{n % 50}/f{n}.yaml": flow(f"f{n}") for n in range(5_000)}
    files |= {f"team/_files/d{n % 200}/x{n}.txt": f"content {n}\n" for n in range(20_000)}
    team.repository.commit(files)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    began = time.process_time()  # of this process: other work on the machine does not count
    first = team.follow()
    whole_s = time.process_time() - began
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    team.repository.commit({"a7/f7.yaml": flow("f7", message="changed")})
    began = time.process_time()
    second = team.look()
    changed_s = time.process_time() - began
    began = time.process_time()
    team.poll()
    quiet_s = time.process_time() - began

    assert (first.sync_state, second.sync_state) == ("Synced", "Synced")
    assert team.flow("f7").revision == 2
    assert team.flow("f8").revision == 1
    assert team.file("d7/x7.txt") == b"content 7\n"
    assert grown_mb < 600
    assert whole_s < 200
    assert changed_s < 6
    assert quiet_s < 1
