"""Random expressions: whatever is written, only the language's own error comes out, in time."""

import contextlib
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.expression.calls import FILTERS, FUNCTIONS, TESTS
from app.expression.env import Budget
from app.expression.evaluate import ExpressionError, World, parse, render

SCOPE = {
    "a": {"b": [1, 2.5, None, {"c": "x"}], "date": "2024-02-29T13:45:30Z", "t": True},
    "n": 7,
    "s": "some Text, with é",
    "empty": [],
    "nothing": None,
}
#: these may take long whatever they are given, by their nature
_SLOW = {"jq", "http"}
_NAMES = st.sampled_from(["a", "a.b", "a.b[3].c", "n", "s", "empty", "nothing", "gone", "a.date"])
_LITERALS = st.sampled_from(
    ["1", "-3", "2.5", "'x'", '"y#{n}"', "true", "null", "[]", "[1, 'a']", "{'k': 1}",
     "'yyyy'", "'2024-01-01'", "0", "''", "9223372036854775807"]
)  # fmt: skip
_OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "%", "~", "??", "???", "==", "!=", "<", ">=", "and", "or", "contains",
     "isIn", "..", "equals"]
)  # fmt: skip


def _grow(inner):
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("({} {} {})".format, inner, _OPERATORS, inner),
        st.builds(
            "{} | {}({})".format, inner, st.sampled_from(sorted(set(FILTERS) - _SLOW)), arguments
        ),
        st.builds("{} is {}".format, inner, st.sampled_from(sorted(TESTS))),
        st.builds("{}({})".format, st.sampled_from(sorted(set(FUNCTIONS) - _SLOW)), arguments),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("not {}".format, inner),
    )


EXPRESSIONS = st.recursive(st.one_of(_NAMES, _LITERALS), _grow, max_leaves=12)
_IF = "{{% if {} %}}x{{% else %}}{{{{ {} }}}}{{% endif %}}"
_FOR = "{{% for i in {} %}}{{{{ i }}}}{{{{ {} }}}}{{% endfor %}}"
TEMPLATES = st.one_of(
    EXPRESSIONS.map("{{{{ {} }}}}".format),
    st.builds(_IF.format, EXPRESSIONS, EXPRESSIONS),
    st.builds(_FOR.format, EXPRESSIONS, EXPRESSIONS),
    st.text(alphabet="{}%#'\"()[]|.,?:~+-*/ ab1=<>\\\n", max_size=60).map("{{{{{}".format),
)


def check(template):
    started = time.thread_time()
    with contextlib.suppress(ExpressionError):
        render(template, SCOPE, World(), Budget(steps=20_000, chars=200_000))

    assert time.thread_time() - started < 5


#: `TRUNKLINE_TEMPLATES=100000` for a long search
MANY = int(os.environ.get("TRUNKLINE_TEMPLATES", "20000"))
_SETTINGS = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "derandomize": False,
}


@settings(max_examples=2_000, **_SETTINGS)
@given(TEMPLATES)
def test_two_thousand_random_templates_end_well_or_with_an_expression_error(template):
    check(template)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=MANY, **_SETTINGS)
@given(TEMPLATES)
def test_very_many_random_templates_end_well_or_with_an_expression_error(template):
    check(template)


def test_a_template_of_ten_lines_renders_in_under_a_tenth_of_a_millisecond_when_warm():
    template = "\n".join(f"line {n}: {{{{ a.b[0] + n }}}} {{{{ s | upper }}}}" for n in range(10))
    parse(template)
    spans = []
    for _ in range(200):
        started = time.perf_counter()
        render(template, SCOPE, World())
        spans.append(time.perf_counter() - started)

    assert min(spans) < 100e-6
