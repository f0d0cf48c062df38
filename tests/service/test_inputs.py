"""Inputs: conversion, bounds, defaults, dependencies, secrets."""

import io
import json

import pytest

from app.errors import Invalid
from app.service import flows, inputs

FLOW = """
id: form
namespace: company.team
inputs:
{inputs}
tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: x}}]
"""


def accept(driver, declared, **given):
    driver.save(FLOW.format(inputs=declared))
    flow = flows.index(driver.rt, "company.team", "form", _latest(driver)).flow
    return inputs.accept(driver.rt, flow.inputs, given, flow, "execution")


def _latest(driver):
    return flows.get(driver.rt, "company.team", "form").revision


@pytest.mark.parametrize(
    ("declared", "given", "stored"),
    [
        ("  - {id: a, type: INT}", "42", 42),
        ("  - {id: a, type: FLOAT}", "4.5", 4.5),
        ("  - {id: a, type: BOOL}", "TRUE", True),
        ("  - {id: a, type: BOOL}", "nope", False),
        ("  - {id: a, type: DATE}", "2026-05-01", "2026-05-01"),
        ("  - {id: a, type: DATETIME}", "2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z"),
        ("  - {id: a, type: DURATION}", "PT5M", "PT5M"),
        ("  - {id: a, type: DURATION}", "pt300s", "PT5M"),
        ("  - {id: a, type: JSON}", '{"x": [1]}', {"x": [1]}),
        ("  - {id: a, type: ARRAY, itemType: INT}", '["1", 2]', [1, 2]),
        ("  - {id: a, type: SELECT, values: [x, y]}", "y", "y"),
        ("  - {id: a, type: URI}", "https://example.org/x", "https://example.org/x"),
        ("  - {id: a, type: STRING, defaults: '{{ 1 + 1 }}'}", None, "2"),
        ("  - {id: a, type: STRING, required: false}", None, None),
    ],
)
def test_a_value_is_converted_to_its_type(driver, declared, given, stored):
    assert accept(driver, declared, a=given) == {"a": stored}


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ("  - {id: a, type: INT}", "1.5", "Expected `INT`"),
        ("  - {id: a, type: INT, max: 3}", "4", "less than `3`"),
        ("  - {id: a, type: DATE}", "tomorrow", "Expected `DATE`"),
        ("  - {id: a, type: SELECT, values: [x]}", "z", "must match the values"),
        ("  - {id: a, type: STRING, validator: 'a+'}", "b", "must match the pattern"),
        ("  - {id: a, type: EMAIL}", "nobody", "valid email"),
        ("  - {id: a, type: ARRAY, itemType: INT}", '["x"]', "array element"),
        ("  - {id: a, type: STRING}", None, "missing required input"),
        ("  - {id: a, type: URI}", "http://localhost", "Expected `URI`"),
        ("  - {id: a, type: INT}", "1_000", "Expected `INT`"),
        ("  - {id: a, type: INT}", "2147483648", "32 bits"),
        ("  - {id: a, type: FLOAT}", "nan", "Expected `FLOAT`"),
        ("  - {id: a, type: FLOAT}", "1e999", "Expected `FLOAT`"),
        ("  - {id: a, type: DATE}", "20260501", "Expected `DATE`"),
        ("  - {id: a, type: TIME, before: '22:00'}", "23:15:00", "it must be before `22:00`"),
        ("  - {id: a, type: JSON}", "[NaN]", "NaN is no JSON"),
        ("  - {id: a, type: JSON}", "[" * 100_000, "nested too deeply"),
        ("  - {id: a, type: YAML}", "a: &x [*x]", "alias"),
        ("  - {id: a, type: YAML}", "a: [", "no YAML"),
        ("  - {id: a, type: DURATION, max: PT1H}", "P1D", "less than `PT1H`"),
        ("  - {id: a, type: STRING, validator: '(a+)+b'}", "a" * 60, "must match the pattern"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(driver, declared, given, message):
    with pytest.raises(inputs.InvalidInputs, match="a: Invalid input") as error:
        accept(driver, declared, a=given)

    assert message in str(error.value)


def test_an_input_that_depends_on_another_is_left_out_when_its_condition_fails(driver):
    declared = """  - {id: kind, type: STRING}
  - {id: size, type: INT, dependsOn: {inputs: [kind], condition: "{{ inputs.kind == 'box' }}"}}"""

    assert accept(driver, declared, kind="ball") == {"kind": "ball"}
    assert accept(driver, declared, kind="box", size="3") == {"kind": "box", "size": 3}


def test_a_secret_is_stored_encrypted(driver):
    stored = accept(driver, "  - {id: a, type: SECRET}", a="hush-hush")["a"]

    assert "hush" not in str(stored)
    assert stored["type"] == "io.kestra.datatype:aes_encrypted"


def test_a_dependent_input_counts_only_when_its_condition_is_the_boolean_true(driver):
    declared = (
        "  - {id: kind, type: STRING}\n"
        "  - {id: text, type: STRING, defaults: t, dependsOn: {inputs: [kind], "
        "condition: '{{ inputs.kind }}'}}\n"
        "  - {id: yes, type: STRING, defaults: y, dependsOn: {inputs: [kind], "
        "condition: \"{{ inputs.kind == 'true' }}\"}}"
    )

    assert accept(driver, declared, kind="true") == {"kind": "true", "yes": "y"}


def test_a_namespace_file_as_default_becomes_its_address(driver):
    found = accept(driver, "  - {id: a, type: FILE, defaults: 'nsfile:///dir/x.csv'}")

    assert found == {"a": "kestra:///company/team/_files/dir/x.csv"}


def test_an_input_below_another_input_is_refused(driver):
    declared = "  - {id: a, type: STRING}\n  - {id: a.b, type: STRING, defaults: y}"

    with pytest.raises(inputs.InvalidInputs, match=r"a\.b: Conflict at key: 'a'"):
        accept(driver, declared, a="x")


def test_a_file_with_another_ending_is_refused_by_name(driver):
    declared = "  - {id: a, type: FILE, allowedFileExtensions: [.csv]}"
    upload = inputs.Upload("notes.txt", io.BytesIO(b"x"))

    with pytest.raises(inputs.InvalidInputs, match=r"`notes\.txt`"):
        accept(driver, declared, a=upload)


def test_inputs_beyond_the_limit_are_refused(driver):
    with pytest.raises(Invalid, match="larger than the limit of 10 MB"):
        accept(driver, "  - {id: a, type: STRING}", a="x" * 10_000_001)


@pytest.mark.parametrize(
    ("schema", "given", "message"),
    [
        ("{type: object, required: [a]}", "{}", "`x`, $: 'a' is a required property"),
        ("{type: array, items: {type: integer}}", '[1, "b"]', "$[1]: 'b' is not of type 'integer'"),
        ("{properties: {a: {minimum: 3}}}", '{"a": 2}', "$.a: 2 is less than the minimum of 3"),
        ("{properties: {a: {pattern: '^(a+)+$'}}}", '{"a": "%sb"}' % ("a" * 40), "$.a: "),
        ("{patternProperties: {'^n': {type: number}}}", '{"n1": "x"}', "$.n1: 'x' is not of type"),
        ("{$ref: 'http://127.0.0.1:1/schema'}", "1", "the schema cannot be applied"),
    ],
)
def test_a_json_input_fits_its_schema_or_is_refused_by_path(driver, schema, given, message):
    with pytest.raises(inputs.InvalidInputs) as error:
        accept(driver, f"  - {{id: x, type: JSON, schema: {schema}}}", x=given)

    assert message in str(error.value)


def test_a_json_value_that_fits_its_schema_is_taken(driver):
    declared = (
        "  - {id: x, type: JSON, schema: {$defs: {n: {type: integer}}, "
        "type: array, items: {$ref: '#/$defs/n'}}}"
    )

    assert accept(driver, declared, x="[1, 2]") == {"x": [1, 2]}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("  - {id: x, type: JSON, schema: {type: 3}}", "inputs[0].schema"),
        ("  - {id: x, type: STRING, schema: {type: string}}", 'Unrecognized field "schema"'),
        ("  - {id: x, type: FORM}", "inputs[0].inputs"),
        (
            "  - {id: x, type: FORM, defaults: y, inputs: [{id: a, type: INT}]}",
            "[0].defaults",
        ),
        ("  - {id: x, type: FORM, inputs: [{id: a, type: ARRAY}]}", "inputs[0].inputs[0].itemType"),
        ("  - {id: x, type: FORM, inputs: [{id: a, type: INT}, {id: a, type: INT}]}", "Duplicate"),
        ("  - {id: x, type: ARRAY, itemType: FILE}", "`itemType` cannot be `FILE`"),
    ],
)
def test_a_wrong_declaration_is_named_by_its_place(driver, declared, message):
    with pytest.raises(Invalid) as error:
        driver.save(FLOW.format(inputs=declared))

    assert message in str(error.value)


