"""Random worlds over the engine. A failing seed is printed with its world, and tells it again.

`TRUNKLINE_SEED` is the first seed and `TRUNKLINE_EXECUTIONS` how many executions there are at
least, over all shares of a test (on PostgreSQL a fiftieth of them).
"""

import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import make_driver
from tests.simulation.world import MortalDatabase, World

FIRST_SEED = int(os.environ.get("TRUNKLINE_SEED", "1"))
QUICK = int(os.environ.get("TRUNKLINE_EXECUTIONS", "2000"))
MANY = int(os.environ.get("TRUNKLINE_EXECUTIONS", "50000"))
EACH = 6  #: executions started in one world
SHARES = 4  #: of a test, so that all workers of the test run have some
MANY_SHARES = 8


@pytest.fixture
def memory():
    """A folder that no disk slows down."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="trunkline-simulation-", dir=place) as folder:
        yield Path(folder)


def driver_of(url, folder):
    return make_driver(url, folder, migrated=True, kind=MortalDatabase)


@pytest.fixture
def driver(memory, sqlite_template):
    place = memory / "simulation.db"
    place.write_bytes(sqlite_template.read_bytes())
    made = driver_of(f"sqlite:///{place}", memory)
    with closing(made.rt.database):
        yield made


@pytest.fixture
def postgres_driver(memory, postgres, postgres_template):
    made = driver_of(postgres.new_database(postgres_template), memory)
    with closing(made.rt.database):
        yield made


def world_of(driver, seed):
    return World(driver, seed, faults=seed % 4 != 0, users=seed % 2 == 1)


def simulate(driver, wanted, seed):
    total = 0
    while total < wanted:
        world = world_of(driver, seed)
        try:
            total += world.run(EACH)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r} {dict(world.stats)}") from error
        seed += 1
    sys.stdout.write(f"{total} executions, up to seed {seed - 1}\n")
    return total


@pytest.mark.parametrize("share", range(SHARES))
def test_every_execution_ends_once_in_any_world(driver, share):
    wanted = QUICK // SHARES

    assert simulate(driver, wanted, FIRST_SEED + share * 1000) >= wanted


def test_a_seed_tells_the_same_story_again(driver):
    stories = []
    for _ in range(2):
        world = world_of(driver, FIRST_SEED + 500)
        world.run(EACH)
        stories.append(world.story())

    assert stories[0] == stories[1]


@pytest.mark.slow
@pytest.mark.spread
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("share", range(MANY_SHARES))
def test_every_execution_ends_once_in_many_worlds(driver, share):
    wanted = MANY // MANY_SHARES

    assert simulate(driver, wanted, FIRST_SEED + 100_000 * (share + 1)) >= wanted


@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_every_execution_ends_once_on_postgres(postgres_driver):
    wanted = MANY // 50

    assert simulate(postgres_driver, wanted, FIRST_SEED + 1_000_000) >= wanted
