"""The types of the browser are those of the served document."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from app.api.openapi import schemas

UI = Path(__file__).parents[2] / "ui"


@pytest.fixture(scope="module")
def served() -> ModuleType:
    spec = importlib.util.spec_from_file_location("served", UI / "served.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_types_of_the_browser_are_those_of_the_document(served: ModuleType) -> None:
    head = served.FILE.read_text(encoding="utf-8").splitlines()[0]

    assert served.digest(schemas()) in head, "run `python ui/served.py`"


def test_a_noun_comes_with_all_that_it_refers_to_and_is_closed(served: ModuleType) -> None:
    found = served.chosen(schemas())

    assert {"Execution", "TaskRun", "Attempt", "StateShape", "History"} <= set(found)
    assert "Password" not in found
    assert "additionalProperties" not in found["Execution"]
    assert "additionalProperties" in found["Execution"]["properties"]["inputs"]
