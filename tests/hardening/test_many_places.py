"""Somebody with very many grants, and filters with very many values: SQLite nests 1,000 deep."""

import pytest
from sqlalchemy import and_, create_engine, literal, not_, select, true

from app.api.auth import OPEN
from app.database import filters
from app.database.filters import any_of
from tests.api.routes import path_of, rules
from tests.support.people import FLOW, PASSWORD, People

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MANY = 1_000


@pytest.fixture
def people(driver):
    made = People(driver)
    for namespace in ("team7", "other"):
        driver.run(FLOW.format(namespace))
    grants = [{"role": "viewer", "namespace": f"team{n}"} for n in range(MANY)]
    body = {"username": "ana", "password": PASSWORD, "grants": grants}
    made.send("POST", "/users", body, 201)
    return made


@on_sqlite
def test_every_list_is_answered_to_somebody_with_many_grants(people):
    app = people.client.application
    asked, broken = 0, []

    for rule in rules(app):
        if rule.arguments or "GET" not in rule.methods or rule.endpoint in OPEN:
            continue
        path = path_of(app, rule).removeprefix("/api/v1/main")
        if path.endswith("/follow") or path == "/events":
            continue
        asked += 1
        answer = people.call("GET", path, "ana", query_string={"q": "f", "kind": "FLOW"})
        if answer.status_code >= 500:
            broken.append(f"{answer.status_code} {path}")

    assert asked > 40
    assert broken == []
    found = people.call("GET", "/executions/search", "ana").json["results"]
    assert [row["namespace"] for row in found] == ["team7"]


def test_a_condition_of_many_is_the_same(monkeypatch):
    """Around others too: what is one must stay one."""
    monkeypatch.setattr(filters, "_AT_ONCE", 2)
    engine = create_engine("sqlite://")

    for given in range(6):
        for value in range(8):
            found = any_of(literal(value) == n for n in range(given))
            asked = select(and_(true(), found), and_(literal(1) == 0, found), not_(found))
            with engine.connect() as connection:
                row = tuple(map(bool, connection.execute(asked).one()))
            assert row == (value < given, False, value >= given)


@on_sqlite
@pytest.mark.parametrize("field", ["namespace", "labels"])
@pytest.mark.parametrize("operator", ["IN", "NOT_IN"])
def test_a_filter_may_have_many_values(people, field, operator):
    values = ",".join(f"team{n}:x" for n in range(MANY))
    query = {f"filters[{field}][{operator}]": values}

    answer = people.call("GET", "/executions/search", query_string=query)

    assert answer.status_code in (200, 400), answer.text
