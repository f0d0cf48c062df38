"""The same key twice: one execution for one sender and one body, whatever else is equal."""

import io
import threading

import pytest

from app.errors import Invalid
from app.service import executions
from app.service.access.audit import Act
from app.service.inputs import Upload

FLOW = (
    "id: f\nnamespace: a\ninputs:\n  - {id: file, type: FILE, required: false}\n"
    "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]\n"
)


@pytest.fixture
def start(driver):
    driver.save(FLOW)
    driver.save(FLOW.replace("hi", "two"))

    def begin(content=None, actor="ana", **more):
        given = {} if content is None else {"file": Upload("f.txt", io.BytesIO(content))}
        act = Act(actor=actor, action="start", target="f", verdict="DONE")
        return executions.start(driver.rt, "a", "f", given, idempotency_key="k", act=act, **more)

    return begin


def test_files_count_by_what_they_hold(start, driver):
    first = start(b"one")

    assert start(b"one") == first
    with pytest.raises(Invalid, match="another body"):
        start(b"two")
    [uri] = executions.get(driver.rt, first).inputs.values()
    assert driver.rt.storage.open(uri).read() == b"one"


@pytest.mark.parametrize("more", [{"revision": 1}, {"kind": "TEST"}, {"labels": {"a": "b"}}])
def test_what_else_was_asked_counts_too(start, more):
    start()

    with pytest.raises(Invalid, match="another body"):
        start(**more)


def test_a_key_is_its_senders(start):
    """Else whoever guesses a key first decides what comes of somebody else's start."""
    assert start(actor="ana") == start(actor="ana")
    assert start(actor="ana") != start(actor="bob")


def test_two_requests_at_one_moment_start_one_execution(start, driver):
    found, gate = [], threading.Barrier(6)

    def go():
        gate.wait()
        found.append(start())

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(found) == 6
    assert len(set(found)) == 1
