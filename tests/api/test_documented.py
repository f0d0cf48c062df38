"""The pages of the API name every route with its test, and nothing that is not there."""

import re
from pathlib import Path

import pytest

from tests.api.routes import METHODS, rules

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \| (.+) \|$", re.M)
#: rooms whose routes stand on the page of our own
OURS = ("gitops", "tests")
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_CHOICE = re.compile(r"<any\(([^)]*)\):\w+>")


def written(rule):
    """A rule as the page writes it."""
    path = rule.rule.removeprefix("/api/v1/main")
    path = _CHOICE.sub(lambda m: "(" + re.sub("[ ']", "", m[1]).replace(",", r"\|") + ")", path)
    return _ARGUMENT.sub(r"{\1}", path)


def rows(page="api.md"):
    return ROW.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["api.md", "own-routes.md"])
def test_every_route_stands_in_the_table(lite, page):
    served = {
        (method, written(rule))
        for rule in rules(lite.client.application)
        if rule.endpoint.startswith(OURS) == (page == "own-routes.md")
        for method in rule.methods & set(METHODS)
    }

    assert sorted(served ^ {(method, path) for method, path, _ in rows(page)}) == []


def test_every_test_of_our_own_routes_is_there():
    named = [re.findall(r"`(tests/[^`]+)`", tests) for _, _, tests in rows("own-routes.md")]

    assert all(named)
    assert not [file for files in named for file in files if not (ROOT / file).exists()]


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
