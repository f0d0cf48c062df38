"""Queues: what waits in each, and how they are paused."""

import pytest

from app.dispatch.job import Depth
from app.service import queue_pauses
from app.service.presence import Presence
from app.service.routing import served


def queue(api, name):
    found = api.get("/instance/queues", size=100)["results"]
    return next(one for one in found if one["name"] == name)


def test_a_queue_is_paused_and_resumed(api):
    before = queue(api, "script")
    api.send("PUT", "/instance/queues/paused/script", status=204)
    first = queue(api, "script")
    api.driver.clock.advance(60)
    api.send("PUT", "/instance/queues/paused/script", status=204)
    again, other = queue(api, "script"), queue(api, "docker")
    api.send("DELETE", "/instance/queues/paused/script", status=204)

    assert (before["canBePaused"], "pausedSince" in before) == (True, False)
    assert first["pausedSince"].endswith("Z")
    assert again["pausedSince"] == first["pausedSince"]  # a second word changes nothing
    assert "pausedSince" not in other
    assert queue(api, "script") == before
    api.send("DELETE", "/instance/queues/paused/script", status=404)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("engine", "every execution takes its steps through it"),
        ("engine.gpu", "every execution takes its steps through it"),
        ("git", "suspend the source or binding instead"),
        ("two words", "names no queue"),
        ("x" * 301, "names no queue"),
    ],
)
def test_what_must_not_rest_is_refused_with_the_reason(lite, name, why):
    answer = lite.call("PUT", f"/instance/queues/paused/{name}")

    assert answer.status_code == 422
    assert why in answer.get_json()["message"]
    assert queue_pauses.list_marks(lite.driver.rt) == []


def test_what_waits_in_a_paused_queue_is_told_by_queue_and_execution(lite):
    lite.flow("one", tasks="{id: t, type: io.kestra.plugin.core.http.Request, uri: 'http://a.b'}")
    execution = lite.send("POST", "/executions/team.a/one")["id"]
    place = queue_of(lite, execution)
    clock = lite.driver.clock
    Presence(lite.driver.rt, "worker", "w", clock(), queues=(place,)).show()
    with lite.driver.rt.database.transaction() as tx:
        tx.exec_driver_sql(f"insert into queue_pauses (name, since) values ('{place}', 0)")

    told = lite.get(f"/executions/{execution}/waiting")

    assert (told["served"], told["queuePaused"]) == (True, True)
    assert queue(lite, place)["waiting"] == 1
    assert place in served(lite.driver.rt).now  # no fallback sends its work elsewhere


def queue_of(api, execution):
    return api.get(f"/executions/{execution}/waiting")["queue"]


def test_the_depth_has_parts_where_the_broker_tells_them(lite, monkeypatch):
    depths = {"script": Depth(5, 2), "docker": Depth(7)}
    ask = depths.get
    monkeypatch.setattr(lite.driver.publisher, "depth_by_priority", ask, raising=True)

    script, docker, away = (queue(lite, name) for name in ("script", "docker", "git"))

    assert (script["depth"], script["depthByPriority"]) == (5, {"normal": 3, "background": 2})
    assert (docker["depth"], docker["depthByPriority"]) == (7, None)
    assert (away["depth"], away["depthByPriority"]) == (None, None)
