"""jq programs: results, and what keeps a hostile one from harm."""

import time

import pytest

from app.expression import jq_programs
from app.expression.env import World
from app.expression.errors import BudgetExceeded, ExpressionError
from app.expression.evaluate import render


@pytest.mark.parametrize(
    ("program", "data", "found"),
    [
        (".", {"a": 1}, [{"a": 1}]),
        (".a.b[0]", {"a": {"b": [7]}}, [7]),
        ('.["a b"] | length', {"a b": [1, 2]}, [2]),
        (".[]?", [1, None], [1, None]),
        ("map(select(.n > 1).n)", [{"n": 1}, {"n": 2}], [[2]]),
        ("..|numbers", [1, [2]], [1, 2]),
        (".s", {"s": "äß\n"}, ["äß\n"]),
    ],
)
def test_a_program_gives_all_its_results(program, data, found):
    assert jq_programs.results(program, data) == found


@pytest.mark.parametrize("program", ["repeat(.)", "[range(1e18)]", "def f: f; f", "[limit(1; f)]"])
def test_a_program_that_never_ends_is_stopped_and_the_next_one_runs(program, monkeypatch):
    monkeypatch.setattr(jq_programs, "MOST_SECONDS", 0.5)
    started = time.monotonic()

    with pytest.raises(ExpressionError):
        jq_programs.results(program, 1)

    assert time.monotonic() - started < 10
    assert jq_programs.results("[.,.]", 1) == [[1, 1]]


def test_a_program_that_takes_too_long_says_so(monkeypatch):
    monkeypatch.setattr(jq_programs, "MOST_SECONDS", 0.3)

    with pytest.raises(BudgetExceeded, match="longer than"):
        jq_programs.results("def f: f; f", 1)


def test_a_program_sees_nothing_of_the_server_s_environment(monkeypatch):
    monkeypatch.setenv("TRUNKLINE_ENCRYPTION_KEY", "private")

    assert "private" not in str(jq_programs.results("env", 1) + jq_programs.results("$ENV", 1))


def test_a_wrong_program_is_an_error_of_the_expression():
    with pytest.raises(ExpressionError, match="Unable to resolve JQ expression"):
        render("{{ [1] | jq('.[') }}", {}, World())
    with pytest.raises(ExpressionError, match="Unable to resolve JQ expression"):
        render("{{ 1 | jq('.a') }}", {}, World())
