"""Flows as people write them, in the three dialects: every one of them parses."""

from pathlib import Path

import pytest

from app.language.advice import advise
from app.language.parse import parse_flow
from app.plugin.registry import default_registry

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))


def read(name):
    path = next(path for path in CORPUS if path.stem == name)
    return parse_flow(path.read_text(encoding="utf-8"), default_registry())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_flow_of_the_corpus_is_valid(path):
    parsed = parse_flow(path.read_text(encoding="utf-8"), default_registry())

    assert parsed.flow.tasks


def test_names_of_the_first_dialect_are_accepted_and_reported():
    advice = advise(read("older-dialect").document, default_registry())

    assert set(advice.deprecations) == {
        "taskDefaults",
        "inputs[0].name",
        "tasks[0].retry.maxAttempt",
        "tasks[1]",
        "tasks[2]",
        "triggers[0].scheduleConditions",
        "triggers[1].minLogLevel",
    }
    assert (
        "io.kestra.core.tasks.log.Log is replaced by io.kestra.plugin.core.log.Log" in advice.infos
    )


def test_names_of_the_newest_dialect_are_not_reported():
    advice = advise(read("newer-dialect").document, default_registry())

    assert advice.deprecations == ()
    assert advice.warnings == ()


def test_an_expression_that_cannot_be_read_is_a_warning_with_its_place():
    text = read("older-dialect").document.data
    flow = "id: f\nnamespace: a\ntasks:\n  - {id: t, type: %s, message: '{{ x | nope }}'}\n"

    parsed = parse_flow(flow % text["tasks"][0]["type"], default_registry())

    assert advise(parsed.document, default_registry()).warnings == (
        "tasks[0].message: Filter [nope] does not exist. (line 4, column 49)",
    )
