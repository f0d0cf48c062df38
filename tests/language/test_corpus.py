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
    advice = advise(read("older-dialect").data, default_registry())

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
    advice = advise(read("newer-dialect").data, default_registry())

    assert advice.deprecations == ()
    assert advice.warnings == ()
