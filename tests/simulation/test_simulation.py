"""Random worlds over the engine. A failing seed is printed with its world.

`TRUNKLINE_SEED` is the first seed, `TRUNKLINE_EXECUTIONS` how many executions there are at least;
the slow test ends after `TRUNKLINE_SIMULATION_S` seconds when it has not had so many by then.
"""

import os
import shutil
import sys
import time

import pytest

from tests.conftest import make_driver
from tests.simulation.world import World

FIRST_SEED = int(os.environ.get("TRUNKLINE_SEED", "1"))
QUICK = int(os.environ.get("TRUNKLINE_EXECUTIONS", "150"))
EACH = 6  #: executions started in one world


def simulate(folder, template, wanted, first, seconds=float("inf")):
    total, seed, ends = 0, first, time.monotonic() + seconds
    while total < wanted and (total < QUICK or time.monotonic() < ends):
        place = folder / str(seed)
        place.mkdir()
        shutil.copy(template, place / "sim.db")
        driver = make_driver(f"sqlite:///{place / 'sim.db'}", place, migrated=True)
        world = World(driver, seed, faults=seed % 4 != 0, users=seed % 2 == 1)
        try:
            total += world.run(EACH)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r} {dict(world.stats)}") from error
        finally:
            driver.rt.database.close()
            shutil.rmtree(place, ignore_errors=True)
        seed += 1
    return total


@pytest.mark.timeout(600)
def test_every_execution_ends_once_in_any_world(tmp_path, sqlite_template):
    assert simulate(tmp_path, sqlite_template, QUICK, FIRST_SEED) >= QUICK


@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_every_execution_ends_once_in_many_worlds(tmp_path, sqlite_template):
    wanted = int(os.environ.get("TRUNKLINE_EXECUTIONS", "50000"))
    seconds = float(os.environ.get("TRUNKLINE_SIMULATION_S", "240"))

    total = simulate(tmp_path, sqlite_template, wanted, 10_000, seconds)
    sys.stdout.write(f"{total} executions\n")
    assert total >= min(wanted, QUICK)
