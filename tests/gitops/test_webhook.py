"""Deliveries of every provider: signed, forged, old, broken; published vectors beside our own."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress

import pytest

from app.gitops.webhook.delivery import (
    BadDelivery,
    BadSignature,
    Provider,
    Push,
    Request,
    hex_hmac,
)
from app.gitops.webhook.read import detect, moves, receive
from app.gitops.webhook.verify import verify

SECRET = "trunkline-test-secret"
BODY = b'{"ref":"refs/heads/main","after":"0123456789abcdef0123456789abcdef01234567"}'
SHA = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "b0ebc39e8653c0a47c900df315e27337764a5c3fd45ab538038a44f8587b840b"
NOW = 1_700_000_000.0
URL = "https://git.example.org/Team/Flows.git"
KEY = "git.example.org/team/flows"


def request(headers, body=BODY, now=NOW):
    return Request({k.lower(): v for k, v in headers.items()}, body, now)


def signed(body, secret=SECRET, algorithm="sha256"):
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def test_hmac_gives_the_published_vectors():
    github = hex_hmac("It's a Secret to Everybody", b"Hello, World!")

    assert github == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert hex_hmac(SECRET, BODY) == DIGEST


GOOD = {
    "github": {"X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=" + DIGEST},
    "gitea": {"X-Gitea-Event": "push", "X-GitHub-Event": "push", "X-Gitea-Signature": DIGEST},
    "forgejo": {
        "X-Forgejo-Event": "push",
        "X-Gitea-Event": "push",
        "X-Forgejo-Signature": DIGEST,
        "X-Gitea-Signature": "of another key",
    },
    "gitlab": {
        "X-Gitlab-Event": "Push Hook",
        "webhook-id": "msg_1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,AAAA v1,q3vs8yV/wcpVfC/aheO3H/2yu6wCWKj2rGTEkh8W/Fo=",
    },
    "bitbucket": {
        "X-Event-Key": "repo:push",
        "X-Request-UUID": "1",
        "X-Hub-Signature": "sha256=" + DIGEST,
    },
    "bitbucket_dc": {"X-Event-Key": "repo:push", "X-Hub-Signature": "sha256=" + DIGEST},
    "generic": {"X-Signature": "sha256=" + DIGEST},
    "azure_devops": {"Authorization": "Basic aG9vazp0cnVua2xpbmUtdGVzdC1zZWNyZXQ="},
}


@pytest.mark.parametrize("name", GOOD)
def test_a_signed_delivery_is_known_by_its_headers_and_accepted(name):
    given = request(GOOD[name])
    provider = detect(given)

    if name != "azure_devops":  # told by its body, below
        assert provider == name
    verify(Provider(name), given, ["an older secret", SECRET])


@pytest.mark.parametrize("name", GOOD)
def test_t7_a_forged_delivery_is_refused(name):
    given = request(GOOD[name], BODY + b" ")

    if name == "azure_devops":  # nothing of it is signed: the secret itself must be wrong
        given = request({"Authorization": "Basic " + base64.b64encode(b"hook:no").decode()})
    with pytest.raises(BadSignature):
        verify(Provider(name), given, [SECRET])


@pytest.mark.parametrize("name", GOOD)
def test_a_delivery_without_a_signature_or_with_a_broken_one_is_refused(name):
    broken = {k: "\udcff" if "ign" in k or "Auth" in k else v for k, v in GOOD[name].items()}
    broken = {k: v.encode("utf-8", "replace").decode() for k, v in broken.items()}
    bare = {k: v for k, v in GOOD[name].items() if "ign" not in k and "Auth" not in k}

    for headers in (broken, bare):
        with pytest.raises(BadSignature):
            verify(Provider(name), request(headers), [SECRET])


def test_github_with_only_the_old_digest_is_refused():
    old = "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()

    with pytest.raises(BadSignature):
        receive(request({"X-GitHub-Event": "push", "X-Hub-Signature": old}), [SECRET])


def test_gitlab_takes_the_plain_token_where_nothing_is_signed():
    headers = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRET}

    assert receive(request(headers), [SECRET])[0].provider is Provider.GITLAB
    with pytest.raises(BadSignature):
        receive(request({**headers, "X-Gitlab-Token": "wrong"}), [SECRET])


def test_a_standard_webhooks_key_is_decoded():
    verify(Provider.GITLAB, request(GOOD["gitlab"]), ["whsec_dHJ1bmtsaW5lLXRlc3Qtc2VjcmV0"])


def test_a_signed_time_that_is_old_is_refused():
    with pytest.raises(BadSignature, match="too old"):
        verify(Provider.GITLAB, request(GOOD["gitlab"], now=NOW + 301), [SECRET])


def test_our_own_signature_covers_its_time():
    digest = "sha256=" + signed(b"1700000000." + BODY)
    headers = {"X-Trunkline-Timestamp": "1700000000", "X-Trunkline-Signature": digest}

    delivery, is_signed = receive(request(headers), [SECRET])

    assert is_signed
    assert delivery.pushes == (Push((), "refs/heads/main", SHA),)
    with pytest.raises(BadSignature):
        receive(request({**headers, "X-Trunkline-Timestamp": "1700000001"}), [SECRET])


def test_an_endpoint_without_a_secret_takes_nothing_unless_it_is_told_to():
    with pytest.raises(BadSignature):
        receive(request({}), [])

    assert receive(request({}), [], allow_unsigned=True)[1] is False


PUSHES = {
    "github": (
        {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d1"},
        {"ref": "refs/heads/main", "after": SHA, "repository": {"clone_url": URL}},
    ),
    "gitlab": (
        {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Event-UUID": "d1"},
        {"ref": "refs/heads/main", "after": SHA, "project": {"git_http_url": URL}},
    ),
    "bitbucket": (
        {"X-Event-Key": "repo:push", "X-Request-UUID": "d1", "X-Hook-UUID": "x"},
        {
            "push": {
                "changes": [{"new": {"type": "branch", "name": "main", "target": {"hash": SHA}}}]
            },
            "repository": {"links": {"html": {"href": URL.removesuffix(".git")}}},
        },
    ),
    "bitbucket_dc": (
        {"X-Event-Key": "repo:refs_changed", "X-Request-Id": "d1"},
        {
            "changes": [{"refId": "refs/heads/main", "toHash": SHA, "type": "UPDATE"}],
            "repository": {"links": {"clone": [{"href": URL, "name": "http"}]}},
        },
    ),
    "azure_devops": (
        {},
        {
            "id": "d1",
            "publisherId": "tfs",
            "eventType": "git.push",
            "resource": {
                "refUpdates": [{"name": "refs/heads/main", "newObjectId": SHA}],
                "repository": {"remoteUrl": URL},
            },
        },
    ),
}


@pytest.mark.parametrize("name", PUSHES)
def test_every_format_is_read_to_the_same_push(name):
    headers, data = PUSHES[name]

    delivery, _ = receive(request(headers, json.dumps(data).encode()), [], allow_unsigned=True)

    assert delivery.provider == name
    assert delivery.delivery_id.startswith("d1")
    assert delivery.pushes == (Push((KEY,), "refs/heads/main", SHA),)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"ref": 1}', b"[" * 100_000, b'{"repository": 5}'],
)
@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_body_that_cannot_be_read_is_a_bad_request(name, body):
    with pytest.raises(BadDelivery):
        receive(request(PUSHES[name][0], body), [], allow_unsigned=True)


@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, [None], {"links": 3}, [{"new": 1}]])
@pytest.mark.parametrize("name", PUSHES)
def test_junk_inside_a_body_is_never_a_crash(name, junk):
    headers, data = PUSHES[name]
    for field in data:
        body = json.dumps({**data, field: junk}).encode()
        with suppress(BadDelivery):
            delivery, _ = receive(request(headers, body), [], allow_unsigned=True)
            assert all(isinstance(push.ref, str) for push in delivery.pushes)


def test_a_ping_and_a_foreign_event_push_nothing():
    ping = receive(request({"X-GitHub-Event": "ping"}, b'{"zen": "x"}'), [], allow_unsigned=True)[0]

    assert ping.pushes == ()


def test_a_deleted_branch_has_no_commit():
    data = {"ref": "refs/heads/main", "after": "0" * 40, "deleted": True, "repository": {}}

    found = receive(
        request({"X-GitHub-Event": "push"}, json.dumps(data).encode()), [], allow_unsigned=True
    )[0]

    assert found.pushes == (Push((), "refs/heads/main", None),)


def test_a_push_moves_the_ref_it_names_and_no_other():
    push = Push((), "refs/heads/main", SHA)

    assert moves(push, "main")
    assert moves(push, "refs/heads/main")
    assert not moves(push, "refs/tags/main")
    assert not moves(push, "dev")
