"""Every flow that lies at hand gets the right verdict, and none an error of the server.

The files beside the checkout stay outside of the project: without them their tests are skipped.
"""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SUITE = PROJECT.parent / "shared" / "conformance" / "flows"
#: types that only the tests of the reference product have
FOREIGN = (
    "io.kestra.core.runners.",
    "io.kestra.core.tasks.test.",
    "io.kestra.core.plugins.test.",
)
#: wrong although they do not lie among the wrong ones
WRONG = {"tests/invalid-task-defaults.yaml", "webserver/simpleInvalidFlow.yaml"}
#: right although they lie among the wrong ones: worker groups are part of this product
RIGHT = {"invalids/worker-group.yaml"}
#: a flow type that was withdrawn there before templates were
WITHDRAWN = "templates/"


def yaml_files(folder):
    return sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])


def verdicts(lite, path):
    answer = lite.call("POST", "/flows/validate", data=path.read_bytes())
    assert answer.status_code == 200
    return answer.get_json()


def is_foreign(verdict):
    """Whether nothing is wrong but types that we do not have."""
    wrong = [v["message"] for v in verdict.get("violations", []) if v["severity"] == "ERROR"]
    return bool(wrong) and all(any(name in message for name in FOREIGN) for message in wrong)


def test_each_flow_of_the_suite_is_accepted_or_refused_as_it_should_be(lite):
    if not SUITE.is_dir():
        pytest.skip("the behaviour suite does not lie beside the checkout")
    unexpected = {}
    for path in yaml_files(SUITE):
        name = path.relative_to(SUITE).as_posix()
        should_be_wrong = name in WRONG or (name.startswith("invalids/") and name not in RIGHT)
        if name.startswith(WITHDRAWN) or "MultipleInvalid" in name:
            verdicts(lite, path)
            continue
        for verdict in verdicts(lite, path):
            is_wrong = verdict.get("constraints") is not None
            if is_wrong != should_be_wrong and not is_foreign(verdict):
                unexpected[name] = verdict.get("constraints")

    assert unexpected == {}


def test_each_flow_of_the_examples_is_valid(lite):
    flows = [path for path in yaml_files(PROJECT / "examples") if "/flows/" in path.as_posix()]
    found = {path.name: [v.get("constraints") for v in verdicts(lite, path)] for path in flows}

    assert found
    assert {name: wrong for name, wrong in found.items() if any(wrong)} == {}
