"""Routes that find no namespace to ask for, and still must not reach one of others."""

import io
import zipfile

import pytest

from app.language.suite import parse_suite
from app.service import flow_tests
from tests.support.people import FLOW, PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
METRIC = (
    "{id: m, type: io.kestra.plugin.core.metric.Publish, metrics: "
    "[{name: rows, type: counter, value: 4}]}"
)
ACTS = ("pause", "resume", "restart", "replay", "state", "labels", "unqueue", "change-status")


@pytest.fixture
def people(driver):
    """`ana` may do everything in `a`, nothing in `c`."""
    made = People(driver)
    grants = [{"role": "admin", "namespace": "a"}]
    made.send("POST", "/users", {"username": "ana", "password": PASSWORD, "grants": grants}, 201)
    return made


@pytest.mark.parametrize("act", ACTS)
def test_a_flow_that_is_called_like_an_act_is_started_by_those_who_may(people, driver, act):
    """`POST /executions/c/replay` is that flow's start: the guard looks for an execution `c`."""
    for namespace in ("c", "a"):
        driver.save(FLOW.format(namespace).replace("id: f", f"id: {act}"))

    refused = people.call("POST", f"/executions/c/{act}", "ana")
    started = people.call("POST", f"/executions/a/{act}", "ana")
    total = people.call("GET", "/executions/search").json["total"]

    assert (refused.status_code, started.status_code, total) == (403, 200, 1)
    assert started.json["namespace"] == "a"


def test_metrics_that_outlast_their_execution_are_shown_in_their_namespace_only(people, driver):
    text = "id: f\nnamespace: @\ntasks: [" + METRIC + "]\n"
    mine, other = (driver.run(text.replace("@", namespace)) for namespace in ("a", "c"))
    for execution in (mine, other):
        people.call("DELETE", f"/executions/{execution}?deleteMetrics=false")

    def shown(who, execution):
        return people.call("GET", f"/metrics/{execution}", who).json["total"]

    assert (shown("root", other), shown("ana", mine), shown("ana", other)) == (1, 1, 0)


def test_the_place_of_an_execution_of_others_is_not_told(people, driver):
    other, mine = (driver.run(FLOW.format(namespace)) for namespace in ("c", "a"))
    for name in ("olderThan", "newerThan"):
        for one, status in ((mine, 200), (other, 403)):
            query = {name: one}
            answer = people.call("GET", "/executions/search", "ana", query_string=query)
            assert answer.status_code == status, (name, one)


def test_a_check_of_a_source_does_not_tell_which_revision_others_have(people, driver):
    for namespace in ("a", "c"):
        driver.save(FLOW.format(namespace))

    def outdated(who, namespace):
        text = FLOW.format(namespace) + "revision: 0\n"
        return people.call("POST", "/flows/validate", who, data=text).json[0]["outdated"]

    assert [outdated("root", "c"), outdated("ana", "a"), outdated("ana", "c")] == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("topic", ["execution", "log", "git:" + "x" * 22, "workers:" + "x" * 22])
def test_what_only_looks_like_a_topic_is_none(people, topic):
    for who in ("root", "ana"):
        answer = people.call("GET", "/events", who, query_string={"topics": topic})

        assert answer.status_code == 422
        assert "is no topic" in answer.json["message"]


LOG = "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]"
#: ways to name a namespace that a search for the line `namespace:` does not see
SPELLINGS = (
    "{id: f, namespace: c, " + LOG + "}",
    f'id: f\n"namespace": c\n{LOG}',
    f" id: f\n namespace: c\n {LOG}",
    f"id: f\n<<: {{namespace: c}}\n{LOG}",
)


def sent(people, text, who="ana"):
    """A ZIP with a file and a flow, sent to the files of `a`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.txt", "x")
        archive.writestr("_flows/f.yml", text)
    packed.seek(0)
    data = {"fileContent": (packed, "files.zip")}
    return people.call("POST", "/namespaces/a/files", who, data=data)


@pytest.mark.parametrize("text", SPELLINGS)
def test_no_spelling_brings_a_flow_of_an_archive_into_another_namespace(people, text):
    refused = sent(people, text)
    also = people.call("POST", "/flows/a?override=true&delete=false", data=text)

    assert (refused.status_code, also.status_code) == (422, 422)
    assert "must be a" in refused.get_data(as_text=True)
    assert people.call("GET", "/flows/search").json["total"] == 0
    assert people.call("GET", "/namespaces/a/files?path=/x.txt").status_code == 404


def test_the_flows_of_an_archive_ask_for_the_permission_to_write_flows(people):
    role = people.send("POST", "/roles", {"name": "files", "permissions": ["file:write"]})
    people.bind(people.make("bob"), role["id"], "a")

    refused = sent(people, FLOW.format("a"), "bob")
    stored = sent(people, FLOW.format("c"))
    found = people.call("GET", "/flows/search").json["results"]

    assert refused.status_code == 403
    assert stored.status_code == 200
    assert [(flow["namespace"], flow["id"]) for flow in found] == [("a", "f")]


READS = """id: f
namespace: a
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ read('@') }}"}]
"""
SUITE = """id: s
namespace: a
flowId: f
testCases:
  - id: c
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {trigger: {id: t, variables: {namespace: c, flowId: f, executionId: @}}}
    assertions: [{value: "{{ execution.state }}", equalTo: FAILED}]
"""


def test_the_trigger_that_a_flow_test_invents_opens_no_file_of_others(people, driver):
    driver.save(FLOW.format("c") + "inputs: [{id: f, type: FILE}]\n")
    file = {"f": (io.BytesIO(b"theirs"), "f")}
    started = people.call("POST", "/executions/c/f", data=file).json
    driver.save(READS.replace("@", started["inputs"]["f"]))
    suite = parse_suite(SUITE.replace("@", started["id"]))

    result = flow_tests.run(driver.rt, suite, wait=lambda *_: driver.work())

    assert result["cases"][0]["state"] == "SUCCESS", result
    assert "theirs" not in str(driver.messages(result["cases"][0]["execution_id"]))
