"""The OpenAPI document: complete, well formed, and true to the answers."""

from importlib.metadata import version

import jsonschema
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.app import create_app
from app.api.describe import info_of
from app.api.openapi import document
from tests.api.routes import rules


def test_every_route_below_the_tenant_is_in_the_document(lite):
    app = lite.client.application
    made = document(app)
    listed = {(path, method.upper()) for path, place in made["paths"].items() for method in place}

    assert made["openapi"] == "3.1.0"
    assert made["info"]["version"] == version("trunkline")
    for rule in rules(app):
        if "any(" in rule.rule or "_plain." in rule.endpoint:
            continue
        path = rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (path, method) in listed


def test_operation_ids_differ_and_references_lead_somewhere(lite):
    made = document(lite.client.application)
    ids = [o["operationId"] for place in made["paths"].values() for o in place.values()]
    names = made["components"]["schemas"]

    assert len(ids) == len(set(ids))
    assert _references(made) <= {f"#/components/schemas/{name}" for name in names}


def test_a_body_of_filters_is_declared_where_it_is_read_and_no_filter_that_is_refused(lite):
    made = document(lite.client.application)
    changes = [
        operation["requestBody"]
        for path, place in made["paths"].items()
        for method, operation in place.items()
        if path.endswith("/by-query") and method != "get" and "/labels/" not in path
    ]
    components = {"components": made["components"]}
    flow_filter = jsonschema.Draft202012Validator(
        components | {"$ref": "#/components/schemas/FlowFilter"}
    )
    kinds = {next(iter(_references(body))).rpartition("/")[2] for body in changes}

    assert len(changes) == 19
    assert not any(body["required"] for body in changes)
    assert kinds == {"ExecutionFilter", "FlowFilter", "TriggerFilter"}
    assert flow_filter.is_valid({"field": "flowId", "operation": "IN", "value": ["a", "b"]})
    assert flow_filter.is_valid({"field": "labels", "operation": "EQUALS", "value": {"a": "b"}})
    assert not flow_filter.is_valid({"field": "state", "operation": "IN", "value": "FAILED"})
    assert not flow_filter.is_valid({"field": "q", "operation": "REGEX", "value": "a"})


def _references(value):
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(_references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(item) for item in value))
    return set()


def test_it_is_served_where_clients_look_for_it(lite):
    as_yaml = lite.client.get("/swagger/kestra.yml")
    as_json = lite.client.get("/api/v1/openapi.json")

    assert as_yaml.status_code == as_json.status_code == 200
    assert as_yaml.mimetype == "application/yaml"
    assert as_json.get_json()["info"]["title"] == "Trunkline"
    assert b"Trunkline API" in lite.client.get("/api").data


def test_each_route_of_ours_says_what_it_gives(lite):
    app = lite.client.application
    silent = [
        rule.endpoint
        for rule in rules(app)
        if "_plain." not in rule.endpoint
        and rule.endpoint != "webhooks.call"
        and info_of(app.view_functions[rule.endpoint]).gives is None
        and info_of(app.view_functions[rule.endpoint]).status == 200
    ]

    assert set(silent) == {"kv.put", "namespace_files.create", "namespace_files.move",
                           "namespace_files.delete", "namespace_files.make_folder"}  # fmt: skip


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
STREAMS = ("/follow", "/events", "/follow-dependencies")


@pytest.mark.slow
def test_no_answer_contradicts_the_document(lite):
    lite.flow("one")
    lite.run("one")
    app = create_app(lite.driver.rt)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    problems = []
    fixed = {op.ok().path for op in schema.get_all_operations()}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith(STREAMS):
            continue
        for case in operation.as_strategy().example(), operation.as_strategy().example():
            if case.formatted_path in fixed - {operation.path}:
                continue  # `/plugins/icons` is no type called `icons`
            try:
                case.call_and_validate(checks=CHECKS)
            except FailureGroup as error:
                problems.append(f"{operation.label}: {[str(e) for e in error.exceptions]}"[:600])

    assert problems == []
