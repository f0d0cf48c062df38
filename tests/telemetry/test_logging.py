"""Log lines as JSON, with the ids of what they are about."""

import io
import json
import logging

import pytest

from app.telemetry.logging import about, set_up


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
