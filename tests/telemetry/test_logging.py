"""Log lines as JSON, with the ids of what they are about."""

import io
import json
import logging
from dataclasses import replace

import pytest

from app.service import executions, flows
from app.service.boot import make_runtime
from app.settings import load_settings
from app.telemetry.logging import about, set_up
from tests.support.driver import ListPublisher
from tests.telemetry.conftest import FLOW, wait_for

FLOW_OF_NO_TYPE = (
    '{"id": "%s", "namespace": "telemetry.cluster", '
    '"tasks": [{"id": "first", "type": "org.example.Gone"}]}'
)


@pytest.fixture
def lines(monkeypatch):
    root = logging.getLogger()
    before, level, stream = list(root.handlers), root.level, io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    set_up("INFO", "json")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_an_object_with_level_logger_and_time(lines):
    logging.getLogger("app.somewhere").warning("jobs were not published: %s", "ConnectionError")

    (line,) = lines()
    assert line["event"] == "jobs were not published: ConnectionError"
    assert (line["level"], line["logger"]) == ("warning", "app.somewhere")
    assert line["time"].endswith("Z")


def test_lines_of_a_block_carry_its_ids_and_later_ones_do_not(lines):
    log = logging.getLogger("app.somewhere")
    with about(execution="abc"):
        log.info("inside")
    log.info("outside")

    inside, outside = lines()
    assert inside["execution"] == "abc"
    assert "execution" not in outside


def test_an_exception_is_part_of_its_object(lines):
    try:
        raise ValueError("no such thing")
    except ValueError:
        logging.getLogger("app.somewhere").exception("beat failed")

    (line,) = lines()
    assert "ValueError: no such thing" in line["exception"]


def test_a_worker_writes_json(cluster):
    found = cluster.log_lines("worker")

    assert found
    assert all({"event", "level", "logger", "time"} <= set(line) for line in found)


def test_lines_of_a_worker_about_an_execution_carry_its_id(cluster):
    """A flow that no worker can build: the one that tries says so for that execution."""
    rt = make_runtime(load_settings(cluster.environ), cluster.environ)
    kept = ListPublisher(life=rt.publisher.incarnation())
    silent = replace(rt, publisher=kept)
    flows.save(silent, FLOW.replace("observed", "spoiled"))
    execution = executions.start(silent, "telemetry.cluster", "spoiled")
    with rt.database.transaction() as tx:
        document = FLOW_OF_NO_TYPE % "spoiled"
        tx.exec_driver_sql(f"update flow_revisions set document = '{document}' "
                           "where id = 'spoiled'")  # fmt: skip
    rt.publisher.publish(kept.jobs)

    def told():
        return [line for line in cluster.log_lines("worker") if line.get("execution") == execution]

    (first, *_) = wait_for(told, "a line about the execution")
    rt.database.close()

    assert first["event"] == "a step cannot be claimed"
    assert first["level"] == "error"
    assert "org.example.Gone" in first["exception"]
