"""Notifications by e-mail, sent to a real SMTP server."""

import pytest

from app.database.git_lists import Wanted
from app.service.gitops import overview, records
from app.service.gitops.sync import tick
from tests.support.mail import MailServer
from tests.support.repository import flow

TOLD = {"name": "ops", "kind": "email", "to": ["ops@example.org", "ada@example.org"]}


@pytest.fixture
def mail(team):
    server = MailServer()
    team.set(
        mail_host="127.0.0.1",
        mail_port=server.port,
        mail_starttls=False,
        mail_from="trunkline@example.org",
        url="https://trunkline.example.org",
    )
    yield server
    server.stop()


def test_a_failed_sync_is_told_by_mail_and_names_the_file(team, mail):
    records.notifications.put(team.rt, {**TOLD, "events": ["sync-failed"]})
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"b.yaml": "id: b\n"})

    team.look()
    team.look()

    (message,) = mail.messages
    assert mail.recipients == [["ops@example.org", "ada@example.org"]]
    assert message["Subject"] == "[Trunkline] sync-failed: team"
    assert message["From"] == "trunkline@example.org"
    assert "b.yaml" in message.get_content()


def test_a_mail_server_that_is_away_gets_the_message_later(team, mail):
    records.notifications.put(team.rt, {**TOLD, "events": ["sync-succeeded"]})
    mail.refuses = True
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    before = len(mail.messages)
    mail.refuses = False
    team.driver.clock.advance(60)

    tick(team.rt)
    team.poll()

    assert (before, len(mail.messages)) == (0, 1)
    assert all(row.sent_at is not None for row in overview.events(team.rt, Wanted())[0])
