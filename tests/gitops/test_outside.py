"""What the outside is told: statuses, plans of pull requests, previews, notifications."""

import hashlib
import hmac
import json

import pytest

from app.database import dashboards, git_bindings, git_sources
from app.database.git_lists import Wanted
from app.service import secrets
from app.service.gitops import hooks, overview, records, sources
from app.service.gitops.hooks import NewEndpoint
from app.service.gitops.sync import tick
from tests.support.repository import flow

SECRET = "a secret of this hook"
EVENT = "triggers:\n  - {id: on, type: trunkline.git.Event, events: [sync-failed]}\n"
SCHEDULE = (
    "triggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n"
    "    cron: '0 0 * * *'\n"
)


@pytest.fixture
def hosted(team, host):
    """A team whose repository's host has an API."""
    team.keep_secret("TOKEN", "secret-token")
    connection = {"name": "host", "provider": "gitea", "baseUrl": host.url}
    records.connections.put(team.rt, {**connection, "auth": {"passwordSecret": "TOKEN"}})
    team.connected = {"connection": "host"}
    return team


def project(team):
    return str(team.repository.bare).strip("/").removesuffix(".git")


def answer_statuses(team, host, *shas):
    for sha in shas:
        host.answer("POST", f"/repos/{project(team)}/statuses/{sha}", {}, 201)


def deliver(team, data, event="pull_request", number="1"):
    endpoint = hooks.list_endpoints(team.rt) or [None]
    if endpoint[0] is None:
        opened = hooks.open_endpoint(team.rt, NewEndpoint(name="hook", secret=SECRET))
        team.token = opened.token
    body = json.dumps(data).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Gitea-Event": event, "X-Gitea-Delivery": number, "X-Gitea-Signature": signature}
    return hooks.deliver(team.rt, hooks.find_endpoint(team.rt, team.token), headers, body)


def pull(team, sha, number=7, state="open", ref="change", fork=False):
    repo = {"full_name": "acme/flows", "clone_url": team.repository.url}
    head = {"full_name": "somebody/flows"} if fork else repo
    return {
        "action": "opened",
        "number": number,
        "repository": repo,
        "pull_request": {
            "number": number,
            "state": state,
            "head": {"ref": ref, "sha": sha, "repo": head},
            "base": {"ref": "main", "repo": repo},
        },
    }


def branch(team, files, name="change"):
    team.repository.git("checkout", "-q", "-B", name)
    sha = team.repository.commit(files)
    team.repository.git("checkout", "-q", "main")
    return sha


def test_a_commit_shows_whether_it_was_synced(hosted, host):
    good = hosted.repository.commit({"a.yaml": flow("a")})
    bad = hosted.repository.commit({"b.yaml": "id: b\n"})
    hosted.repository.git("reset", "-q", "--hard", good)
    hosted.repository.git("push", "-q", "-f", "origin", "HEAD:main")
    answer_statuses(hosted, host, good, bad)
    hosted.follow(source=hosted.connected)
    hosted.repository.git("reset", "-q", "--hard", bad)
    hosted.repository.git("push", "-q", "origin", "HEAD:main")

    hosted.look()
    hosted.look()

    told = [(a.path.rpartition("/")[2], a.data["state"]) for a in host.asked]
    assert told == [(good, "success"), (bad, "failure")]
    assert "b.yaml:1:1: " in host.asked[1].data["description"]
    assert host.asked[0].data["context"] == "trunkline/sync/team"


def test_a_host_that_is_away_is_told_later(hosted, host):
    sha = hosted.repository.commit({"a.yaml": flow("a")})
    path = f"/repos/{project(hosted)}/statuses/{sha}"
    host.answer("POST", path, {}, 503)
    host.answer("POST", path, {}, 201)

    hosted.follow(source=hosted.connected)
    hosted.poll()
    first = len(host.asked)
    hosted.driver.clock.advance(60)
    tick(hosted.rt)
    hosted.poll()
    hosted.poll()

    assert (first, len(host.asked)) == (1, 2)
    ((row,), _) = overview.events(hosted.rt, Wanted())
    assert (row.attempts, row.error) == (2, None)


