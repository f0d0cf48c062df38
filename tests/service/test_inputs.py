"""Inputs: conversion, bounds, defaults, dependencies, secrets."""

import io

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
