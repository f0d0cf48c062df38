"""T7: deliveries of each provider as it sends them, good ones and wrong ones, over HTTP.

What is wrong wakes nothing and is no crash; what comes twice is answered and wakes nothing again.
"""

import base64
import hashlib
import hmac
import json

import pytest

from app.database import git_sources
from app.gitops.address import url_key
from app.service.gitops import hooks
from app.service.gitops.hooks import NewEndpoint
from tests.gitops.test_webhook import PUSHES, SHA, URL
from tests.support.api import app_on
from tests.support.repository import flow

SECRET = "trunkline-test-secret"
PLAIN = {"ref": "refs/heads/main", "after": SHA, "repository": {"clone_url": URL}}
SENT = {
    **PUSHES,
    "gitea": ({"X-Gitea-Event": "push", "X-GitHub-Event": "push", "X-Gitea-Delivery": "d1"}, PLAIN),
    "forgejo": (
        {"X-Forgejo-Event": "push", "X-Gitea-Event": "push", "X-Forgejo-Delivery": "d1"},
        PLAIN,
    ),
    "generic": ({"X-Trunkline-Event": "push", "X-Trunkline-Delivery": "d1"}, PLAIN),
}


def digest(text, secret):
    return hmac.new(secret.encode(), text, hashlib.sha256)


def proof(provider, body, secret, now):
    """The headers that authenticate a delivery, as each provider sends them."""
    plain = digest(body, secret).hexdigest()
    at = str(int(now))
    if provider == "gitlab":
        signed = base64.b64encode(digest(f"msg_1.{at}.".encode() + body, secret).digest())
        standard = {"webhook-id": "msg_1", "webhook-timestamp": at}
        return {**standard, "webhook-signature": "v1," + signed.decode()}
    if provider == "generic":
        signed = digest(f"{at}.".encode() + body, secret).hexdigest()
        return {"X-Trunkline-Timestamp": at, "X-Trunkline-Signature": "sha256=" + signed}
    if provider == "azure_devops":
        login = base64.b64encode(f"hook:{secret}".encode()).decode()
        return {"Authorization": "Basic " + login}
    return {
        "github": {"X-Hub-Signature-256": "sha256=" + plain},
        "gitea": {"X-Gitea-Signature": plain},
        "forgejo": {"X-Forgejo-Signature": plain, "X-Gitea-Signature": "of another key"},
    }.get(provider, {"X-Hub-Signature": "sha256=" + plain})


class Hook:
    """An endpoint, and how often a source was asked to look."""

    def __init__(self, team):
        self.team = team
        self.client = app_on(team.rt).test_client()
        made = hooks.open_endpoint(team.rt, NewEndpoint(name="h", secret=SECRET))
        self.path = f"/api/v1/main/gitops/webhooks/{made.token}"

    def send(self, provider, *, secret=SECRET, body=None, signed=None, more=None):
        headers, data = SENT[provider]
        sent = json.dumps(data).encode() if body is None else body
        now = self.team.rt.clock().timestamp()
        headers = {**headers, **proof(provider, signed or sent, secret, now), **(more or {})}
        headers = {"Content-Type": "application/json", **headers}
        return self.client.post(self.path, data=sent, headers=headers)

    @property
    def asked(self):
        return self.team.source().requested


