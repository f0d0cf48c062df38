"""Requests of one caller are counted by minute and kind; the rest are not."""

import pytest

from app.api.app import create_app
from tests.api.conftest import Api


@pytest.fixture
def limited(lite):
    lite.flow("one")
    rt = lite.driver.rt
    few = {"api_reads_a_minute": 3, "api_changes_a_minute": 2, "api_starts_a_minute": 1}
    object.__setattr__(rt, "settings", rt.settings.model_copy(update=few))
    return Api(lite.driver, create_app(rt).test_client())


def codes(api, method, path, times, **options):
    return [api.call(method, path, **options).status_code for _ in range(times)]


def test_each_kind_has_a_limit_of_its_own(limited):
    reads = codes(limited, "GET", "/flows/search", 5)
    starts = codes(limited, "POST", "/executions/team.a/one", 2)
    changes = codes(limited, "PUT", "/namespaces/team.a/kv/k", 3, data="1")
    refused = limited.call("GET", "/flows/search")

    assert reads == [200] * 3 + [429] * 2
    assert starts == [200, 429]
    assert changes == [200, 200, 429]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "3 requests" in refused.get_json()["message"]


def test_what_was_refused_has_changed_nothing(limited):
    codes(limited, "PUT", "/namespaces/team.a/kv/k", 2, data="1")

    assert limited.call("PUT", "/namespaces/team.a/kv/k", data="2").status_code == 429
    assert limited.get("/namespaces/team.a/kv/k")["value"] == 1


def test_probes_are_never_counted(limited):
    found = [limited.client.get("/ping").status_code for _ in range(10)]

    assert found == [200] * 10
