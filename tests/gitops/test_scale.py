"""Many flows: only what changed is read (T14; slow)."""

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
