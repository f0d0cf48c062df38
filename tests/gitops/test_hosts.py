"""The APIs of Git hosts: each against exchanges in the form of its documentation."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.errors import Invalid
from app.gitops.provider.base import Check, CheckState, Host, NewPull, OpenedPull, ProviderFailed
from app.gitops.provider.connect import compare_url, connect, has_api
from app.gitops.provider.github_app import installation_token
from app.gitops.webhook.delivery import Provider

SHA = "0123456789abcdef0123456789abcdef01234567"
CHECK = Check(
    sha=SHA, name="trunkline/sync/team", state=CheckState.SUCCESS, description="synced",
    url="https://trunkline.example.org/x",
)  # fmt: skip
PULL = NewPull(branch="trunkline/ada/x", target="main", title="Change a", body="why")
#: provider, its repository's address, path of the status, its fields; the comment's path, its
#: body's place, the path and method of a change; the path of a pull request, its answer
CASES = {
    Provider.GITHUB: (
        "https://github.com/Acme/flows.git",
        f"/repos/Acme/flows/statuses/{SHA}",
        {"state": "success", "context": "trunkline/sync/team"},
        ("/repos/Acme/flows/issues/7/comments", ("body",)),
        ("PATCH", "/repos/Acme/flows/issues/comments/42"),
        ("/repos/Acme/flows/pulls", {"number": 9, "html_url": "https://github.com/p/9"}),
        ("authorization", "Bearer secret-token"),
    ),
    Provider.GITEA: (
        "https://git.example.org/Acme/flows.git",
        f"/repos/Acme/flows/statuses/{SHA}",
        {"state": "success", "context": "trunkline/sync/team"},
        ("/repos/Acme/flows/issues/7/comments", ("body",)),
        ("PATCH", "/repos/Acme/flows/issues/comments/42"),
        ("/repos/Acme/flows/pulls", {"number": 9, "html_url": "https://git.example.org/p/9"}),
        ("authorization", "token secret-token"),
    ),
    Provider.GITLAB: (
        "git@gitlab.com:acme/group/flows.git",
        f"/projects/acme%2Fgroup%2Fflows/statuses/{SHA}",
        {"state": "success", "name": "trunkline/sync/team"},
        ("/projects/acme%2Fgroup%2Fflows/merge_requests/7/notes", ("body",)),
        ("PUT", "/projects/acme%2Fgroup%2Fflows/merge_requests/7/notes/42"),
        (
            "/projects/acme%2Fgroup%2Fflows/merge_requests",
            {"iid": 9, "web_url": "https://gitlab.com/p/9"},
        ),
        ("private-token", "secret-token"),
    ),
    Provider.BITBUCKET: (
        "https://bitbucket.org/acme/flows.git",
        f"/repositories/acme/flows/commit/{SHA}/statuses/build",
        {"state": "SUCCESSFUL", "key": "trunkline/sync/team"},
        ("/repositories/acme/flows/pullrequests/7/comments", ("content", "raw")),
        ("PUT", "/repositories/acme/flows/pullrequests/7/comments/42"),
        (
            "/repositories/acme/flows/pullrequests",
            {"id": 9, "links": {"html": {"href": "https://bitbucket.org/p/9"}}},
        ),
        ("authorization", "Bearer secret-token"),
    ),
    Provider.BITBUCKET_DC: (
        "https://git.example.org/scm/ACME/flows.git",
        f"/projects/ACME/repos/flows/commits/{SHA}/builds",
        {"state": "SUCCESSFUL", "key": "trunkline/sync/team"},
        ("/projects/ACME/repos/flows/pull-requests/7/comments", ("text",)),
        ("PUT", "/projects/ACME/repos/flows/pull-requests/7/comments/42"),
        (
            "/projects/ACME/repos/flows/pull-requests",
            {"id": 9, "links": {"self": [{"href": "https://git.example.org/p/9"}]}},
        ),
        ("authorization", "Bearer secret-token"),
    ),
    Provider.AZURE_DEVOPS: (
        "https://dev.azure.com/acme/data/_git/flows",
        f"/acme/data/_apis/git/repositories/flows/commits/{SHA}/statuses?api-version=7.1",
        {"state": "succeeded", "context": {"genre": "trunkline", "name": "sync/team"}},
        (
            "/acme/data/_apis/git/repositories/flows/pullRequests/7/threads?api-version=7.1",
            ("comments", 0, "content"),
        ),
        (
            "PATCH",
            "/acme/data/_apis/git/repositories/flows/pullRequests/7/threads/42/comments/1"
            "?api-version=7.1",
        ),
        (
            "/acme/data/_apis/git/repositories/flows/pullrequests?api-version=7.1",
            {"pullRequestId": 9},
        ),
        ("authorization", "Basic " + base64.b64encode(b":secret-token").decode()),
    ),
}
EACH = pytest.mark.parametrize("provider", CASES, ids=lambda provider: provider.value)


def client_of(provider, host):
    repository = CASES[provider][0]
    at = Host(provider=provider, base_url=host.url, repository=repository, token="secret-token")
    return connect(at)


@EACH
def test_a_status_is_shown_at_its_commit(host, provider):
    _, path, fields, *_, header = CASES[provider]
    host.answer("POST", path, {}, 201)

    client_of(provider, host).set_status(CHECK)

    (asked,) = host.asked
    assert asked.headers[header[0]] == header[1]
    assert {k: v for k, v in asked.data.items() if k in fields} == fields


@EACH
def test_a_comment_is_written_once_and_then_changed(host, provider):
    path, place = CASES[provider][3]
    method, changed = CASES[provider][4]
    host.answer("POST", path, {"id": 42}, 201)
    host.answer("GET", changed, {"id": 42, "version": 3})
    host.answer(method, changed, {"id": 42})
    client = client_of(provider, host)

    made = client.put_comment(7, "first", None)
    again = client.put_comment(7, "second", made)

    body = host.asked[0].data
    for part in place:
        body = body[part]
    assert (made, again, body) == ("42", "42", "first")
    assert "second" in host.asked[-1].body.decode()
    assert (host.asked[-1].method, host.asked[-1].path) == (method, changed)


@EACH
def test_a_pull_request_is_opened(host, provider):
    path, answer = CASES[provider][5]
    host.answer("POST", path, answer, 201)

    opened = client_of(provider, host).open_pull(PULL)

    assert isinstance(opened, OpenedPull)
    assert opened.number == 9
    assert opened.url.startswith("https://")
    assert "trunkline/ada/x" in host.asked[0].body.decode()


STATUSES = [
    {"context": "ci/build", "state": "success", "target_url": "https://ci.example.org/1"},
    {"context": "lint", "state": "error", "target_url": None},
]
JOBS = [
    {"name": "build", "status": "success", "target_url": "https://ci.example.org/1"},
    {"name": "flaky", "status": "failed", "allow_failure": True, "target_url": None},
    {"name": "test", "status": "failed", "allow_failure": False, "target_url": ""},
    {"name": "deploy", "status": "manual", "target_url": ""},
    {"name": "late", "status": "created", "target_url": ""},
]
RUNS = [
    {"name": "test", "status": "completed", "conclusion": "timed_out", "html_url": "https://g/1"},
    {"name": "docs", "status": "completed", "conclusion": "skipped", "html_url": "https://g/2"},
    {"name": "pack", "status": "in_progress", "conclusion": None, "html_url": "https://g/3"},
]
#: provider: its answers by path, and how each check stands
CHECKS = {
    Provider.GITHUB: (
        {f"/repos/Acme/flows/commits/{SHA}/status?per_page=100": {"statuses": STATUSES},
         f"/repos/Acme/flows/commits/{SHA}/check-runs?per_page=100": {"check_runs": RUNS}},
        "ci/build success, lint failure, test failure, docs success, pack pending",
    ),
    Provider.GITEA: (
        {f"/repos/Acme/flows/commits/{SHA}/status?limit=50": {
            "state": "warning", "statuses": [
                {"context": "ci / build", "status": "pending", "target_url": "/actions/1"},
                {"context": "lint", "status": "warning", "target_url": ""},
                {"context": "test", "status": "error"}]}},
        "ci / build pending, lint success, test failure",
    ),
    Provider.GITLAB: (
        {f"/projects/acme%2Fgroup%2Fflows/repository/commits/{SHA}/statuses?per_page=100": JOBS},
        "build success, flaky success, test failure, late pending",
    ),
}  # fmt: skip


@pytest.mark.parametrize("provider", CHECKS, ids=lambda provider: provider.value)
def test_the_checks_of_a_commit_are_read(host, provider):
    answers, expected = CHECKS[provider]
    for path, data in answers.items():
        host.answer("GET", path, data)

    found = client_of(provider, host).checks(SHA)

    assert ", ".join(f"{check.name} {check.state}" for check in found) == expected
    header = CASES[provider][-1]
    assert {asked.headers[header[0]] for asked in host.asked} == {header[1]}


def test_without_a_status_nothing_is_said_of_a_commit(host):
    host.answer("GET", f"/repos/Acme/flows/commits/{SHA}/status?limit=50", {"statuses": None})

    assert client_of(Provider.GITEA, host).checks(SHA) == []
    with pytest.raises(ProviderFailed, match="not read"):
        client_of(Provider.BITBUCKET, host).checks(SHA)


@pytest.mark.parametrize(
    ("status", "again"), [(403, False), (404, False), (429, True), (502, True)]
)
def test_a_refusal_says_whether_another_attempt_may_help(host, status, again):
    path = CASES[Provider.GITHUB][1]
    host.answer("POST", path, {"message": "no"}, status)

    with pytest.raises(ProviderFailed, match=str(status)) as caught:
        client_of(Provider.GITHUB, host).set_status(CHECK)

    assert caught.value.again is again
    assert "secret-token" not in str(caught.value)


def test_a_host_without_an_api_is_told_nothing():
    at = Host(provider=Provider.GENERIC, repository="https://git.example.org/x", token="t")

    assert not has_api(at)
    with pytest.raises(ProviderFailed, match="no API"):
        connect(at).set_status(CHECK)


def test_without_an_api_a_person_is_shown_where_to_open_the_pull_request():
    at = Host(provider=Provider.GITHUB, repository="git@github.com:acme/flows.git", token="")

    assert compare_url(at, "trunkline/x", "main") == (
        "https://github.com/acme/flows/compare/main...trunkline/x?expand=1"
    )


def test_a_github_app_signs_who_it_is_and_gets_a_token_until_that_expires(host):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    path = "/app/installations/77/access_tokens"
    host.answer("POST", path, {"token": "ghs_1", "expires_at": "2026-05-01T13:00:00Z"}, 201)
    host.answer("POST", path, {"token": "ghs_2", "expires_at": "2026-05-01T14:00:00Z"}, 201)
    at = Host(provider=Provider.GITHUB, base_url=host.url, repository="https://github.com/a/b")

    tokens = [
        installation_token(at, "123", "77", pem, datetime(2026, 5, 1, 12, minute, tzinfo=UTC))
        for minute in (0, 30, 58)
    ]

    assert tokens == ["ghs_1", "ghs_1", "ghs_2"]
    head, claims, signature = host.asked[0].headers["authorization"].split()[1].split(".")
    decode = [base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in (claims, signature)]
    assert json.loads(decode[0])["iss"] == "123"
    signed = f"{head}.{claims}".encode()
    key.public_key().verify(decode[1], signed, padding.PKCS1v15(), hashes.SHA256())


def test_a_key_of_an_app_that_is_none_is_named(host):
    at = Host(provider=Provider.GITHUB, base_url=host.url, repository="https://github.com/a/b")

    with pytest.raises(Invalid, match="no RSA key"):
        installation_token(at, "1", "2", "nonsense", datetime(2026, 5, 1, tzinfo=UTC))
