"""Routes of flow tests."""

import threading

import pytest

SUITE = """
id: suite
namespace: team.a
flowId: tested
testCases:
  - id: says-it
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {tasks: [{id: log, outputs: {body: hello}}]}
    assertions:
      - {value: "{{ outputs.log.body }}", equalTo: "hello"}
      - {value: "{{ outputs.log.body }}", equalTo: "bye", description: parting}
"""


@pytest.fixture
def worker(api):
    """Works the jobs that a request makes while the request waits."""
    over = threading.Event()

    def work():
        while not over.wait(0.02):
            api.driver.work()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def test_a_suite_is_saved_run_and_its_result_kept(api, worker):
    api.flow("tested")
    api.call("POST", "/tests", data=SUITE)

    result = api.send("POST", "/tests/team.a/suite/run")
    kept = api.get("/tests/team.a/suite/results")

    assert result["state"] == "FAILED"
    assert [item["isSuccess"] for item in result["results"][0]["assertionResults"]] == [True, False]
    assert "but was 'hello'" in result["results"][0]["assertionResults"][1]["errorMessage"]
    assert [item["assertion"] for item in result["results"][0]["assertionResults"]] == [0, 1]
    assert kept["results"] == [result]
    assert api.get("/tests/search", flowId="tested")["total"] == 1
    assert api.get("/tests/team.a/suite")["source"] == SUITE


def test_a_suite_that_is_wrong_or_not_there_is_refused(api):
    wrong = api.call("POST", "/tests", data=SUITE.replace("flowId", "flow"))

    assert wrong.status_code == 422
    assert "line 2" in wrong.get_json()["message"]
    api.send("GET", "/tests/team.a/none", status=404)
    api.send("POST", "/tests/team.a/none/run", status=404)
    api.send("DELETE", "/tests/team.a/none", status=404)


def test_suites_are_found_by_the_page_with_the_state_of_their_last_run(api, worker):
    api.flow("tested")
    for name in ("one", "two", "three"):
        text = SUITE.replace("id: suite", f"id: {name}").replace("description: parting", "")
        api.call(
            "POST", "/tests", data=text.replace('"bye"', '"hello"' if name == "two" else '"bye"')
        )
    api.call("POST", "/tests", data=SUITE.replace("team.a", "team.b.c"))
    api.send("POST", "/tests/team.a/two/run")
    api.send("POST", "/tests/team.a/two/run")

    first = api.get("/tests/search", page=1, size=2)
    second = api.get("/tests/search", page=2, size=2, sort="id:asc")
    below = api.get("/tests/search", namespace="team.b")
    results = api.get("/tests/team.a/two/results", page=2, size=1)

    assert [row["id"] for row in first["results"]] == ["one", "three"]
    assert first["total"] == 4
    assert [row["id"] for row in second["results"]] == ["three", "two"]
    assert [row.get("lastState") for row in second["results"]] == [None, "SUCCESS"]
    assert [row["id"] for row in below["results"]] == ["suite"]
    assert api.get("/tests/search", q="WO")["total"] == 1
    assert len(results["results"]) == 1
    assert results["total"] == 2
    api.send("GET", "/tests/search", status=400, sort="state:asc")


def test_a_suite_that_is_deleted_takes_its_results_with_it(api, worker):
    api.flow("tested")
    api.call("POST", "/tests", data=SUITE)
    api.send("POST", "/tests/team.a/suite/run")

    api.send("DELETE", "/tests/team.a/suite", status=204)
    api.call("POST", "/tests", data=SUITE)

    assert api.get("/tests/team.a/suite/results")["total"] == 0
