"""The recipe that parts the log by month, on a real PostgreSQL, with the product on top of it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.database import logs
from app.service import purging
from tests.conftest import make_driver

SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "partition-logs.sql"
FLOW = """
id: speaks
namespace: parts
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hello}]
"""
pytestmark = pytest.mark.postgres


@pytest.fixture
def parted(postgres, postgres_template, tmp_path):
    """An installation that had lines when its log was parted."""
    url = postgres.new_database(postgres_template)
    driver = make_driver(url, tmp_path)
    driver.before = driver.run(FLOW)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        driver.sql = connection.execute
        yield driver
    driver.process.stop()
    driver.rt.database.close()


def by_partition(driver):
    rows = driver.sql("select tableoid::regclass::text, count(*) from logs group by 1").fetchall()
    return Counter(dict(rows))


def next_month():
    return (datetime.now(UTC).replace(day=1) + timedelta(days=32)).replace(day=2, microsecond=7)


def lines(at, count):
    return [
        logs.LogLine("parts", "speaks", "e", "say", "run", 1, n, at, 2, f"line {n}")
        for n in range(count)
    ]


def test_what_was_there_can_be_read_and_flows_go_on(parted):
    after = parted.run(FLOW)

    assert parted.messages(parted.before) == parted.messages(after) == ["hello"]
    assert set(by_partition(parted)) == {"logs_before"}


@pytest.mark.parametrize("count", [3, logs.FEW + 1], ids=["few", "many"])
def test_lines_go_to_their_month_and_one_that_comes_twice_is_there_once(parted, count):
    at = next_month()
    for _ in range(2):
        with parted.rt.database.transaction() as tx:
            logs.add(tx, lines(at, count))

    assert by_partition(parted)[f"logs_{at:%Y_%m}"] == count


def test_a_month_is_dropped_at_once_and_later_ones_are_made_ahead(parted):
    at = next_month()
    with parted.rt.database.transaction() as tx:
        logs.add(tx, lines(at, 3))
    before = by_partition(parted)
    parted.sql(f"drop table logs_{at:%Y_%m}")
    made = [parted.sql("select trunkline_log_partitions()").fetchone()[0] for _ in range(2)]

    assert before - by_partition(parted) == {f"logs_{at:%Y_%m}": 3}
    assert made == [1, 0]


def test_lines_beyond_the_months_that_are_there_are_kept_as_well(parted):
    with parted.rt.database.transaction() as tx:
        logs.add(tx, lines(datetime.now(UTC) + timedelta(days=400), 2))

    assert by_partition(parted)["logs_rest"] == 2


def test_retention_takes_the_lines_of_executions_out_of_all_partitions(parted):
    parted.clock.advance(40 * 86_400)
    parted.run(FLOW)
    kept = sum(by_partition(parted).values())
    parted.clock.advance(40 * 86_400)
    settings = parted.rt.settings.model_copy(update={"retention_days": 1})
    purging.purge(replace(parted.rt, settings=settings))

    assert kept > 0
    assert sum(by_partition(parted).values()) == 0
