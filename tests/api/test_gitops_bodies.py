"""Bodies of GitOps' routes: what is unknown or malformed is named, and nothing is changed."""

import inspect
import re

import pytest

from app.api.describe import info_of
from tests.api.routes import rules

ROUTES = {
    "/gitops/sources": {"name": "team", "url": "https://example.org/team/flows.git"},
    "/gitops/bindings": {"source": "team"},
    "/gitops/bindings/team/pin": {"sha": "0123456"},
    "/gitops/bindings/team/release": {"keys": [{"kind": "FLOW", "key": "team/a"}]},
    "/gitops/bindings/team/take": {"keys": [{"kind": "FLOW", "key": "team/a"}]},
    "/gitops/pipelines/all/promote": {"stage": "prod"},
    "/gitops/changes": {"binding": "team", "edits": [{"key": "team/a"}]},
    "/gitops/folder/plan": {"files": {}},
    "/gitops/folder/apply": {"files": {}},
    "/gitops/webhooks": {"name": "hook"},
    "/gitops/connections": {"name": "host"},
    "/gitops/windows": {"name": "night", "kind": "allow", "cron": "0 1 * * *", "duration": "PT2H"},
    "/gitops/pipelines": {"name": "all", "stages": [{"binding": "a"}, {"binding": "b"}]},
    "/gitops/notifications": {"name": "chat", "kind": "slack", "url": "https://example.org"},
}


def send(api, path, body):
    answer = api.client.post(f"/api/v1/main{path}", json=body)
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize("path", ROUTES)
def test_an_unknown_field_is_named(lite, path):
    status, told = send(lite, path, {**ROUTES[path], "whatIsThis": 1})

    assert status == 422
    assert "whatIsThis" in str(told)


@pytest.mark.parametrize("path", ROUTES)
def test_a_field_of_the_wrong_type_is_named(lite, path):
    name = next(iter(ROUTES[path]))
    status, told = send(lite, path, {**ROUTES[path], name: [[1]]})

    assert status == 422
    assert name in str(told)


@pytest.mark.parametrize("body", [[], "text", 7])
@pytest.mark.parametrize("path", ROUTES)
def test_what_is_no_object_is_refused(lite, path, body):
    assert send(lite, path, body)[0] == 422


def test_every_route_that_reads_a_body_declares_it(lite):
    app = lite.client.application
    silent = []
    for rule in rules(app):
        function = app.view_functions[rule.endpoint]
        reads = re.search(r"json_body\(|_folder\(|request\.stream", inspect.getsource(function))
        if rule.endpoint.startswith("gitops") and reads and info_of(function).body is None:
            silent.append(rule.rule)

    assert silent == []
