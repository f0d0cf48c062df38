"""The page of the API names every route with its test, and nothing that is not there."""

import re
from pathlib import Path

from tests.api.routes import METHODS, rules

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \| (.+) \|$", re.M)
#: rooms with a page of their own
ELSEWHERE = ("gitops", "tests")
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_CHOICE = re.compile(r"<any\(([^)]*)\):\w+>")


def written(rule):
    """A rule as the page writes it."""
    path = rule.rule.removeprefix("/api/v1/main")
    path = _CHOICE.sub(lambda m: "(" + re.sub("[ ']", "", m[1]).replace(",", r"\|") + ")", path)
    return _ARGUMENT.sub(r"{\1}", path)


def rows():
    return ROW.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))


def test_every_route_stands_in_the_table(lite):
    served = {
        (method, written(rule))
        for rule in rules(lite.client.application)
        if not rule.endpoint.startswith(ELSEWHERE)
        for method in rule.methods & set(METHODS)
    }

    assert sorted(served ^ {(method, path) for method, path, _ in rows()}) == []


def test_every_test_that_the_table_names_is_there_and_calls_the_route():
    wrong = []
    for method, path, named in rows():
        places = [part for part in re.split(r"\{\w+\}|\([^)]*\)|/", path) if part]
        for file in re.findall(r"`(tests/[^`]+)`", named):
            text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).exists() else ""
            is_called = f"/{places[0]}" in text and places[-1] in text
            if not is_called or (method != "GET" and method not in text.upper()):
                wrong.append((method, path, file))

    assert wrong == []
    assert all("`tests/" in named for _, _, named in rows())
