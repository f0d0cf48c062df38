"""Filters in the body of a change by query, as the SDK sends them to `triggers/delete/by-query`."""

import io

import pytest


@pytest.fixture
def two(lite):
    lite.flow("one", "labels: {team: x}")
    lite.flow("two", "labels: {team: y}", "team.b")
    return lite


def disabled(api):
    rows = api.get("/flows/search", size=50)["results"]
    return " ".join(sorted(row["id"] for row in rows if row["disabled"]))


def leaf(field, value, operation="EQUALS"):
    return {"field": field, "operation": operation, "value": value}


def group(logical, *children):
    return {"logical": logical, "children": list(children)}


@pytest.mark.parametrize(
    ("listed", "reached"),
    [
        ([leaf("flowId", "one")], "one"),
        ([leaf("FLOW_ID", ["two", "three"], "IN")], "two"),
        ([leaf("labels", {"team": "y"})], "two"),
        ([leaf("QUERY", "one")], "one"),
        ([leaf("FLOW_ID", {"value": "two"})], "two"),
        ([leaf("flowId", "one"), leaf("namespace", "team.b")], ""),
        ([group("OR", leaf("flowId", "one"), leaf("flowId", "two"))], "one two"),
        ([group("AND", leaf("flowId", "one"), leaf("labels", {"team": "y"}))], ""),
        ([], "one two"),
    ],
)  # fmt: skip
def test_a_change_reaches_what_the_filters_of_its_body_name(two, listed, reached):
    two.send("POST", "/flows/disable/by-query", {"filters": listed})

    assert disabled(two) == reached


def test_filters_of_the_body_and_of_the_query_must_both_hold(two):
    query = {"filters[namespace][EQUALS]": "team.b"}
    two.send("POST", "/flows/disable/by-query", {"filters": [leaf("flowId", "one")]}, **query)

    assert disabled(two) == ""


@pytest.mark.parametrize(
    "body",
    [
        {"filters": "x"},
        {"filters": ["x"]},
        {"filters": [{}]},
        {"filters": [leaf("no", "x")]},
        {"filters": [leaf("flowId", "x", "NEAR")]},
        {"filters": [leaf("flowId", {"a": "b"})]},
        {"filters": [leaf("flowId", {})]},
        {"filters": [leaf("flowId", None)]},
        {"filters": [{"logical": "OR", "children": []}]},
        {"filters": [{"logical": "NO", "children": [leaf("flowId", "x")]}]},
        {"namespace": "team.b"},
        [leaf("flowId", "one")],
        "one",
    ],
)
def test_a_body_that_cannot_be_read_widens_nothing(two, body):
    answer = two.call("POST", "/flows/disable/by-query", json=body)

    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert disabled(two) == ""


def test_a_body_of_another_kind_widens_nothing(two):
    answer = two.call("POST", "/flows/disable/by-query", data={"flowId": "one"})

    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert disabled(two) == ""


def test_a_body_without_a_length_is_read_as_well(two):
    body = b'{"filters": [{"field": "flowId", "operation": "EQUALS", "value": "one"}]}'
    two.call(
        "POST", "/flows/disable/by-query", input_stream=io.BytesIO(body),
        headers={"Transfer-Encoding": "chunked", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True},
    )  # fmt: skip

    assert disabled(two) == "one"


def test_the_values_of_a_field_are_found_by_either_of_its_names(two):
    two.run("one")

    for name in ("flowId", "FLOW_ID"):
        assert two.get("/executions/distinct-field-values", field=name) == ["one"]
    two.send("GET", "/executions/distinct-field-values", status=400, field="NO_FIELD")
