"""YAML to a flow: scalars, marks, every violation at once, hostile documents."""

import pytest

from app.errors import Invalid
from app.language.defaults import with_defaults
from app.language.document import read_document
from app.language.parse import parse_flow
from app.plugin.registry import default_registry

LOG = "io.kestra.plugin.core.log.Log"
GOOD = f"""
id: hello
namespace: company.team
tasks:
  - id: say
    type: {LOG}
    message: hi
"""


def parse(text):
    return parse_flow(text, default_registry())


def violations(text):
    with pytest.raises(Invalid) as error:
        parse(text)
    return error.value.violations


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("12:30", "12:30"), ("0777", 777), ("true", True),
        ("2020-01-02", "2020-01-02"), ("~", None), ("1.5", 1.5), ("'1'", "1"), ("0x1F", 31),
    ],
)  # fmt: skip
def test_a_scalar_is_read_as_yaml_1_2_has_it(text, value):
    assert read_document(f"a: {text}").data == {"a": value}


def test_anchors_and_merge_keys_work_and_own_keys_win():
    data = read_document("a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}").data

    assert data["b"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2", "Duplicate field 'a', first on line 1"),
        ("a: [", "while parsing"),
        ("a: &x [*x]", "an alias holds itself"),
        ("a: &x {b: *x}", "an alias holds itself"),
        ("a: !!python/object:os.system 1", "tag .*os.system is not allowed"),
        ("a: !!set {b}", "the tag tag:yaml.org,2002:set is not allowed"),
        ("a: !mine [b]", "the tag !mine is not allowed"),
        ("a: \x00", "malformed YAML"),
        ('a: "\\0"', "holds a NUL character"),
        (b"a: \xff\xfe", "not UTF-8"),
        ("[" * 2000, "maximum nesting depth"),
        ("- " * 5000 + "a", "maximum nesting depth"),
        ("a: " + "[" * 100 + "]" * 100, "nested more than 64 deep"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n"
         + "\n".join(
             f"{n}: &{n} [{','.join(['*' + p] * 9)}]"
             for p, n in zip("abcdef", "bcdefg", strict=True)
         )
         + "\n", "holds more than 50000 values"),
        ("a: &a {x: 1}\n" + "\n".join(
            f"{n}: &{n} {{<<: [{','.join(['*' + p] * 9)}]}}"
            for p, n in zip("abcdef", "bcdefg", strict=True)
        ), "holds more than 50000 values"),
        ("a: " + "x" * 1_000_001, "longer than 1000000 characters"),
        ("? [1, 2]\n: 3", "a key must be a text"),
    ],
    ids=range(17),
)  # fmt: skip
def test_a_hostile_document_is_refused_quickly(text, reason):
    with pytest.raises(Invalid, match=reason):
        read_document(text)


def test_a_number_of_very_many_digits_is_no_whole_number():
    """Python refuses to read one of more than 4300 digits."""
    assert isinstance(read_document("a: " + "9" * 5000).data["a"], float)


def test_a_duplicate_key_names_both_lines():
    found = violations(GOOD + "id: again\n")

    assert "first on line 2" in found[0].message
    assert found[0].line == 8


def test_every_violation_is_reported_with_its_place():
    found = violations(
        f"""
id: "bad id"
namespace: company.team
tasks:
  - id: one
    type: {LOG}
    mesage: typo
  - id: two
    type: io.kestra.plugin.core.log.Logg
"""
    )
    by_path = {violation.path: violation for violation in found}

    assert by_path["tasks[0].mesage"].line == 7
    assert 'did you mean "message"' in by_path["tasks[0].mesage"].message
    assert 'did you mean "io.kestra.plugin.core.log.Log"' in by_path["tasks[1].type"].message
    assert by_path["id"].line == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (f"errors: [{{id: say, type: {LOG}, message: x}}]", "Duplicate task id with name [say]"),
        ("labels: {system.x: 1}", "System labels"),
        ("inputs: [{id: a, type: NOPE}]", "Input should be"),
        ("inputs: [{id: a, type: INT}, {id: a, type: INT}]", "Duplicate input with name [a]"),
        ("inputs: [{id: a, type: INT, dependsOn: {inputs: [b]}}]", "non-existent input 'b'"),
        ("inputs: [{id: a, type: STRING, validator: '('}]", "invalid pattern"),
        ("concurrency: {limit: 0}", "greater than 0"),
        ("nonsense: 1", 'Unrecognized field "nonsense"'),
        (
            "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '99 * * * *'}]",
            "invalid cron expression",
        ),
    ],
)
def test_a_wrong_part_is_named(more, message):
    assert any(message in violation.message for violation in violations(GOOD + more + "\n"))


def test_an_older_type_name_stands_for_the_new_one():
    flow = parse(GOOD.replace(LOG, "io.kestra.core.tasks.log.Log")).flow

    assert type(flow.tasks[0]).type_name == LOG


def test_defaults_fill_in_and_forced_ones_win():
    data = {
        "tasks": [{"id": "a", "type": LOG, "level": "WARN"}],
        "pluginDefaults": [
            {"type": "io.kestra.plugin.core.log", "values": {"level": "DEBUG", "message": "m"}},
            {"type": LOG, "forced": True, "values": {"message": "forced"}},
        ],
    }
    task = with_defaults(data, default_registry())["tasks"][0]

    assert (task["level"], task["message"]) == ("WARN", "forced")


def test_ids_that_stand_twice_are_told_beside_unknown_types():
    found = violations(
        "id: f\nnamespace: team.a\ntasks:\n"
        "  - {id: a, type: no.Such}\n"
        "  - {id: a, type: io.kestra.plugin.core.log.Log, message: x}\n"
        "  - {id: a, type: none.Either}\n"
    )

    told = "\n".join(str(item) for item in found)
    assert "Invalid type: no.Such" in told
    assert "Invalid type: none.Either" in told
    assert "Duplicate task id with name [a]" in told


@pytest.mark.parametrize(
    ("line", "column", "hint"),
    [
        ("message: {{ inputs.x }}", 10, "begins with {{ needs quotes"),
        ("message: {{ inputs.x }} and more", 10, "begins with {{ needs quotes"),
        ("message: hello: world", 15, "holds `: ` needs quotes"),
    ],
)
def test_a_value_that_lacks_quotes_is_told_so_at_its_place(line, column, hint):
    with pytest.raises(Invalid) as refused:
        read_document(f"id: f\n{line}\n")

    (violation,) = refused.value.violations
    assert hint in violation.message
    assert violation.line == 2
    assert violation.column >= column


def test_a_mistake_that_quotes_do_not_mend_has_no_hint():
    with pytest.raises(Invalid) as refused:
        read_document("a: b\n  c: d\n")

    assert "quotes" not in refused.value.violations[0].message
