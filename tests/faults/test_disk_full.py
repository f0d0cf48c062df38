"""A full disk: the attempt or the request fails with that reason; freed, all goes on."""

import pytest

from tests.faults.cluster import Broker, Cluster, until
from tests.support.disks import small_disk

CORE = "io.kestra.plugin.core"
pytestmark = pytest.mark.slow


@pytest.fixture
def tiny(tmp_path):
    """A file system of 24 MB."""
    with small_disk(tmp_path / "tiny", 24) as folder:
        yield folder


def fill(folder):
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65_536)
        except OSError:
            return path


def test_a_full_storage_fails_the_attempt_with_its_reason(tiny, tmp_path):
    broker = Broker(tmp_path / "broker")
    cluster = Cluster(
        tmp_path / "cluster",
        f"sqlite:///{tmp_path / 'trunkline.db'}",
        broker,
        STORAGE_URL=f"file://{tiny / 'storage'}",
    )
    with cluster.running():
        cluster.script_flow(
            "writes", "head -c 1000000 /dev/zero > big.bin; echo $ID ok >> $EFFECTS"
        )
        text = cluster.client.get("/flows/faults/writes?source=true").json()["source"]
        cluster.flow(text + "    outputFiles: [big.bin]\n")
        filler = fill(tiny)
        full = cluster.wait(cluster.start("writes"))
        lines = cluster.client.get(f"/logs/{full['id']}").json()
        filler.unlink()
        freed = cluster.wait(cluster.start("writes"))

    assert full["state"]["current"] == "FAILED"
    assert any("No space left on device" in line["message"] for line in lines)
    assert freed["state"]["current"] == "SUCCESS"


def test_a_full_disk_of_the_database_gives_503_with_its_reason(tiny, tmp_path):
    broker = Broker(tmp_path / "broker")
    cluster = Cluster(tmp_path / "cluster", f"sqlite:///{tiny / 'trunkline.db'}", broker)
    with cluster.running():
        cluster.script_flow("runs", "echo $ID ok >> $EFFECTS")
        filler = fill(tiny)
        answer = until(lambda: refused(cluster), "it was accepted for ever", 180)
        filler.unlink()
        execution = cluster.start_surely("runs", "freed")
        freed = cluster.wait(execution)

    assert answer.status_code == 503
    assert "disk is full" in answer.json()["message"]
    assert freed["state"]["current"] == "SUCCESS"


def refused(cluster):
    """The first answer that is no 200: pages that are free already are used up before."""
    answer = cluster.client.post("/executions/faults/runs")
    return None if answer.status_code == 200 else answer
