"""The simulation of sizes: it finds the part that is full, and waits grow as queues do."""

import pytest

from bench.capacity import (
    FULL,
    Costs,
    Installation,
    bottleneck,
    catch_up,
    loss_table,
    table,
    waits,
)

COSTS = Costs(worker=4.0, postgres=1.0, broker=0.1)


def test_few_workers_are_full_before_the_database():
    assert bottleneck(COSTS, Installation(2, database=8)) == ("worker", 2 / 0.004 * FULL)


def test_many_workers_fill_the_database_and_shards_move_that_bound():
    one = bottleneck(COSTS, Installation(400, database=8))
    four = bottleneck(COSTS, Installation(400, database=8, shards=4))

    assert one == ("postgres", 8 / 0.001 * FULL)
    assert four[1] == 4 * one[1]


def test_steps_wait_little_while_all_parts_have_room_and_long_when_one_is_full():
    at = Installation(8, database=4)
    _, rate = bottleneck(COSTS, at)

    assert waits(COSTS, at, rate / 4) < 1
    assert waits(COSTS, at, rate) < 20
    assert waits(COSTS, at, rate / FULL * 1.1) > 200


def test_after_a_loss_a_busy_installation_is_late_for_longer_than_an_idle_one():
    at = Installation(4, database=4)
    idle, half, busy = (catch_up(COSTS, at, load, away_s=5) for load in (0.25, 0.5, 0.75))

    # in t seconds t of work are done, and (5 + t) × load have come: until a second's worth is left
    assert idle == pytest.approx(1 / 3, abs=0.2)
    assert half == pytest.approx(3, abs=0.5)
    assert busy == pytest.approx(11, abs=1.5)


def test_the_table_of_losses_has_a_line_for_each_load():
    text = loss_table({"in process": COSTS}, away_s=2)

    assert text.splitlines()[0] == "| busy before | in process |"
    assert [line[:6] for line in text.splitlines()[2:]] == ["| 25% ", "| 50% ", "| 75% "]


def test_the_table_has_a_line_for_each_size_and_kind_of_step():
    text = table({"in process": COSTS})

    assert text.count("| in process |") == len(text.splitlines()) - 2
    assert "| 2 | 1 × 2 | in process | 400 | worker |" in text


@pytest.mark.parametrize("shards", [1, 3])
def test_no_part_of_a_shard_is_without_a_core(shards):
    at = Installation(1, database=2, shards=shards)

    assert [at.cores(part) for part in ("worker", "postgres", "broker")] == [1, 2, 1]
