"""Pull requests of strangers: what they may see, start and take over."""

import pytest

from app.database.git_lists import Wanted
from app.service.gitops import bindings, overview, pulls
from tests.gitops.test_outside import SCHEDULE, branch, deliver, hosted, pull
from tests.support.repository import flow

__all__ = ["hosted"]


def comments(team):
    rows, _ = overview.events(team.rt, Wanted())
    return [row.payload["body"] for row in rows if row.kind == "comment"]


@pytest.mark.parametrize("fork", [True, False])
def test_a_pull_request_shows_nothing_of_what_runs_here_and_is_not_in_git(hosted, fork):
    """Whoever names a flow of this server in a file would else read it in our comment."""
    hosted.repository.commit({"a.yaml": flow("a")})
    hosted.follow(source=hosted.connected)
    hosted.driver.save(flow("hidden", message="of nobody else"))
    sha = branch(hosted, {"h.yaml": flow("hidden", message="guess")})

    deliver(hosted, pull(hosted, sha, fork=fork))
    hosted.poll()

    (body,) = comments(hosted)
    assert "hidden exists and is not managed" in body
    assert "of nobody else" not in body


def test_a_fork_is_told_what_is_wrong_and_sees_no_difference(hosted):
    hosted.repository.commit({"a.yaml": flow("a")})
    hosted.follow(source=hosted.connected, editMode="OVERWRITE", selfHeal=False)
    hosted.driver.save(flow("a", message="by hand"))
    sha = branch(hosted, {"a.yaml": flow("a", message="theirs")})

    deliver(hosted, pull(hosted, sha, fork=True))
    hosted.poll()

    (body,) = comments(hosted)
    assert "FLOW acme.team/a" in body
    assert "by hand" not in body


@pytest.mark.parametrize("fork", [True, False])
def test_a_fork_is_planned_once_the_bindings_have_what_was_pushed(hosted, monkeypatch, fork):
    first = hosted.repository.commit({"a.yaml": flow("a")})
    hosted.follow(source=hosted.connected)
    pushed = hosted.repository.commit({"a.yaml": flow("a", message="new")})
    sha = branch(hosted, {"a.yaml": flow("a", message="theirs")})
    applied, draw = [], pulls.draw
    monkeypatch.setattr(
        pulls, "draw", lambda *of: applied.append(hosted.binding().applied_sha) or draw(*of)
    )

    deliver(hosted, pull(hosted, sha, fork=fork))
    hosted.poll()

    assert applied == [pushed if fork else first]


ODD = {
    "a date that is none": "description: 2024-02-30\n",
    "a value that one reader refuses": 'description: !!binary "zzz"\n',
}


@pytest.mark.parametrize("more", ODD.values(), ids=ODD)
def test_a_preview_whose_triggers_cannot_be_disabled_is_refused_and_stops_nothing(team, more):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(previews=True)
    sha = branch(team, {"t.yaml": flow("t", more=more + SCHEDULE)})
    deliver(team, pull(team, sha))
    team.poll()
    team.repository.commit({"a.yaml": flow("a", message="later")})

    team.look()

    assert not team.has_flow("t", "acme.pr-7.team")
    assert "t.yaml: its triggers cannot be disabled" in str(team.binding("team-pr-7").problems)
    assert "later" in team.flow("a").source


def test_a_preview_takes_over_no_binding_of_its_name(team):
    team.repository.commit({"a.yaml": flow("a"), "p/b.yaml": flow("b", "other.x")})
    team.follow(previews=True)
    team.bind(name="team-pr-7", namespace="other", path="p")
    sha = branch(team, {"a.yaml": flow("a", message="preview")})

    deliver(team, pull(team, sha))
    team.poll()
    deliver(team, pull(team, sha, state="closed"), number="2")
    team.poll()

    assert bindings.find(team.rt, "team-pr-7").preview is None
    assert bindings.find(team.rt, "team-pr-7").pin is None
    assert team.has_flow("b", "other.x")
