"""Patterns of users that would never end: each is cut off, and holds up nobody else."""

import time

import pytest

from app.errors import Invalid
from app.model.moment import read_moment
from app.model.pattern import Search
from app.trigger.condition import Subject
from app.trigger.flow import Filter

ENDLESS, VICTIM = "(a|a|a)+$b", "a" * 60
CHART = """\
id: x
type: io.kestra.plugin.core.dashboard.chart.Table
data:
  type: io.kestra.plugin.core.dashboard.data.Flows
  columns: {n: {field: ID}}
  where: [{field: ID, type: REGEX, value: "%s"}]
"""


def test_a_filter_that_never_ends_is_cut_off(lite):
    lite.flow(VICTIM)
    began = time.process_time()

    for path in ("/flows/search", "/flows/export/by-query"):
        query = {"filters[flowId][REGEX]": ENDLESS}
        answer = lite.call("GET", path, query_string=query)

        assert answer.status_code == 422
        assert "takes too long" in answer.json["message"]
    assert time.process_time() - began < 10


def test_many_texts_have_one_time_together():
    search = Search(ENDLESS, seconds=0.05)

    with pytest.raises(Invalid, match="takes too long"):
        # each of them is quick
        any(search.found_in("a" * 8) for _ in range(100_000))


def test_a_search_in_sources_that_never_ends_is_cut_off(lite):
    lite.flow(VICTIM)

    found = lite.call("GET", "/flows/source", query_string={"q": ENDLESS, "isRegex": "true"})
    shown = lite.call(
        "POST", "/flows/source/replace/preview",
        json={"query": ENDLESS, "replacement": "x", "regex": True},
    )  # fmt: skip

    assert (found.status_code, shown.status_code) == (422, 422)
    assert "takes too long" in found.json["message"]
    assert "takes too long" in shown.json["message"]


def test_a_chart_that_never_ends_is_cut_off(lite):
    lite.flow(VICTIM)

    answer = lite.call("POST", "/dashboards/charts/preview", json={"chart": CHART % ENDLESS})

    assert answer.status_code == 422
    assert "takes too long" in answer.json["message"]


def test_a_filter_and_a_chart_find_what_fits(api):
    api.flow("first")
    api.flow("second")

    found = api.get("/flows/search", **{"filters[flowId][REGEX]": "^f.r"})
    shown = api.send("POST", "/dashboards/charts/preview", {"chart": CHART % "^se"})

    assert [flow["id"] for flow in found["results"]] == ["first"]
    assert shown["results"] == [{"n": "second"}]


@pytest.mark.parametrize(("pattern", "holds"), [(ENDLESS, False), ("a+", True), ("a", False)])
def test_a_trigger_with_a_pattern_that_never_ends_does_not_fire(pattern, holds):
    condition = Filter.model_validate({"field": "FLOW_ID", "type": "REGEX", "value": pattern})

    assert condition.holds(Subject({"flowId": VICTIM}, str, read_moment)) is holds


def test_a_text_is_split_by_a_pattern_within_a_time(lite):
    body = {"template": "{{ t | split(p) }}", "context": {"t": VICTIM, "p": ENDLESS}}

    answer = lite.call("POST", "/expressions/eval", json=body)

    assert answer.status_code == 422
    assert "takes too long" in answer.json["message"]
