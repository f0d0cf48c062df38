"""What callers are told while the database is away."""

import time
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine

from app.database import session
from tests.support.blips import blip

HOOK = "triggers: [{id: h, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefghijklmnop}]"
PATH = "/executions/webhook/team.a/hooked/abcdefghijklmnop"


@pytest.mark.parametrize("path", [PATH, "/executions/team.a/hooked"])
def test_a_start_is_answered_by_503_and_a_time_to_come_again(api, path):
    api.flow("hooked", HOOK)
    with blip(api.driver.rt.database, 0):
        away = api.call("POST", path)
    back = api.call("POST", path)

    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert "database" in away.json["detail"]
    assert back.status_code == 200


@contextmanager
def locked(url):
    """Another process writes to the SQLite file for as long as the block."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        other.exec_driver_sql("ROLLBACK")
    engine.dispose()


def test_a_file_that_others_lock_is_waited_for_once(lite, monkeypatch):
    lite.flow("f")
    database = lite.driver.rt.database
    database.close()
    monkeypatch.setattr(session, "BUSY_TIMEOUT_S", 1)
    began = time.monotonic()
    with locked(database.url):
        answer = lite.call("POST", "/executions/team.a/f")
    took = time.monotonic() - began

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert 0.9 < took < 1.8
