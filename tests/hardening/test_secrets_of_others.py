"""Secrets keep teams apart: no expression reads those of others, and nobody reads one back."""

import pytest

from tests.support.people import FLOW, PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "squeamish-ossifrage"
PRINT = """id: spy
namespace: {}
tasks:
  - id: out
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ {} | length }}}}"
"""


@pytest.fixture
def people(driver):
    made = People(driver)
    made.execution, made.mine = driver.run(FLOW.format("c")), driver.run(FLOW.format("a"))
    for namespace in ("c", "a"):
        secret = {"key": "K", "value": f"{SECRET}-{namespace}"}
        made.call("PUT", f"/namespaces/{namespace}/secrets", json=secret)
        made.call("PUT", f"/namespaces/{namespace}/kv/k", data=f'"kept-{namespace}"')
    grants = [{"role": "editor", "namespace": "a"}]
    made.send("POST", "/users", {"username": "eve", "password": PASSWORD, "grants": grants}, 201)
    return made


def rendered(people, template, namespace, who="eve"):
    context = {"flow": {"namespace": namespace, "id": "f"}} if namespace else {}
    body = {"template": template, "context": context}
    return people.call("POST", "/expressions/eval", who, json=body)


def test_a_template_is_rendered_only_where_the_caller_may(people):
    for namespace in ("c", "c.below", "", "ab", None, ["a"], {"a": "a"}):
        for function in ("secret('K')", "kv('k')", "kv('k', 'c')"):
            answer = rendered(people, "{{ " + function + " }}", namespace)
            assert answer.status_code == 403, answer.text

    assert rendered(people, "{{ kv('k') }}", "a").json["result"] == "kept-a"


def test_a_flow_cannot_name_a_namespace_to_read_its_secrets(people, driver):
    path = f"/executions/{people.mine}/actions/eval"
    for call in ("secret('K', 'c')", "secret(key='K', namespace='c')"):
        ended = driver.run(PRINT.format("a", call))
        asked = people.call("POST", path, "eve", data="{{ " + call + " }}")

        assert driver.state(ended) == "FAILED"
        assert "may not be used" in asked.json["error"]
        assert SECRET not in asked.text


def test_a_flow_may_name_its_own_namespace_and_its_parents(driver, people):
    for namespace, call in (("a", "secret('K', 'a')"), ("a.b", "secret('K', 'a')")):
        assert driver.state(driver.run(PRINT.format(namespace, call))) == "SUCCESS"


LETTERS = "{% for c in secret('K') | split('') %}{{ c }} {% endfor %}"
MANY = "{% for i in range(0, 600) %}{% set x = (secret('K') ~ i) | sha256 %}{% endfor %}"


TEMPLATES = (
    "{{ secret('K') }}",
    "{{ secret('K') | upper }}",
    "{{ secret('K') | reverse }}",
    "{{ secret('K') | slice(0, 3) }}",
    "{{ secret('K') | first }}",
    "{{ secret('K') | length }}",
    "{{ secret('K') | startsWith('s') }}",
    "{{ (secret('K') | slice(0, 1)) | number }}",
    LETTERS,
    MANY + "{{ secret('K') | reverse }}",
)
PARTS = (SECRET, SECRET[::-1], "SQUEA", "squ", "s q u", '"s"', "'s'", "21", "true")


def test_no_part_of_a_secret_is_read_back(people):
    path = f"/executions/{people.mine}/actions/eval"
    for template in TEMPLATES:
        here = people.call("POST", path, "root", data=template).get_data(as_text=True)
        for text in (here, rendered(people, template, "a").get_data(as_text=True)):
            assert "*" in text or '"6"' in text or "false" in text, text
            assert [part for part in PARTS if part in text] == []


def test_what_is_no_secret_is_shown_beside_one(people):
    assert rendered(people, "{{ secret('K') ~ ' and ' ~ kv('k') }}", "a").json["result"] == (
        "****** and kept-a"
    )


def test_a_task_run_of_another_execution_tells_nothing(people, driver):
    loop = (
        "id: loop\nnamespace: c\ntasks:\n  - id: each\n"
        "    type: io.kestra.plugin.core.flow.ForEach\n    values: [hidden]\n"
        "    tasks: [{id: out, type: io.kestra.plugin.core.log.Log, message: hi}]\n"
    )
    run = people.send("GET", f"/executions/{driver.run(loop)}")["taskRunList"][-1]
    assert run["value"] == "hidden"

    path = f"/executions/{people.mine}/actions/eval/{run['id']}"
    told = people.call("POST", path, "eve", data="{{ taskrun.value }}")

    assert "hidden" not in told.text
