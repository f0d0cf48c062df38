"""People who may something in one namespace, and what they try to see of another one."""

import io

import pytest

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
