"""A database that is away for a moment: what was due stays due, and nobody is blamed for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import pytest

from app.database import executions as execution_rows
from app.database import idempotency, triggers
from app.errors import DatabaseAway, NotFound
from app.model.state import State
from app.service import executions, flows, kv, listeners, schedules, search, webhook_start
from app.service.search import Wanted
from app.service.world import OpenWorld
from tests.support.blips import at_each_use, blip

CLOCK = """
id: clock
namespace: company.team
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: tick}]
triggers:
  - id: often
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "*/5 * * * * *"
    withSeconds: true
    allowConcurrent: true
    inputs: {a: "{{ kv('place', errorOnMissing=false) ?? 'none' }}"}
inputs: [{id: a, type: STRING}]
"""
SOURCE = "id: {id}\nnamespace: company.{id}\ntasks: [{{id: t, type: {log}, message: x}}]\n{more}"
LOG = "io.kestra.plugin.core.log.Log"
ON = """triggers:
  - id: on
    type: io.kestra.plugin.core.trigger.Flow
    inputs: {a: "{{ kv('place', errorOnMissing=false) ?? 'none' }}"}
inputs: [{id: a, type: STRING}]
"""
HOOK = "triggers: [{id: h, type: io.kestra.plugin.core.trigger.Webhook, key: \"{{ kv('k') }}\"}]\n"


def rows(driver, flow_id):
    wanted = Wanted(flow_id=flow_id)
    sort = [("state.startDate", False)]
    return search.list_executions(driver.rt, wanted, page=1, size=500, sort=sort)[0]


def save(driver, flow_id, more=""):
    driver.save(SOURCE.format(id=flow_id, log=LOG, more=more))


def test_a_schedule_fires_every_instant_and_no_other(driver):
    driver.save(CLOCK)
    times = 0
    for _ in at_each_use(driver.rt.database, lambda: schedules.fire_due(driver.rt)):
        driver.clock.advance(5)
        times += 1
    schedules.fire_due(driver.rt)

    fired = [row.trigger["variables"]["date"] for row in rows(driver, "clock")]
    assert times > 3
    assert fired == [f"2026-05-01T12:00:{5 * n:02}Z" for n in range(1, len(fired) + 1)]
    assert len(fired) >= times - 1
    assert {row.state for row in rows(driver, "clock")} == {"CREATED"}


def test_a_trigger_that_cannot_be_fired_keeps_its_instant_and_holds_up_no_other(
    driver, monkeypatch
):
    driver.save(CLOCK)
    driver.save(CLOCK.replace("id: clock", "id: other"))
    driver.clock.advance(5)
    known = flows.index

    def index(rt, namespace, flow_id, revision):
        if flow_id == "clock":
            raise NotFound("this revision can no longer be read")
        return known(rt, namespace, flow_id, revision)

    monkeypatch.setattr(flows, "index", index)
    following = schedules.fire_due(driver.rt)
    again = schedules.fire_due(driver.rt)
    with driver.rt.database.reading() as tx:
        put_off = triggers.find(tx, "company.team", "clock", "often")
    monkeypatch.setattr(flows, "index", known)
    driver.clock.advance(61)
    for _ in range(30):
        schedules.fire_due(driver.rt)

    assert put_off.next_at.isoformat() == "2026-05-01T12:00:05+00:00"
    assert driver.rt.clock() < put_off.put_off_until + schedules.PUT_OFF
    assert following == again
    assert following.isoformat() == "2026-05-01T12:00:10+00:00"
    dates = [row.trigger["variables"]["date"] for row in rows(driver, "clock")]
    assert dates[:2] == ["2026-05-01T12:00:05Z", "2026-05-01T12:00:10Z"]
    assert all(date.endswith(("0Z", "5Z")) for date in dates)


def test_a_trigger_that_alone_is_put_off_does_not_wake_beat_before_its_time(driver, monkeypatch):
    driver.save(CLOCK)
    driver.clock.advance(5)
    monkeypatch.setattr(flows, "index", lambda *_: (_ for _ in ()).throw(NotFound("unread")))

    following = schedules.fire_due(driver.rt)

    assert 59 < (following - driver.rt.clock()).total_seconds() < 61


def test_a_flow_trigger_hears_every_end(driver):
    save(driver, "up")
    save(driver, "down", ON)
    ended = driver.start("company.up", "up")
    driver.work()
    driver.work_timers(1)
    with driver.rt.database.reading() as tx:
        row = execution_rows.find(tx, ended)
    count = len(rows(driver, "down"))

    def tell():
        listeners.tell_state(driver.rt, row, State.SUCCESS, f"state {count}")

    for _ in at_each_use(driver.rt.database, tell):
        count += 1
        assert len(rows(driver, "down")) == count
    assert count > 5


def test_a_webhook_says_that_the_database_is_away_and_not_that_there_is_none(driver):
    save(driver, "hooked", HOOK)
    kv.put(driver.rt, {"namespace": "company.hooked", "key": "k", "value": "the-key"})
    place = (driver.rt, "company.hooked", "hooked", "the-key")
    for nth in range(3):
        with blip(driver.rt.database, nth), pytest.raises(DatabaseAway):
            webhook_start.start(*place, body=b"", headers={}, parameters={})

    assert webhook_start.start(*place, body=b"", headers={}, parameters={}) is not None


def test_a_key_that_is_used_at_once_starts_one_execution(driver, monkeypatch):
    save(driver, "up")
    known, seen = idempotency.find, set()

    def find(tx, scope, key):
        """Each thread looks first before any other has written."""
        thread = get_ident()
        if thread in seen:
            return known(tx, scope, key)
        seen.add(thread)
        return None

    monkeypatch.setattr(idempotency, "find", find)
    barrier = Barrier(8)

    def start():
        barrier.wait(30)
        return executions.start(driver.rt, "company.up", "up", {}, idempotency_key="k")

    with ThreadPoolExecutor(8) as pool:
        answers = {future.result() for future in [pool.submit(start) for _ in range(8)]}

    assert answers == {row.id for row in rows(driver, "up")}
    assert len(answers) == 1


def test_an_expression_does_not_fail_for_a_database_that_is_away(driver):
    world = OpenWorld(driver.rt, "company.team", "f")
    with blip(driver.rt.database, 0), pytest.raises(DatabaseAway):
        world.call("kv", {"key": "place", "error_on_missing": False})