FORM = """  - {id: ship, type: BOOL, defaults: false}
  - id: address
    type: FORM
    dependsOn: {inputs: [ship], condition: "{{ inputs.ship }}"}
    inputs:
      - {id: country, type: SELECT, values: [FR, DE], autoSelectFirst: true}
      - id: region
        type: STRING
        dependsOn: {inputs: [country], condition: "{{ inputs.address.country == 'FR' }}"}
      - {id: lines, type: FORM, inputs: [{id: first, type: STRING, defaults: none}]}"""


def test_the_inputs_of_a_form_are_named_by_it_and_count_with_it(driver):
    assert accept(driver, FORM) == {"ship": False}
    assert accept(driver, FORM, ship="true", **{"address.region": "Ile"}) == {
        "ship": True,
        "address.country": "FR",
        "address.region": "Ile",
        "address.lines.first": "none",
    }


ADDRESS = {"country": "DE", "lines": {"first": "1"}}


@pytest.mark.parametrize("address", [json.dumps(ADDRESS), ADDRESS])
def test_a_form_takes_one_value_for_all_its_inputs(driver, address):
    found = accept(driver, FORM, ship=True, address=address)

    assert found == {"ship": True, "address.country": "DE", "address.lines.first": "1"}


def test_expressions_see_the_inputs_of_a_form_below_it(driver):
    text = FLOW.format(inputs=FORM).replace("message: x", "message: '{{ inputs.address.region }}'")

    execution = driver.run(text, ship="true", **{"address.region": "Ile"})

    assert driver.messages(execution) == ["Ile"]


