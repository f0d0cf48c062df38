"""Clusters of real processes for the fault tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import Broker, Cluster


@pytest.fixture
def make_cluster(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Cluster]]:
    """Makes clusters of a test's own; `database` is sqlite or postgres."""
    made: list[Cluster] = []

    def make(database: str = "sqlite", *, keeps: bool = False, **environ: Any) -> Cluster:
        folder = tmp_path / f"cluster{len(made)}"
        url = f"sqlite:///{folder / 'trunkline.db'}"
        if database == "postgres":
            url = request.getfixturevalue("postgres").new_database()
        made.append(Cluster(folder, url, Broker(folder / "broker", keeps=keeps), **environ))
        return made[-1]

    yield make
    for cluster in made:
        cluster.stop()


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
)
def standing_cluster(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """One cluster for all tests on each database: starting processes is what costs time."""
    folder = tmp_path_factory.mktemp("cluster")
    url = f"sqlite:///{folder / 'trunkline.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    made = Cluster(folder, url, Broker(folder / "broker"))
    with made.running():
        yield made


@pytest.fixture
def cluster(standing_cluster: Cluster) -> Cluster:
    """An API, a beat and a worker that run, whatever the test before did to them."""
    standing_cluster.revive()
    standing_cluster.clear()
    return standing_cluster
