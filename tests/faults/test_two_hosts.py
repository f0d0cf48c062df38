"""Two machines: a worker in a network of its own reaches database and broker over one cable.

The cable is a pair of virtual interfaces. Pulled, it swallows everything and tells nobody, as a
dead switch does; the worker on the other side lives on alone.
"""

import contextlib
import os
import subprocess

import pytest

from tests.faults.cluster import attempts, until
from tests.faults.proxy import Proxy

HERE, THERE = "10.231.77.1", "10.231.77.2"
SCRIPT = "echo $ID begin $ATTEMPT >> $EFFECTS; sleep 3; echo $ID end $ATTEMPT >> $EFFECTS"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Cable:
    """A network namespace as another machine, and the way to it."""

    def __init__(self) -> None:
        number = os.getpid()
        self.machine, self.here, self.there = f"trunk{number}", f"tk{number}a", f"tk{number}b"

    def lay(self) -> None:
        ip("netns", "add", self.machine)
        ip("link", "add", self.here, "type", "veth", "peer", "name", self.there)
        ip("link", "set", self.there, "netns", self.machine)
        ip("address", "add", f"{HERE}/30", "dev", self.here)
        ip("link", "set", self.here, "up")
        ip("-n", self.machine, "address", "add", f"{THERE}/30", "dev", self.there)
        ip("-n", self.machine, "link", "set", self.there, "up")
        ip("-n", self.machine, "link", "set", "lo", "up")

    def pull(self) -> None:
        ip("link", "set", self.here, "down")

    def plug_in(self) -> None:
        ip("link", "set", self.here, "up")

    def remove(self) -> None:
        for words in (("netns", "delete", self.machine), ("link", "delete", self.here)):
            with contextlib.suppress(subprocess.CalledProcessError, FileNotFoundError):
                ip(*words)


@pytest.fixture
def cable():
    made = Cable()
    try:
        made.lay()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        made.remove()
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail(f"network namespaces are required here: {error}")
        pytest.skip(f"no network namespace can be made here: {error}")
    yield made
    made.remove()


@pytest.fixture
def doors(cable, postgres, make_cluster):
    """A cluster, and where the other machine finds its database and its broker."""
    cluster = make_cluster("postgres")
    cluster.beat()
    cluster.api()
    database, broker = Proxy(postgres.port, None, HERE), Proxy(cluster.broker.port, None, HERE)
    url = cluster.settings.database_url
    yield (
        cluster,
        {
            "database_url": url.replace(f"127.0.0.1:{postgres.port}", f"{HERE}:{database.port}"),
            "broker_url": f"redis://{HERE}:{broker.port}/0",
        },
    )
    database.close()
    broker.close()


def begun(cluster, ids):
    return [one for one in ids if cluster.effects_of(one)]


def test_a_machine_that_is_cut_off_and_comes_back_loses_and_doubles_nothing(cable, doors):
    cluster, ways = doors
    host = ("ip", "netns", "exec", cable.machine)
    far = cluster.worker("far", host=host, **ways)
    cluster.script_flow("split", SCRIPT)
    ids = [cluster.start("split") for _ in range(6)]
    until(lambda: begun(cluster, ids), "the other machine does nothing", 180)
    near = cluster.worker("near")
    until(lambda: len(begun(cluster, ids)) >= 2, "the second worker does nothing", 180)
    cable.pull()
    alone = cluster.scripts()
    until(lambda: not set(cluster.scripts()) & set(alone), "a script outlived its lease", 60)
    assert cluster.states(ids, 180) == {"SUCCESS": 6}
    cable.plug_in()
    near.kill_group()
    late = cluster.start("split")

    assert cluster.wait(late, 180)["state"]["current"] == "SUCCESS"  # by the one that came back
    assert far.is_alive
    for one in [*ids, late]:
        wrote = cluster.effects_of(one)
        (states,) = attempts(cluster.get(one))
        assert len({tuple(words) for words in wrote}) == len(wrote), wrote  # no attempt ran twice
        assert ["end", str(len(states) - 1)] in wrote
        assert states == ["KILLED"] * (len(states) - 1) + ["SUCCESS"]
