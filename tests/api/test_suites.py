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
