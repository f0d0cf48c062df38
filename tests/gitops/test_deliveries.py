"""What is kept of deliveries to be looked at; nothing that proves who sent one is."""

import json

import pytest
from sqlalchemy import select

from app.database.git_deliveries import MOST_REFUSED, REFUSED_PER_MINUTE, count_since
from app.database.schema_git import git_deliveries
from app.gitops.webhook.shown import MOST_BODY_BYTES, body_of, headers_of
from app.service import purging
from tests.gitops.test_webhook_attacks import PLAIN, SECRET, SENT, Hook
from tests.support.repository import flow

CANARY = "c4n4ry-that-nobody-may-see"


@pytest.fixture
def hook(team):
    team.set(auth_enabled=False)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    return Hook(team)


def listed(hook, **query):
    found = hook.client.get("/api/v1/main/gitops/deliveries", query_string=query).get_json()
    return found["results"]


def looked_at(hook, delivery):
    place = f"{delivery['endpointId']}/{delivery['deliveryId']}"
    return hook.client.get(f"/api/v1/main/gitops/deliveries/{place}").get_json()


def kept(hook):
    """All that the table holds, as text."""
    with hook.team.rt.database.reading() as tx:
        return str([tuple(row) for row in tx.execute(select(git_deliveries)).all()])


def test_headers_and_body_of_a_delivery_are_shown(hook):
    assert hook.send("github", more={"User-Agent": "GitHub-Hookshot/1"}).status_code == 200
    (delivery,) = listed(hook)
    shown = looked_at(hook, delivery)

    assert shown["headers"]["user-agent"] == "GitHub-Hookshot/1"
    assert shown["headers"]["x-github-event"] == "push"
    assert shown["headers"]["x-hub-signature-256"] == "***"
    assert json.loads(shown["body"]) == SENT["github"][1]
    assert shown["sizeBytes"] == delivery["sizeBytes"] == len(shown["body"])
    assert "body" not in delivery


@pytest.mark.parametrize("provider", SENT)
def test_no_secret_of_a_delivery_is_kept_of_a_good_one_and_of_a_refused_one(hook, provider):
    hidden = dict.fromkeys(("X-Gitlab-Token", "Cookie", "X-Any-Secret", "Api-Key"), CANARY)
    hidden |= {"X-Forwarded-Uri": hook.path, "X-Way": f"Bearer {CANARY}", "X-Odd": SECRET}
    body = json.dumps({**SENT[provider][1], "note": SECRET, "at": f"https://u:{CANARY}@h/x"})
    good = hook.send(provider, body=body.encode(), more=hidden)
    bad = hook.send(provider, secret=CANARY, more=hidden)
    shown = [looked_at(hook, delivery) for delivery in listed(hook)]

    assert (good.status_code, bad.status_code) == (200, 401)
    assert len(shown) == 2
    for secret in (CANARY, SECRET, hook.path.rpartition("/")[2]):
        assert secret not in str(shown)
        assert secret not in str(listed(hook))
        assert secret not in kept(hook)


def test_a_body_is_cut_and_its_whole_size_told(hook):
    body = json.dumps({**PLAIN, "note": "ü" * MOST_BODY_BYTES}, ensure_ascii=False).encode()
    hook.send("generic", body=body)
    shown = looked_at(hook, listed(hook)[0])

    assert MOST_BODY_BYTES - 2 <= len(shown["body"].encode()) <= MOST_BODY_BYTES
    assert shown["sizeBytes"] == len(body)


def test_a_secret_at_the_cut_does_not_show_its_beginning():
    body = b"x" * (MOST_BODY_BYTES - 5) + SECRET.encode() * 40

    assert SECRET[:4] not in body_of(body, [SECRET])


def test_a_refused_delivery_tells_why_and_has_no_body(hook):
    assert hook.send("github", secret="wrong secret").status_code == 401
    assert hook.send("github", body=b"no json").status_code == 400
    wrong_kind = hook.client.post(hook.path, data=b"<x/>", content_type="text/xml")
    assert hook.send("github").status_code == 200
    refused = listed(hook, state="REFUSED")
    again = hook.client.post(
        "/api/v1/main/gitops/deliveries/{endpointId}/{deliveryId}/replay".format(**refused[0])
    )

    assert wrong_kind.status_code == 400
    assert [row["refused"] for row in reversed(refused)] == [
        "the signature is missing or wrong",
        "the delivery's body is no JSON",
        "a delivery is JSON or a form, not 'text/xml'",
    ]
    assert all("body" not in looked_at(hook, row) for row in refused)
    assert len(listed(hook, state="ACCEPTED")) == 1
    assert len(listed(hook)) == 4
    assert again.status_code == 409


def test_a_stranger_fills_nothing_and_takes_no_place_of_the_real_sender(hook):
    for _ in range(REFUSED_PER_MINUTE + 5):
        hook.send("github", secret="wrong secret")
    of_minute = listed(hook, size=1000)
    with hook.team.rt.database.reading() as tx:
        counted = count_since(tx, of_minute[0]["endpointId"], hook.team.rt.clock())
    good = hook.send("github")  # with the id that the stranger used

    for _ in range(MOST_REFUSED // REFUSED_PER_MINUTE + 2):
        hook.team.rt.clock.advance(61)
        for _ in range(REFUSED_PER_MINUTE):
            hook.send("github", secret="wrong secret")
    refused = listed(hook, state="REFUSED", size=1000)

    assert len(of_minute) == REFUSED_PER_MINUTE
    assert counted == 0  # of those that an endpoint takes in a minute
    assert good.status_code == 200
    assert len(refused) == MOST_REFUSED
    assert len(listed(hook, state="ACCEPTED")) == 1


def test_what_is_kept_goes_with_the_deliveries(hook):
    hook.send("github")
    hook.send("github", secret="wrong secret")
    hook.team.rt.clock.advance(7 * 24 * 3600 + 1)
    purging.purge_rows(hook.team.rt)

    assert kept(hook) == "[]"


def test_headers_are_bounded():
    shown = headers_of({f"X-{n}": "v" * 5000 for n in range(300)}, [])

    assert len(shown) == 60
    assert {len(value) for value in shown.values()} == {1000}
