"""Several beats: each instant of a schedule fires once, and none is missed."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.faults.cluster import until
from tests.faults.test_failpoints import EVERY_SECOND


@pytest.mark.slow
def test_four_beats_that_die_and_come_back_fire_each_instant_once(cluster):
    others = [cluster.beat(f"beat{n}") for n in range(3)]
    cluster.flow(EVERY_SECOND.format(flow_id="once-each"))

    def fired():
        query = {"namespace": "faults", "flowId": "once-each", "size": 100}
        found = cluster.client.get("/executions", params=query).json()
        return sorted(item["trigger"]["variables"]["date"] for item in found["results"])

    for n, beat in enumerate(others):
        until(lambda n=n: len(fired()) >= 3 * (n + 1), "the schedule stands still", 180)
        beat.kill_group()
    until(lambda: len(fired()) >= 12, "the schedule stands still", 180)
    cluster.client.delete("/flows/faults/once-each")
    instants = [datetime.fromisoformat(text) for text in fired()]

    assert len(set(instants)) == len(instants)
    assert {later - earlier for earlier, later in pairwise(instants)} == {timedelta(seconds=1)}
