"""The expression language: operators, access, filters, functions, tags, errors, budgets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.expression.evaluate import ExpressionError, World, is_truthy, render, render_typed

SCOPE = {
    "inputs": {"name": "Ada", "n": 5, "list": ["a", "b", "c"], "map": {"k": "v", "items": 1}},
    "empty": "",
    "nothing": None,
    "yes": True,
    "day": "2024-02-29T13:45:30Z",
}


class Fixed(World):
    timezone = "UTC"

    def now(self):
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def show(template):
    return render(template, SCOPE, Fixed())


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{{ inputs.name }}", "Ada"),
        ("{{ inputs['name'] }}{{ inputs.list[1] }}", "Adab"),
        ("{{ inputs.map.items }}", "1"),
        ("{{ 5 / 2 }} {{ 5 / 2.0 }} {{ -7 % 3 }}", "2 2.5 -1"),
        ("{{ 1.0 }} {{ 10000000.0 }} {{ 0.0001 }}", "1.0 1.0E7 1.0E-4"),
        ("{{ 'a' ~ 1 ~ true }}", "a1true"),
        ("{{ missing ?? 'default' }}", "default"),
        ("{{ nothing ?? 'default' }}", "default"),
        ("{{ inputs.gone.deeper ?? 'x' }}", "x"),
        ("{{ empty | default('e') }}", "e"),
        ("{{ inputs.n > 3 ? 'big' : 'small' }}", "big"),
        ("{{ not yes or yes and yes }}", "true"),
        ("{{ 'b' isIn inputs.list }}", "true"),
        ("{{ inputs.list contains 'z' }}", "false"),
        ('{{ "1" == 1 }}', "false"),
        ("{{ 1 == 1.0 }}", "true"),
        ("{{ nothing }}", ""),
        ("{{ inputs.map }}", '{"k":"v","items":1}'),
        ("{{ 1..3 }} {{ 'a'..'c' }}", '[1,2,3] ["a","b","c"]'),
        ("{{ {'a': [1, 2]} }}", '{"a":[1,2]}'),
        ("{{ missing is defined }} {{ nothing is null }} {{ '' is empty }}", "false true true"),
        ('{{ "n is #{inputs.n}" }}', "n is 5"),
        ("{% if inputs.n == 5 %}five{% else %}other{% endif %}", "five"),
        ("{% for x in inputs.list %}{{ loop.index }}{{ x }}{% endfor %}", "0a1b2c"),
        ("{% for e in inputs.map %}{{ e.key }}={{ e.value }};{% endfor %}", "k=v;items=1;"),
        ("{% set x = 3 %}{{ x + 1 }}", "4"),
        ("{% macro hi(n) %}hi {{ n }}{% endmacro %}{{ hi('Bo') }}", "hi Bo"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a {{- 1 -}} b", "a1b"),
        ("{# comment #}x", "x"),
    ],
)
def test_a_template_renders(template, expected):
    assert show(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 'hello world' | title }}", "Hello World"),
        ("{{ inputs.list | join('-') | upper }}", "A-B-C"),
        ("{{ inputs.list | first }}{{ inputs.list | last }}{{ inputs.list | length }}", "ac3"),
        ("{{ {'a': 1} | toJson }}", '{"a":1}'),
        ("{{ '{\"a\":[1,2]}' | jq('.a[]') }}", "[1,2]"),
        ("{{ day | date('yyyy/MM/dd HH:mm') }}", "2024/02/29 13:45"),
        ("{{ day | date('EEE d MMM', timeZone='Asia/Tokyo') }}", "Thu 29 Feb"),
        ("{{ day | dateAdd(1, 'YEARS', 'yyyy-MM-dd') }}", "2025-02-28"),
        ("{{ day | timestamp }}", "1709214330"),
        ("{{ now() }}", "2026-01-02T03:04:05.000000Z"),
        ("{{ 'a1b2' | replace({'[0-9]': '#'}, regexp=true) }}", "a#b#"),
        ("{{ 'a,b,,' | split(',') }}", '["a","b"]'),
        ("{{ 'x.y.z' | substringAfterLast('.') }}", "z"),
        ("{{ 'Héllo Wörld_x' | slugify }}", "hello-world-x"),
        ("{{ 1234567.891 | numberFormat('#,##0.00') }}", "1,234,567.89"),
        ("{{ '12' | number + 1 }}", "13"),
        ("{{ [3, 1, 2] | sort | reverse }}", "[3,2,1]"),
        ("{{ 'abc' | base64encode | base64decode }}", "abc"),
        ("{{ fromJson('{\"a\": 1}').a }}", "1"),
        ("{{ max(1, 3, 2) }}{{ min(4, 2) }}", "32"),
        ("{{ render('{{ inputs.name }}') }}", "Ada"),
        ("{{ 'abc' | sha256 | length }}", "64"),
        ("{{ decrypt('0123456789abcdef', encrypt('0123456789abcdef', 'x')) }}", "x"),
    ],
)
def test_a_filter_or_function_gives(template, expected):
    assert show(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing }}",
        "{{ inputs.missing }}",
        "{{ inputs.list[9] }}",
        "{{ nothing.x }}",
        "{{ inputs | nofilter }}",
        "{{ nofunction() }}",
        "{{ 1 + }}",
        "{{ 'a' - 1 }}",
        "{{ open",
        "{% if 1 %}",
        "{{ 1 / 0 }}",
        "{{ inputs.name.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range(1, 99999999999) }}",
        "{{ secret('X') }}",
        "{{ 'x' | regexMatch('(') }}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in 1..2000 %}{% for b in 1..2000 %}{{ a }}{% endfor %}{% endfor %}",
        "{{ render(\"{{ render('{{ missing }}') }}\") }}",
    ],
)
def test_a_wrong_or_hostile_template_is_refused_with_our_error(template):
    with pytest.raises(ExpressionError) as error:
        show(template)

    assert str(error.value)


def test_an_error_names_the_missing_name_and_the_line():
    with pytest.raises(ExpressionError, match=r"Unable to find `gone`.*at line 2"):
        show("first\n{{ gone }}")


def test_an_error_shows_the_template_as_it_was_written_and_a_part_of_a_long_one():
    with pytest.raises(ExpressionError, match=r"the expression `a{{inputs.gone}}b` at"):
        show("a{{inputs.gone}}b")
    with pytest.raises(ExpressionError, match=r"the expression `{{gone  -}}` at"):
        show("x" * 300 + "{{gone  -}}")


def test_a_single_expression_keeps_its_type():
    assert render_typed("{{ inputs.list }}", SCOPE, Fixed()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "truth"), [("false", False), ("0", False), ("-0", False), ("", False), ("no", True)]
)
def test_rendered_text_is_truthy_unless_it_says_no(text, truth):
    assert is_truthy(text) is truth


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "inputs", ".", "name", "|", "upper", "(", ")", "[", "]", "'a'", "1",
     " ", "+", "~", "??", "if", "endif", "for", "x", "in", "==", ",", ":", "?", "is", "not"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_text_renders_or_raises_only_our_error(template):
    try:
        result = show(template)
    except ExpressionError as error:
        result = str(error)

    assert isinstance(result, str)