def test_a_pull_request_gets_one_comment_with_its_plan_that_is_changed_later(hosted, host):
    hosted.repository.commit({"a.yaml": flow("a")})
    hosted.follow(source=hosted.connected)
    first = branch(hosted, {"a.yaml": flow("a", message="new <b>@ada</b>")})
    base = f"/repos/{project(hosted)}/issues"
    host.answer("POST", f"{base}/7/comments", {"id": 42}, 201)
    host.answer("PATCH", f"{base}/comments/42", {"id": 42})
    answer_statuses(hosted, host, first)

    deliver(hosted, pull(hosted, first))
    hosted.poll()
    second = branch(hosted, {"b.yaml": "id: b\n"}, "next")
    deliver(hosted, pull(hosted, second, ref="next"), number="2")
    hosted.poll()

    comments = [a for a in host.asked if "comments" in a.path]
    assert [a.method for a in comments] == ["POST", "PATCH"]
    assert "1 to update" in comments[0].data["body"]
    assert "+    message: new <b>@ada</b>" in comments[0].data["body"]
    assert "b.yaml:" in comments[1].data["body"]
    statuses = [a.data for a in host.asked if a.path.endswith(first)]
    assert (statuses[0]["state"], statuses[0]["context"]) == ("success", "trunkline/plan/team")
    assert hosted.flow("a").revision == 1


def test_a_preview_lives_in_its_own_namespace_without_triggers_and_secrets(team):
    team.repository.commit({"a.yaml": flow("a", more=SCHEDULE)})
    team.follow(previews=True)
    secrets.put(team.rt, "acme.team", "KEY", "of production")
    sha = branch(team, {"a.yaml": flow("a", message="preview", more=SCHEDULE), "n.yaml": flow("n")})

    deliver(team, pull(team, sha))
    team.poll()

    made = team.flow("a", "acme.pr-7.team")
    assert "preview" in made.source
    assert made.document["triggers"][0]["disabled"] is True
    assert team.has_flow("n", "acme.pr-7.team")
    assert secrets.find(team.rt, "acme.team", "KEY") == "of production"
    assert secrets.find(team.rt, "acme.pr-7.team", "KEY") is None
    assert secrets.may_name(team.rt, "acme.pr-7.team", "acme.pr-7")
    assert not secrets.may_name(team.rt, "acme.pr-7.team", "acme")
    assert team.binding("team-pr-7").sync_state == "Synced"
    assert "hello" in team.flow("a").source