@pytest.mark.parametrize(
    ("declared", "given", "stored"),
    [
        ("  - {id: a, type: SELECT, values: [x, y], autoSelectFirst: true}", None, "x"),
        ("  - {id: a, type: ENUM, required: false, values: [x], autoSelectFirst: true}", None, "x"),
        ("  - {id: a, type: MULTISELECT, values: [x, y], autoSelectFirst: true}", None, ["x"]),
        ("  - {id: a, type: SELECT, values: [x], allowCustomValue: true}", "z", "z"),
        ("  - {id: a, type: MULTISELECT, values: [1, 2], itemType: INT}", '["1"]', [1]),
        ("  - {id: a, type: MULTISELECT, options: [x, y]}", '["y"]', ["y"]),
        ("  - {id: a, type: SELECT, values: [{value: v, label: Vee}]}", "v", "v"),
        ("  - {id: a, type: ENUM, values: [x]}", "x", "x"),
        ("  - {id: a, type: SELECT, expression: \"{{ ['p', null, 3] }}\"}", "3", "3"),
        ("  - {id: a, type: EMAIL}", "a@example.org", "a@example.org"),
        ("  - {id: a, type: TIME}", "10:15", "10:15:00"),
        ("  - {id: a, type: YAML}", "x: [1]", {"x": [1]}),
        ("  - {id: a, type: BOOLEAN, defaults: true}", None, True),
        (
            "  - {id: a, type: DATE, defaults: \"{{ '2026-05-01' | date('yyyy-MM-dd') }}\"}",
            None,
            "2026-05-01",
        ),
        ("  - {id: a, type: JSON, defaults: {x: '{{ 1 + 1 }}'}}", None, {"x": "2"}),
        ("  - {id: a, type: ARRAY, itemType: STRING, defaults: [p, q]}", None, ["p", "q"]),
        ("  - {id: a, type: INT, min: '{{ 1 + 1 }}'}", "2", 2),
        ("  - {id: a, type: DATE, after: '2026-01-01'}", "2026-01-02", "2026-01-02"),
        ("  - {id: a, type: STRING, prefill: p, required: false}", None, None),
        ("  - {id: a, type: FILE}", "kestra:///x/y.csv", "kestra:///x/y.csv"),
    ],
)
def test_what_an_input_says_of_its_value_counts(driver, declared, given, stored):
    assert accept(driver, declared, a=given) == {"a": stored}


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ("  - {id: a, type: SELECT, expression: '{{ 1 }}'}", "x", "Expected a list of strings"),
        ("  - {id: a, type: SELECT, expression: '{{ none.x }}'}", "x", "Cannot render"),
        ("  - {id: a, type: MULTISELECT, values: [x]}", '["z"]', "must match the values `[x]`"),
        ("  - {id: a, type: INT, min: '{{ 1 + 1 }}'}", "1", "more than `2`"),
        ("  - {id: a, type: FLOAT, min: 1.5}", "1.4", "more than `1.5`"),
        ("  - {id: a, type: DATE, after: '2026-01-01'}", "2025-12-31", "after `2026-01-01`"),
        (
            "  - {id: a, type: DATETIME, before: '2026-01-01T00:00:00Z'}",
            "2026-01-01T00:00:01Z",
            "before",
        ),
        ("  - {id: a, type: DURATION, min: PT1M}", "PT1S", "more than `PT1M`"),
        ("  - {id: a, type: DATETIME}", "2026-01-01T00:00:00", "zone"),
        ("  - {id: a, type: TIME}", "25:00", "Expected `TIME`"),
        ("  - {id: a, type: SECRET, validator: '[a-z]+'}", "S3CRET", "`******`"),
    ],
)
def test_what_does_not_fit_is_told(driver, declared, given, message):
    with pytest.raises(inputs.InvalidInputs) as error:
        accept(driver, declared, a=given)

    assert message in str(error.value)
    assert "S3CRET" not in str(error.value)


@pytest.mark.parametrize("accepted", ["'.csv, image/*'", "[.csv, image/*]"])
def test_an_upload_is_of_an_accepted_kind(driver, accepted):
    declared = f"  - {{id: a, type: FILE, accept: {accepted}}}"

    for name in ("x.CSV", "x.png"):
        assert accept(driver, declared, a=inputs.Upload(name, io.BytesIO(b"x")))["a"].endswith(name)
    with pytest.raises(inputs.InvalidInputs, match="must be one of"):
        accept(driver, declared, a=inputs.Upload("x.txt", io.BytesIO(b"x")))
