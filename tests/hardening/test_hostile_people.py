"""People who may something in one namespace, and what they try to see of another one."""

import io
import zipfile

import pytest

from app.api import permissions
from tests.support.people import FLOW, PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "canary-of-c"


@pytest.fixture
def people(driver):
    """`ana` may edit `a`; `c` belongs to others and has a secret, a key, an execution."""
    made = People(driver)
    made.execution = driver.run(FLOW.format("c"))
    for namespace, value in (("c", SECRET), ("a", "canary-of-a")):
        made.send("PUT", f"/namespaces/{namespace}/secrets", {"key": "K", "value": value})
    made.call("PUT", "/namespaces/c/kv/k", data=f'"{SECRET}"')
    file = {"fileContent": (io.BytesIO(SECRET.encode()), "f")}
    made.call("POST", "/namespaces/c/files?path=/file", data=file)
    grants = [{"role": "editor", "namespace": "a"}]
    made.send("POST", "/users", {"username": "ana", "password": PASSWORD, "grants": grants}, 201)
    return made


def rendered(people, source, *expressions):
    body = {"flow": source, "expressions": list(expressions)}
    return people.call("POST", "/expressions/render", "ana", json=body).json["results"]


def test_who_evaluates_expressions_can_neither_cut_nor_compare_a_secret(people):
    found = rendered(people, FLOW.format("a"), "{{ secret('K') | slice(0, 3) }}",
                     "{{ secret('K') == 'canary-of-a' }}", "{{ secret('K') | length }}",
                     "{% if secret('K') contains 'nary' %}yes{% else %}no{% endif %}",
                     "{{ secret('K') | number }}", "{{ secret('GONE') }}")  # fmt: skip

    assert [one.get("result") for one in found] == ["***", "false", "6", "no", None, None]
    assert "canary" not in str(found)
    assert found[-1]["error"] == "Cannot find secret for key 'GONE'."


def test_who_evaluates_expressions_can_neither_cut_nor_compare_a_secret_input(people):
    source = FLOW.format("a") + "inputs: [{id: p, type: SECRET}]\n"
    execution_id = people.driver.run(source, p="canary-input")
    asked = ["{{ inputs.p | slice(0, 3) }}", "{{ inputs.p == 'canary-input' }}", "{{ inputs.p }}"]

    body = {"executionId": execution_id, "expressions": asked}
    found = people.call("POST", "/expressions/render", "ana", json=body).json["results"]

    assert [one["result"] for one in found] == ["***", "false", "******"]


def test_a_file_of_another_execution_is_neither_measured_nor_previewed(people):
    source = FLOW.format("c") + "inputs: [{id: f, type: FILE}]\n"
    people.call("PUT", "/flows/c/f", data=source)
    file = {"f": (io.BytesIO(SECRET.encode()), "f")}
    started = people.call("POST", "/executions/c/f", data=file).json
    mine = people.driver.run(FLOW.format("a"))

    for route in ("file", "file/metas", "file/preview"):
        path = f"/executions/{mine}/{route}?path={started['inputs']['f']}"
        answer = people.call("GET", path, "ana")
        followed = people.call("GET", path, "ana", follow_redirects=True)

        assert answer.status_code == 302, route
        assert started["id"] in answer.headers["Location"]
        assert followed.status_code == 403, route
        assert people.call("GET", path, follow_redirects=True).status_code == 200


def test_a_stream_that_waited_for_an_execution_asks_whose_it_is(people, monkeypatch):
    """The guard finds no namespace of an execution that is not there yet."""
    place = f"/executions/{people.execution}/follow"
    monkeypatch.setattr(permissions.executions, "namespaces_of", lambda _rt, _ids: next(found))

    found = iter([[], ["c"]])

    assert people.call("GET", place, "ana").status_code == 403


CHART = """\
id: x
type: io.kestra.plugin.core.dashboard.chart.Table
data:
  type: io.kestra.plugin.core.dashboard.data.{}
  columns: {{n: {{field: NAMESPACE}}}}
"""


def test_a_chart_shows_rows_of_namespaces_that_one_may_read_only(people):
    """Who may see dashboards everywhere may not see all executions, logs or flows by that."""
    people.driver.run(FLOW.format("a") + "triggers: [{id: t, type: io.kestra.plugin.core.trigger."
                      "Schedule, cron: '0 0 1 1 *'}]\n")  # fmt: skip
    role = people.send("POST", "/roles", {"name": "boards", "permissions": ["dashboard:read"]})
    ana = people.call("GET", "/users?q=ana").json["results"][0]["id"]
    people.bind(ana, role["id"])

    for kind in ("Executions", "Logs", "Flows", "Triggers"):
        body = {"chart": CHART.format(kind), "globalFilter": {"timeRange": "P7D"}}
        whole = people.call("POST", "/dashboards/charts/preview", json=body).json["results"]
        found = people.call("POST", "/dashboards/charts/preview", "ana", json=body).json["results"]
        lines = people.call("POST", "/dashboards/charts/export", "ana", json=body).text

        assert {row["n"] for row in found} == {"a"}, kind
        assert kind == "Triggers" or {row["n"] for row in whole} == {"a", "c"}
        assert "c\r\n" not in lines


def test_who_may_read_files_only_gets_no_flows_with_them(people):
    people.driver.save(FLOW.format("a"))
    role = people.send("POST", "/roles", {"name": "files", "permissions": ["file:read"]})
    people.bind(people.make("bob"), role["id"], "a")

    def names(who):
        sent = people.call("GET", "/namespaces/a/files/export", who)
        return zipfile.ZipFile(io.BytesIO(sent.data)).namelist()

    assert names("root") == ["_flows/f.yml"]
    assert names("bob") == []


def test_a_name_with_a_wildcard_of_sql_covers_no_other_namespace(people):
    for namespace in ("a_b", "a_b.c", "axb.c", "axb"):
        people.driver.save(FLOW.format(namespace))
    grants = [{"role": "viewer", "namespace": "a_b"}]
    people.send("POST", "/users", {"username": "bob", "password": PASSWORD, "grants": grants}, 201)

    for query in ("", "?namespace=a_b", "?filters[namespace][PREFIX]=a_b"):
        found = people.call("GET", "/flows/search" + query, "bob").json["results"]

        assert {flow["namespace"] for flow in found} == {"a_b", "a_b.c"}, query