@pytest.fixture
def hook(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    with team.rt.database.transaction() as tx:
        git_sources.write(tx, team.source().id, url_key=url_key(URL))
    return Hook(team)


@pytest.fixture
def unmoved(hook):
    """Holds that nothing was asked of the source."""
    before = hook.asked
    yield hook
    assert hook.asked == before


def test_all_eight_providers_are_here():
    assert len(SENT) == 8


@pytest.mark.parametrize("provider", SENT)
def test_a_good_delivery_wakes_its_source_and_the_same_again_does_not(hook, provider):
    before = hook.asked

    first, again = hook.send(provider), hook.send(provider)

    assert (first.status_code, first.get_json()["matchedBindings"]) == (202, ["team"])
    assert again.status_code == 200
    assert hook.asked == before + 1


def test_a_rotated_secret_is_taken_beside_the_one_before_and_no_older_one(hook):
    hook.team.set(auth_enabled=False)
    (row,) = hooks.list_endpoints(hook.team.rt)
    path = f"/api/v1/main/gitops/webhooks/{row.id}/rotate"

    def sent(secret, name):
        return hook.send("github", secret=secret, more={"X-GitHub-Delivery": name}).status_code

    second = hook.client.post(path).get_json()["secret"]
    both = [sent(SECRET, "a"), sent(second, "b")]
    third = hook.client.post(path, json={"secret": "the third secret"}).get_json()["secret"]
    newer = [sent(SECRET, "c"), sent(second, "d"), sent(third, "e")]
    last = hook.client.post(path, json={"keepPrevious": False}).get_json()["secret"]
    alone = [sent(third, "f"), sent(last, "g")]

    assert (both, newer, alone) == ([202, 202], [401, 202, 202], [401, 202])
    assert hook.client.post(path.replace(row.id, "none")).status_code == 404


@pytest.mark.parametrize("provider", SENT)
def test_a_forged_delivery_is_refused(unmoved, provider):
    assert unmoved.send(provider, secret="another secret").status_code == 401


@pytest.mark.parametrize("provider", [name for name in SENT if name != "azure_devops"])
def test_a_changed_body_is_refused(unmoved, provider):
    """Azure DevOps signs nothing: whoever has its password may say anything, and is only heard."""
    assert unmoved.send(provider, signed=b'{"ref": "refs/heads/main"}').status_code == 401


@pytest.mark.parametrize("provider", ["gitlab", "generic"])
def test_a_delivery_that_was_kept_and_sent_later_is_refused(hook, provider):
    now = hook.team.rt.clock().timestamp()
    body = json.dumps(SENT[provider][1]).encode()
    kept = proof(provider, body, SECRET, now - 301)
    before = hook.asked

    answer = hook.send(provider, body=body, more=kept)

    assert (answer.status_code, hook.asked) == (401, before)


@pytest.mark.parametrize("provider", SENT)
def test_an_oversized_delivery_is_refused_while_it_is_read(unmoved, provider, monkeypatch):
    monkeypatch.setattr(hooks, "MOST_BODY_BYTES", 1000)
    body = json.dumps({**SENT[provider][1], "padding": "x" * 1000}).encode()

    assert unmoved.send(provider, body=body).status_code == 413


@pytest.mark.parametrize("provider", SENT)
def test_a_truncated_delivery_is_no_json_and_refused(unmoved, provider):
    body = json.dumps(SENT[provider][1]).encode()[:-20]

    assert unmoved.send(provider, body=body).status_code == 400


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
@pytest.mark.parametrize("provider", SENT)
def test_a_delivery_in_another_encoding_is_refused(unmoved, provider, encoding):
    data = {**SENT[provider][1], "name": "Zoë"}
    body = json.dumps(data, ensure_ascii=False).encode(encoding)

    # nobody can tell that a body in UTF-16 or UTF-32 is one of Azure DevOps: its login is no proof
    is_dark = provider == "azure_devops" and encoding != "latin-1"
    assert unmoved.send(provider, body=body).status_code == (401 if is_dark else 400)


ODD = {
    "half a pair in an address": (
        "github",
        {**PLAIN, "repository": {"clone_url": "http://\ud800"}},
    ),
    "half a pair in a ref": ("github", {**PLAIN, "ref": "refs/heads/\ud800"}),
    "a NUL in an id": (
        "azure_devops",
        {"publisherId": "tfs", "id": "a\0\ud800", "eventType": "\0"},
    ),
}


@pytest.mark.parametrize(("provider", "data"), ODD.values(), ids=ODD)
def test_texts_that_no_database_takes_are_no_reason_to_refuse_a_delivery(unmoved, provider, data):
    assert unmoved.send(provider, body=json.dumps(data).encode()).status_code == 200


@pytest.mark.parametrize("number", [1 << 31, 10**30, True])
def test_a_pull_request_of_no_number_that_there_can_be_is_nothing(unmoved, number):
    repo = {"full_name": "a/b", "clone_url": URL}
    head = {"ref": "change", "sha": SHA, "repo": repo}
    pull = {"state": "open", "head": head, "base": {"ref": "main", "repo": repo}}
    body = json.dumps({"number": number, "repository": repo, "pull_request": pull}).encode()

    answer = unmoved.send("gitea", body=body, more={"X-Gitea-Event": "pull_request"})

    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/xml", "multipart/form-data; boundary=x", "image/png"])
@pytest.mark.parametrize("provider", SENT)
def test_another_content_type_is_refused(unmoved, provider, kind):
    assert unmoved.send(provider, more={"Content-Type": kind}).status_code == 400


@pytest.mark.parametrize("provider", SENT)
def test_after_many_wrong_ones_a_good_one_is_still_taken(hook, provider):
    for _ in range(70):  # more than a minute's allowance
        hook.send(provider, secret="another secret")

    assert hook.send(provider).status_code == 202
