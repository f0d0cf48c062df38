"""What a long log is asked for: texts and patterns by number, errors, counts over time."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.database.schema import logs
from app.service import log_windows

LINES = ("Alpha one", "beta", "alpha two", "gamma 22", "beta 3")
ERRORS = (1, 4)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def log(api):
    """An execution with a line in the midst of each of the last five minutes; two are errors."""
    say = "{id: quiet, type: io.kestra.plugin.core.debug.Return, format: x}"
    api.flow("one", tasks=say)
    execution = api.run("one")
    now = api.driver.rt.clock()
    place = {"execution_id": execution, "namespace": "team.a", "flow_id": "one"}
    rows = [
        {
            **place,
            "at": now - (len(LINES) - n - 0.5) * MINUTE,
            "level": 4 if n in ERRORS else 2,
            "message": message,
            "trigger_id": "nightly" if n == 0 else None,
        }
        for n, message in enumerate(LINES)
    ]
    with api.driver.rt.database.transaction() as tx:
        tx.execute(logs.delete())
        tx.execute(insert(logs), rows)
    return execution


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"q": "alpha"}, [0, 2]),
        ({"q": "alpha", "caseSensitive": "true"}, [2]),
        ({"q": "a.*o"}, []),
        ({"regex": "a.*o"}, [0, 2]),
        ({"regex": "^a"}, [2]),
        ({"regex": "^a", "caseSensitive": "false"}, [0, 2]),
        ({"errors": "true"}, [1, 4]),
        ({"errors": "true", "from": 1}, [4]),
        ({"errors": "true", "after": 1}, [4]),
        ({"errors": "true", "after": 0, "count": 1}, [1]),
        ({"errors": "true", "before": 9}, [4, 1]),
        ({"errors": "true", "before": 4, "count": 1}, [1]),
        ({"errors": "true", "before": 1}, []),
    ],
)
def test_lines_are_found_by_number(api, log, query, places):
    found = api.get(f"/logs/{log}/matches", **query)

    assert found["lines"] == places


@pytest.mark.parametrize(
    "query", [{"q": "BETA"}, {"regex": "b.ta"}, {"q": "beta", "caseSensitive": "true"}]
)
def test_only_the_lines_that_fit_are_counted_and_shown(api, log, query):
    window = api.get(f"/logs/{log}/lines", **query)
    last = api.get(f"/logs/{log}/lines", **{**query, "from": 1, "count": 1})
    loaded = api.call("GET", f"/logs/{log}/download", query_string=query).get_data(as_text=True)

    assert [line["message"] for line in window["lines"]] == ["beta", "beta 3"]
    assert [line.split(" ", 2)[2] for line in loaded.splitlines()] == ["beta", "beta 3"]
    assert (last["total"], [line["message"] for line in last["lines"]]) == (2, ["beta 3"])


def test_a_text_is_looked_for_in_messages_not_in_the_names_around_them(api, log):
    assert api.get(f"/logs/{log}/lines", q="team.a")["total"] == 0
    assert api.get(f"/logs/{log}/matches", q="team.a")["total"] == 0


def test_errors_are_numbered_among_the_lines_that_the_filter_leaves(api, log):
    found = api.get(f"/logs/{log}/matches", errors="true", minLevel="ERROR")

    assert (found["total"], found["lines"]) == (2, [0, 1])


def test_a_wrong_or_slow_pattern_is_told(api, log, monkeypatch):
    wrong = api.call("GET", f"/logs/{log}/matches?regex=(")
    both = api.call("GET", f"/logs/{log}/lines?regex=a&q=a")
    neither = api.call("GET", f"/logs/{log}/matches")
    monkeypatch.setattr(log_windows, "SEARCH_S", 0.0)
    slow = api.call("GET", f"/logs/{log}/lines?regex=a")

    assert (wrong.status_code, both.status_code, neither.status_code) == (400, 400, 400)
    assert "`regex`: invalid regular expression" in wrong.get_json()["message"]
    assert (slow.status_code, "takes too long" in slow.get_json()["message"]) == (422, True)


def test_lines_are_counted_by_level_over_time(api, log):
    found = api.get("/logs/histogram", timeRange="PT5M", bars=5)
    narrowed = api.get("/logs/histogram", timeRange="PT5M", bars=1, triggerId="nightly")
    of_day = api.get("/logs/histogram", minLevel="ERROR", bars=1)

    error, info = {"ERROR": 1}, {"INFO": 1}
    assert [bar["counts"] for bar in found["bars"]] == [info, error, info, info, error]
    assert found["stepMs"] == 60_000
    assert narrowed["bars"][0]["counts"] == info
    assert of_day["bars"][0]["counts"] == {"ERROR": 2}
    assert api.call("GET", "/logs/histogram?bars=201").status_code == 422


def test_executions_are_counted_by_state_over_time(api, log):
    api.flow("bad", tasks="{id: f, type: io.kestra.plugin.core.execution.Fail}")
    api.run("bad")
    states = {"filters[state][IN]": "FAILED"}

    whole = api.get("/executions/histogram", bars=2)
    failed = api.get("/executions/histogram", bars=2, **states)
    nothing = api.get("/executions/histogram", bars=2, startDate="2026-04-01T00:00:00Z",
                      endDate="2026-04-02T00:00:00Z")  # fmt: skip

    assert [bar["counts"] for bar in whole["bars"]] == [{}, {"FAILED": 1, "SUCCESS": 1}]
    assert [bar["counts"] for bar in failed["bars"]] == [{}, {"FAILED": 1}]
    assert [bar["counts"] for bar in nothing["bars"]] == [{}, {}]
    assert (nothing["startDate"], nothing["endDate"]) == (
        "2026-04-01T00:00:00Z",
        "2026-04-02T00:00:00Z",
    )
