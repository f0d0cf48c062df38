"""Sends what the outside is told: at least once, each message under its own key."""

import hashlib
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Row

from app.database import git_outside, triggers
from app.errors import Invalid, NotFound, TrunklineError
from app.gitops.provider.base import Check, CheckState, ProviderFailed
from app.gitops.provider.connect import connect, has_api
from app.gitops.webhook.delivery import hex_hmac
from app.library import Library
from app.service import flows, starting, trigger_rows
from app.service.gitops import access
from app.service.gitops.models import Notification
from app.service.gitops.pushes import born, may_hear
from app.service.gitops.records import notifications
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.work import Progress
from app.trigger.git_event import GitEvent

httpx = Library("httpx")

_MOST, _TIMEOUT_S = 100, 20.0
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(hours=1)
MOST_ATTEMPTS = 15


def send(rt: Runtime, source: Row[Any]) -> int:
    """Sends what is due of a source; how many messages left. What failed is due again later."""
    with rt.database.reading() as tx:
        rows = git_outside.due(tx, source.id, rt.clock(), _MOST)
    sent = 0
    for row in rows:
        now = rt.clock()
        pause = min(_FIRST * 2 ** min(row.attempts, 10), _LONGEST)
        with rt.database.transaction() as tx:
            if not git_outside.take(tx, row.key, row.attempts, now + pause):
                continue
        error = _try(rt, source, row)
        is_over = error is None or not error[1] or row.attempts + 1 >= MOST_ATTEMPTS
        with rt.database.transaction() as tx:
            words = error[0][:1000] if error is not None else None
            ended = rt.clock() if is_over else None
            git_outside.write_event(tx, row.key, sent_at=ended, error=words)
        sent += error is None
    return sent


def _try(rt: Runtime, source: Row[Any], row: Row[Any]) -> tuple[str, bool] | None:
    """Sends one message; else why not, and whether another attempt may help."""
    try:
        _SENDERS[row.kind](rt, source, row)
    except ProviderFailed as error:
        return str(error), error.again
    except (httpx.HTTPError, smtplib.SMTPException, OSError) as error:
        return f"{type(error).__name__}: {error}", True
    except (Invalid, NotFound) as error:
        return str(error), False
    except (httpx.InvalidURL, ValueError) as error:  # an address with a line end in it
        return f"what was set to send it cannot be used ({type(error).__name__})", False
    except TrunklineError as error:
        return str(error), True
    return None


def _status(rt: Runtime, source: Row[Any], row: Row[Any]) -> None:
    host = access.host_of(rt, source)
    if has_api(host):
        data = row.payload
        check = Check(**{**data, "state": CheckState(data["state"])})
        connect(host).set_status(check)


def _comment(rt: Runtime, source: Row[Any], row: Row[Any]) -> None:
    host = access.host_of(rt, source)
    if not has_api(host):
        return
    data = row.payload
    with rt.database.reading() as tx:
        found = git_outside.pulls_of(tx, data["binding_id"])
    pull = next((p for p in found if p.number == data["number"]), None)
    if pull is None or pull.planned_sha != data["sha"]:
        return  # a newer plan has its own message
    comment_id = connect(host).put_comment(pull.number, data["body"], pull.comment_id)
    with rt.database.transaction() as tx:
        git_outside.write_pull(tx, pull.binding_id, pull.number, comment_id=comment_id)


def _notify(rt: Runtime, source: Row[Any], row: Row[Any]) -> None:
    data = {k: v for k, v in row.payload.items() if k != "notification"}
    told = notifications.get(rt, row.payload["notification"])[1]
    if told.kind == "email":
        _mail(rt, told, data)
        return
    url = told.url or access.secret(rt, told.url_secret, "address")
    body = json.dumps({"text": text_of(data)} if told.kind == "slack" else data).encode()
    headers = {"Content-Type": "application/json", "X-Trunkline-Event": data["event"]}
    headers["X-Trunkline-Delivery"] = hashlib.sha256(row.key.encode()).hexdigest()[:32]
    if key := access.secret(rt, told.secret, "signing secret"):
        sent = str(int(rt.clock().timestamp()))
        headers["X-Trunkline-Timestamp"] = sent
        signed = f"{sent}.".encode() + body
        headers["X-Trunkline-Signature"] = "sha256=" + hex_hmac(key, signed)
    answer = httpx.post(url, content=body, headers=headers, timeout=_TIMEOUT_S)
    if answer.is_error or answer.is_redirect:
        again = answer.status_code >= 500 or answer.status_code in (408, 425, 429)
        raise ProviderFailed(f"{told.name} answered {answer.status_code}", again=again)


def text_of(data: Mapping[str, Any]) -> str:
    """An event as a sentence."""
    place = data["binding"] or data["source"]
    commit = f" at {data['commit'][:8]}" if data.get("commit") else ""
    link = f"\n{data['url']}" if data.get("url") else ""
    return f"[{data['event']}] {place}{commit}: {data['message']}{link}"


def _mail(rt: Runtime, told: Notification, data: Mapping[str, Any]) -> None:
    settings = rt.settings
    if not settings.mail_host:
        raise Invalid("no SMTP server is set (mail_host)")
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, ", ".join(told.to)
    message["Subject"] = f"[Trunkline] {data['event']}: {data['binding'] or data['source']}"
    message.set_content(text_of(data))
    with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=_TIMEOUT_S) as server:
        if settings.mail_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.mail_username:
            server.login(settings.mail_username, settings.mail_password)
        server.send_message(message)


def _trigger(rt: Runtime, source: Row[Any], row: Row[Any]) -> None:
    """Starts the flows that wait for an event, and ends it, in one transaction: exactly once."""
    event = row.payload
    births = []
    with rt.database.reading() as tx:
        found = triggers.list_of_type(tx, GitEvent.type_name)
    for line in found:
        try:
            saved = flows.get(rt, line.namespace, line.flow_id)
            index = flows.index(rt, saved.namespace, saved.id, saved.revision)
            trigger = trigger_rows.find(index.flow, line.trigger_id)
            if not isinstance(trigger, GitEvent) or trigger.disabled or saved.disabled:
                continue
            if not trigger.matches(event) or not may_hear(rt, saved, source, event["namespace"]):
                continue
            birth = born(rt, saved, trigger, trigger.inputs or {}, dict(event), commit=None)
        except TrunklineError:
            continue  # a flow that cannot be started does not stop the others
        if birth is not None:
            births.append(birth)
    progresses: list[Progress] = []
    with rt.database.transaction() as tx:
        for birth in births:
            index = flows.index_in(tx, rt, birth.namespace, birth.flow_id, birth.revision)
            progresses.append(starting.create(tx, rt, index, birth)[1])
        git_outside.write_event(tx, row.key, sent_at=rt.clock())
    for progress in progresses:
        settle(rt, progress)


_SENDERS: dict[str, Callable[[Runtime, Row[Any], Row[Any]], None]] = {
    "status": _status,
    "comment": _comment,
    "notify": _notify,
    "trigger": _trigger,
}
