"""Every route, asked by the administrator of one namespace about another one: nothing changes."""

import io

import pytest

from tests.api.routes import path_of, rules
from tests.support.people import FLOW, PASSWORD, People

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
TRIGGER = "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Webhook, key: abcdefgh}]\n"
PLACE = {"namespace": "c", "id": "f", "flowId": "f", "triggerId": "t", "key": "k"}
NAMED = {"namespace": "c", "flow_id": "f", "trigger_id": "t", "key": "k", "id": "f"}
FORMS = ("application/x-yaml", "application/x-www-form-urlencoded", "multipart/form-data")


@pytest.fixture
def people(driver):
    made = People(driver)
    made.execution = driver.run(FLOW.format("c") + TRIGGER)
    made.call("PUT", "/namespaces/c/kv/k", data='"v"')
    made.call("PUT", "/namespaces/c/secrets", json={"key": "K", "value": "value"})
    file = {"fileContent": (io.BytesIO(b"text"), "f")}
    made.call("POST", "/namespaces/c/files?path=/file", data=file)
    made.send("POST", "/users", {"username": "ana", "password": PASSWORD, "grants": [
        {"role": "admin", "namespace": "a"}]}, 201)  # fmt: skip
    return made


def state(people):
    """All there is, as an administrator of everything sees it."""
    places = (
        "/flows/c/f?source=true", f"/executions/{people.execution}", f"/logs/{people.execution}",
        "/executions/search?size=100", "/triggers/search", "/namespaces/c/kv/k",
        "/namespaces/c/secrets", "/namespaces/c/files?path=/file", "/namespaces/search?size=100",
        "/dashboards", "/users", "/roles/search", "/groups/search", "/bindings/search",
        "/gitops/sources", "/gitops/connections", "/gitops/webhooks",
    )  # fmt: skip
    return {place: people.call("GET", place).get_data() for place in places}


def bodies(execution):
    """What names the other namespace, in each way that routes read it."""
    lists = {"executionsId": [execution], "flows": [PLACE], "triggers": [PLACE], "keys": ["k"]}
    yield from ({}, {"json": PLACE}, {"json": [PLACE]}, {"json": [execution]})
    yield {"json": {"namespace": "a", **lists, "labels": [{"key": "a", "value": "b"}]}}
    yield {"json": {"name": "x", "username": "x", "permissions": ["flow:read"], **PLACE}}
    yield from ({"data": FLOW.format("c"), "content_type": kind} for kind in FORMS)
    yield {"query_string": {"namespace": "c", "flowId": "f", "path": "/file", "delete": "true"}}


def test_nothing_of_another_namespace_is_changed_by_any_route(people):
    before, passed = state(people), []
    app = people.client.application

    for rule in rules(app):
        path = path_of(app, rule, execution_id=people.execution, **NAMED)
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            for more in bodies(people.execution):
                answer = people.call(method, path.removeprefix("/api/v1/main"), "ana", **more)
                if answer.status_code >= 500:
                    passed.append(f"{method} {path} {more}: {answer.status_code}")
        if state(people) != before:
            passed.append(f"{rule.rule} has changed something")
            break

    assert passed == []
