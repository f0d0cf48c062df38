"""What a branch costs the database does not grow with the number of its siblings."""

import time

import pytest
from sqlalchemy import create_engine, text

from app.database.session import normalise_url
from tests.conftest import make_driver

FEW, MANY = 15, 75
RETURN = "io.kestra.plugin.core.debug.Return"
LOOP = """
  - id: each
    type: io.kestra.plugin.core.flow.{kind}
    values: "{{{{ range(1, {count}) }}}}"
    concurrencyLimit: {limit}
    tasks: [{{id: inner, type: io.kestra.plugin.core.debug.Return, format: "{{{{ {value} }}}}"}}]
"""


def loop(kind, limit):
    value = "item.value" if kind == "Loop" else "taskrun.value"
    return lambda count: LOOP.format(kind=kind, limit=limit, value=value, count=count)


def dag(count):
    nodes = (f"{{task: {{id: i{n}, type: {RETURN}, format: '{n}'}}}}" for n in range(count))
    return "\n  - id: each\n    type: io.kestra.plugin.core.flow.Dag\n    tasks:\n" + "".join(
        f"      - {node}\n" for node in nodes
    )


def batches(count):
    rows = f"{{{{ range(1, {count}) | join('\\n') }}}}"
    return f"""
  - {{id: lines, type: io.kestra.plugin.core.storage.Write, content: "{rows}"}}
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{{{ outputs.lines.uri }}}}"
    batch: {{rows: 1}}
    namespace: a.b
    flowId: child
"""


@pytest.fixture
def on_postgres(postgres, postgres_template, tmp_path):
    # a planner may read a small table whole: it would hide what the indexes are for
    url = postgres.new_database(postgres_template)
    engine = create_engine(normalise_url(url))
    with engine.begin() as connection:
        name = engine.dialect.identifier_preparer.quote(engine.url.database)
        connection.execute(text(f"alter database {name} set enable_seqscan = off"))
    engine.dispose()
    driver = make_driver(url, tmp_path, migrated=True)
    driver.save(f"id: child\nnamespace: a.b\ntasks: [{{id: a, type: {RETURN}, format: a}}]")
    yield driver
    driver.process.stop()
    driver.rt.database.close()


def entries_read(driver):
    """How many index entries and rows were read in the whole database so far."""
    driver.rt.database.engine.dispose()  # the server counts what a connection read at its end
    counted = create_engine(driver.rt.database.engine.url)
    others = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    try:
        with counted.connect() as connection:
            ends = time.monotonic() + 30
            while connection.execute(text(others)).scalar():
                assert time.monotonic() < ends, "connections stay open"
                time.sleep(0.02)
        with counted.connect() as connection:
            indexes = "select sum(idx_tup_read) from pg_stat_user_indexes"
            tables = "select sum(seq_tup_read) from pg_stat_user_tables"
            return sum(int(connection.execute(text(one)).scalar()) for one in (indexes, tables))
    finally:
        counted.dispose()


@pytest.mark.parametrize(
    "branches",
    [
        pytest.param(loop("ForEach", 0), id="for-each"),
        pytest.param(loop("Loop", 1), id="loop-in-turn"),
        pytest.param(dag, id="dag"),
        pytest.param(batches, id="for-each-item", marks=pytest.mark.slow),
    ],
)
def test_the_reads_of_a_branch_do_not_grow_with_their_number(on_postgres, branches):
    reads = []
    for count in (5, FEW, MANY):  # at first caches are filled
        before = entries_read(on_postgres)
        head = f"id: f{count}\nnamespace: a.b\ntasks:"
        execution_id = on_postgres.run(head + branches(count))
        for _ in range(20):
            if on_postgres.state(execution_id) != "RUNNING":
                break
            on_postgres.work_timers(1)
        assert on_postgres.state(execution_id) == "SUCCESS"
        reads.append((entries_read(on_postgres) - before) / count)

    assert reads[2] < 1.5 * reads[1], reads
