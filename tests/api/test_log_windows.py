"""Parts of a log."""

import pytest

from app.api.app import create_app
from app.service.access import accounts

FLOW = """
id: talk
namespace: a.b
tasks:
  - {id: each, type: io.kestra.plugin.core.flow.ForEach, values: [1, 2, 3], tasks: [
      {id: say, type: io.kestra.plugin.core.log.Log, message: "Line {{ taskrun.value }}"}]}
  - {id: warn, type: io.kestra.plugin.core.log.Log, level: WARN, message: "100% of it"}
"""


@pytest.fixture
def client(driver):
    accounts.create(driver.rt, "ana", password="correct horse", is_admin=True)
    return create_app(driver.rt).test_client()


@pytest.fixture
def read(client, driver):
    execution = driver.run(FLOW)

    def get(part, **query):
        path = f"/api/v1/main/logs/{execution}/{part}"
        return client.get(path, query_string=query, auth=("ana", "correct horse"))

    return get


def messages(answer):
    return [line["message"] for line in answer.json["lines"]]


def test_a_window_holds_the_asked_lines_and_the_total_of_all(read):
    answer = read("lines", **{"from": 1, "count": 2})

    assert messages(answer) == ["Line 2", "Line 3"]
    assert answer.json["total"] == 4


def test_lines_are_counted_in_the_filtered_order(read):
    assert messages(read("lines", minLevel="WARN")) == ["100% of it"]
    assert messages(read("lines", taskId="say", q="LINE 3")) == ["Line 3"]
    assert messages(read("lines", q="0% o")) == ["100% of it"]
    assert messages(read("lines", q="1_0")) == []


def test_the_summary_counts_by_level_and_task_run(read):
    found = read("summary").json

    assert found["total"] == 4
    assert (found["levels"]["INFO"], found["levels"]["WARN"]) == (3, 1)
    assert sorted(run["taskId"] for run in found["taskRuns"]) == ["say", "say", "say", "warn"]


def test_matches_are_numbers_of_lines(read):
    assert read("matches", text="line").json == {"total": 3, "from": 0, "lines": [0, 1, 2]}
    assert read("matches", text="line", **{"from": 2}).json["lines"] == [2]


@pytest.mark.parametrize(
    ("part", "query", "name"),
    [
        ("lines", {"from": "-1"}, "from"),
        ("lines", {"count": "many"}, "count"),
        ("lines", {"minLevel": "LOUD"}, "minLevel"),
        ("matches", {}, "text"),
    ],
)
def test_a_wrong_question_names_its_parameter(read, part, query, name):
    answer = read(part, **query)

    assert answer.status_code == 422
    assert f"`{name}`" in answer.json["message"]
