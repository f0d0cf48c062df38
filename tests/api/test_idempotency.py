"""The header `Idempotency-Key`: one start for each key, caller and flow."""

import pytest

from tests.support.people import FLOW, PASSWORD, People

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = {"Idempotency-Key": "1"}


@pytest.fixture
def people(driver):
    made = People(driver)
    driver.save(
        FLOW.format("a").replace("tasks:", "inputs: [{id: n, type: INT, defaults: 1}]\ntasks:")
    )
    driver.save(FLOW.format("b"))
    grants = [{"role": "operator", "namespace": "a"}]
    body = {"username": "eve", "password": PASSWORD, "grants": grants}
    made.eve = made.send("POST", "/users", body, 201)["id"]
    return made


def start(people, who="root", namespace="a", status=200, **more):
    answer = people.call("POST", f"/executions/{namespace}/f", who, headers=KEY, **more)
    assert answer.status_code == status, answer.text
    return answer.json.get("id")


def test_a_key_that_comes_again_starts_nothing(people):
    first = start(people)

    assert start(people) == first
    assert start(people, namespace="b") != first
    start(people, status=422, data={"n": "2"})


def test_a_key_of_another_caller_is_not_theirs(people):
    first = start(people)
    other = start(people, "eve")
    bearer = {"Authorization": f"Bearer {people.token(people.eve)}", **KEY}
    again = people.client.post("/api/v1/main/executions/a/f", headers=bearer)

    assert other != first
    assert again.json["id"] == other
    assert start(people, "eve", data={"n": "1"}) == other


@pytest.mark.parametrize("key", ["x" * 300, "", "  "])
def test_a_key_is_neither_empty_nor_longer_than_what_is_kept(people, key):
    headers = {"Idempotency-Key": key}
    answer = people.call("POST", "/executions/a/f", headers=headers)

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["message"]