def test_a_preview_declares_nothing_that_would_be_everybodys(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(previews=True, kinds=["FLOW", "SOURCE", "BINDING", "DASHBOARD"])
    declared = "kind: GitSource\nname: evil\nurl: https://example.org/x.git\n"
    bound = "kind: GitBinding\nname: evil\nsource: team\npath: /\nnamespace: other\n"
    board = "id: evil\ntitle: Evil\ncharts: []\n"
    files = {
        "_gitops/s.yaml": declared,
        "_gitops/b.yaml": bound,
        "_dashboards/d.yaml": board,
    }
    sha = branch(team, {**files, "n.yaml": flow("n")})

    deliver(team, pull(team, sha))
    team.poll()

    assert team.binding("team-pr-7").problems == []
    assert team.has_flow("n", "acme.pr-7.team")
    with team.rt.database.reading() as tx:
        assert [row.name for row in git_sources.list_all(tx)] == ["team"]
        assert {row.name for row in git_bindings.list_of(tx)} == {"team", "team-pr-7"}
        assert list(dashboards.list_all(tx)) == []


def test_a_preview_moves_with_its_pull_request_and_goes_when_that_is_closed(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(previews=True)
    first = branch(team, {"a.yaml": flow("a", message="one")})
    deliver(team, pull(team, first))
    team.poll()
    team.repository.git("checkout", "-q", "change")
    second = team.repository.commit({"a.yaml": flow("a", message="two")})
    deliver(team, pull(team, second), number="2")

    team.poll()
    moved = team.flow("a", "acme.pr-7.team").source
    deliver(team, pull(team, second, state="closed"), number="3")
    team.poll()

    assert "two" in moved
    assert not team.has_flow("a", "acme.pr-7.team")
    assert team.has_flow("a")


def test_a_preview_goes_when_its_time_is_over(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(previews=True, previewHours=2)
    deliver(team, pull(team, branch(team, {"a.yaml": flow("a", message="one")})))
    team.poll()
    there = team.has_flow("a", "acme.pr-7.team")

    team.driver.clock.advance(2 * 3600 + 1)
    tick(team.rt)

    assert there
    assert not team.has_flow("a", "acme.pr-7.team")


def test_a_fork_and_a_head_that_the_remote_does_not_have_get_no_preview(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(previews=True)
    sha = branch(team, {"a.yaml": flow("a", message="evil")})

    deliver(team, pull(team, sha, fork=True))
    deliver(team, pull(team, sha, number=8, ref="no-such-branch"), number="2")
    team.poll()

    assert not team.has_flow("a", "acme.pr-7.team")
    assert not team.has_flow("a", "acme.pr-8.team")
    assert [row.planned_sha for row in overview.pulls(team.rt, "team")] == [sha, sha]


def test_subscribers_are_told_once_for_each_event_signed_and_keyed(team, host):
    team.keep_secret("SIGN", "signing-key")
    host.answer("POST", "/hook", {})
    host.answer("POST", "/slack", {})
    webhook = {"name": "ops", "kind": "webhook", "url": f"{host.url}/hook", "secret": "SIGN"}
    records.notifications.put(team.rt, webhook)
    slack = {"name": "chat", "kind": "slack", "url": f"{host.url}/slack"}
    records.notifications.put(team.rt, {**slack, "events": ["sync-failed"]})
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": "id: a\n"})

    for _ in range(3):
        team.look()

    told = [(a.path, a.headers["x-trunkline-event"]) for a in host.asked]
    assert sorted(told) == [
        ("/hook", "sync-failed"), ("/hook", "sync-succeeded"), ("/slack", "sync-failed")
    ]  # fmt: skip
    first = host.asked[0]
    signed = f"{first.headers['x-trunkline-timestamp']}.".encode() + first.body
    digest = hmac.new(b"signing-key", signed, hashlib.sha256).hexdigest()
    assert first.headers["x-trunkline-signature"] == f"sha256={digest}"
    assert first.data["binding"] == "team"
    assert len({a.headers["x-trunkline-delivery"] for a in host.asked}) == 3
    assert "[sync-failed] team" in next(a for a in host.asked if a.path == "/slack").data["text"]


def test_an_event_starts_the_flows_that_wait_for_it_once(team):
    team.driver.save(flow("watch", "ops", more=EVENT, message="'{{ trigger.message }}'"))
    team.repository.commit({"a.yaml": "id: a\n"})

    team.follow()
    team.look()
    team.driver.work()

    with team.rt.database.reading() as tx:
        rows = tx.exec_driver_sql("select id, state from executions").all()
    assert [row.state for row in rows] == ["SUCCESS"]
    assert "a.yaml" in team.driver.messages(rows[0].id)[0]


def test_a_delivery_is_replayed_from_what_was_kept_of_it(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    sha = team.repository.commit({"a.yaml": flow("a", message="new")})
    data = {
        "ref": "refs/heads/main",
        "after": sha,
        "repository": {"clone_url": team.repository.url},
    }
    deliver(team, data, "push")
    team.poll()
    (row,), total = overview.deliveries(team.rt, Wanted())
    assert total == 1
    handled = team.source().handled
    (at,) = overview.applied_at(team.rt, [row])
    assert at == max(sync.ended_at for sync in team.history())

    done = hooks.replay(team.rt, row.endpoint_id, row.delivery_id)

    assert list(done.matched) == ["team"]
    assert team.source().requested == handled + 1


def test_an_address_that_cannot_be_used_ends_its_message_and_holds_up_no_other(team, host):
    team.keep_secret("URL", f"{host.url}/hook?token=hidden\n")
    host.answer("POST", "/other", {})
    told = {"kind": "webhook", "events": ["sync-succeeded"]}
    records.notifications.put(team.rt, {**told, "name": "a", "urlSecret": "URL"})
    records.notifications.put(team.rt, {**told, "name": "b", "url": f"{host.url}/other"})
    team.repository.commit({"a.yaml": flow("a")})

    team.follow()

    rows, _ = overview.events(team.rt, Wanted())
    assert [a.path for a in host.asked] == ["/other"]
    assert all(row.sent_at is not None for row in rows)
    assert "hidden" not in str([row.error for row in rows])
    assert "cannot be used (InvalidURL)" in str([row.error for row in rows])


def test_what_a_source_that_went_or_rests_had_to_tell_wakes_nobody(team, host):
    host.answer("POST", "/hook", {}, 503)
    told = {"name": "a", "kind": "webhook", "url": f"{host.url}/hook"}
    records.notifications.put(team.rt, told)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    sources.suspend(team.rt, "team", suspended=True)
    team.driver.publisher.sources.clear()
    team.driver.clock.advance(60)
    tick(team.rt)
    rests = list(team.driver.publisher.sources)

    sources.remove(team.rt, "team")
    team.driver.publisher.sources.clear()
    tick(team.rt)

    assert rests == team.driver.publisher.sources == []
    assert overview.events(team.rt, Wanted())[1] == 0
