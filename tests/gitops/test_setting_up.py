"""What a person is told who sets up Git sources: refusals with a reason, settings as given."""

import json

import pytest

from app.api import gitops_wire
from app.errors import Invalid
from app.gitops.cli import reason
from app.gitops.refusal import advice_for_reading
from app.gitops.webhook.delivery import BadDelivery, Request
from app.gitops.webhook.read import receive
from app.service.gitops.models import NewBinding, NewSource, read
from tests.support.repository import flow


def test_a_secret_that_is_wrong_is_told_with_what_to_set(team):
    said = "fatal: Authentication failed for 'http://127.0.0.1:8291/web.git/'"

    assert reason(said) == said
    assert reason("stderr: 'fatal: no such branch'") == "fatal: no such branch"
    assert "passwordSecret" in advice_for_reading(said)
    assert "secret with a valid token" in advice_for_reading("the secret 'X' does not exist")


@pytest.mark.parametrize("namespace", ["Acme", "acme.Team", "-acme", ".acme", "a" * 151])
def test_a_root_that_no_namespace_may_have_is_refused(namespace):
    with pytest.raises(Invalid, match="namespace"):
        read({"name": "x", "namespace": namespace}, NewBinding)


def test_the_settings_of_a_binding_are_shown_as_they_are_given(team):
    team.repository.commit({"a.yaml": flow("a")})
    made = team.follow(retry={"limit": 3, "maxInterval": "PT1M"})

    policy = gitops_wire.binding(made)["policy"]

    assert policy["retry"]["maxInterval"] == "PT1M"
    assert not [key for key in (*policy, *policy["retry"]) if "_" in key]


def test_a_source_to_be_synced_later_needs_a_binding(team):
    with pytest.raises(Invalid, match="`sync: false` is about the `binding`"):
        read({"name": "x", "url": team.repository.url, "sync": False}, NewSource)


def test_our_own_delivery_is_read_as_curl_sends_it(team):
    body = json.dumps({"ref": "refs/heads/main", "repository": team.repository.url, "x": "a&b=1"})
    form = {"content-type": "application/x-www-form-urlencoded"}

    delivery, _ = receive(Request(form, body.encode(), 0.0), [], allow_unsigned=True)

    assert [push.ref for push in delivery.pushes] == ["refs/heads/main"]


def test_a_form_of_too_many_fields_cannot_be_read():
    form = {"content-type": "application/x-www-form-urlencoded"}

    with pytest.raises(BadDelivery, match="no JSON"):
        receive(Request(form, b"a=1&" * 30, 0.0), [], allow_unsigned=True)
