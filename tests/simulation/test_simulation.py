"""Random worlds over the engine. A failing seed is printed with its world."""

import os

import pytest

from tests.conftest import make_driver
from tests.simulation.world import World

FIRST_SEED = int(os.environ.get("TRUNKLINE_SEED", "1"))


def simulate(tmp_path, worlds, first):
    total = 0
    for seed in range(first, first + worlds):
        folder = tmp_path / str(seed)
        folder.mkdir()
        driver = make_driver(f"sqlite:///{folder / 'sim.db'}", folder)
        world = World(driver, seed, faults=seed % 4 != 0, users=seed % 2 == 1)
        try:
            total += len(world.run(4))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error.args} {dict(world.stats)}") from error
        finally:
            driver.rt.database.close()
    return total


@pytest.mark.timeout(600)
def test_every_execution_ends_once_in_any_world(tmp_path):
    assert simulate(tmp_path, 25, FIRST_SEED) == 100


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_execution_ends_once_in_many_worlds(tmp_path):
    assert simulate(tmp_path, 150, 10_000) == 600
