"""Deliveries told apart and read: provider, delivery id, the refs that moved."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from app.gitops.address import url_key
from app.gitops.ref import RefKind
from app.gitops.webhook.delivery import (
    BadDelivery,
    Delivery,
    Provider,
    Push,
    Request,
    body_id,
    clean,
    items,
    pick,
    texts,
)
from app.gitops.webhook.pulls import read_pull
from app.gitops.webhook.verify import verify

_NO_COMMIT = "0" * 40


def detect(request: Request) -> Provider:
    """The sender by its headers, in the order that tells copies of a format apart."""
    if request.header("X-Forgejo-Event"):
        return Provider.FORGEJO
    if request.header("X-Gitea-Event"):
        return Provider.GITEA
    if request.header("X-GitHub-Event"):
        return Provider.GITHUB
    if request.header("X-Gitlab-Event"):
        return Provider.GITLAB
    if request.header("X-Event-Key"):
        has_uuid = request.header("X-Hook-UUID") or request.header("X-Request-UUID")
        return Provider.BITBUCKET if has_uuid else Provider.BITBUCKET_DC
    if b'"publisherId"' in request.body and b'"tfs"' in request.body:
        return Provider.AZURE_DEVOPS
    return Provider.GENERIC


def receive(
    request: Request, secrets: Sequence[str], *, allow_unsigned: bool = False
) -> tuple[Delivery, bool]:
    """The delivery, and whether a secret signed it.

    Raises BadSignature before the body is looked at, BadDelivery for a body that cannot be read.
    An endpoint that allows unsigned deliveries and has no secret takes them as bare hints.
    """
    provider = detect(request)
    is_signed = bool(secrets) or not allow_unsigned
    if is_signed:
        verify(provider, request, secrets)
    data = _document(request)
    delivery_id, event = _names(provider, request, data)
    delivery_id, event = clean(delivery_id), clean(event)
    pushes = tuple(replace(p, ref=clean(p.ref)) for p in _pushes(provider, event, data))
    pull = read_pull(provider, event, data) if is_signed else None
    if pull is not None:
        pull = replace(pull, url_keys=_keys(pull.urls))
    return Delivery(provider, delivery_id[:200], event[:100], pushes, pull), is_signed


def _document(request: Request) -> dict[str, Any]:
    body = request.body
    is_form = "application/x-www-form-urlencoded" in request.header("Content-Type")
    try:
        # `curl -d` calls everything a form; a form's field never begins with a brace
        if is_form and not body.lstrip().startswith(b"{"):
            fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
            body = fields.get("payload", [""])[0].encode()
        data = json.loads(body.decode("utf-8"))  # as bytes it would guess other encodings
    except (ValueError, RecursionError):
        raise BadDelivery("the delivery's body is no JSON") from None
    if not isinstance(data, dict):
        raise BadDelivery("the delivery's body is no JSON object")
    return data


_HEADERS = {
    Provider.FORGEJO: ("X-Forgejo-Delivery", "X-Forgejo-Event"),
    Provider.GITEA: ("X-Gitea-Delivery", "X-Gitea-Event"),
    Provider.GITHUB: ("X-GitHub-Delivery", "X-GitHub-Event"),
    Provider.BITBUCKET: ("X-Request-UUID", "X-Event-Key"),
    Provider.BITBUCKET_DC: ("X-Request-Id", "X-Event-Key"),
    Provider.GENERIC: ("X-Trunkline-Delivery", "X-Trunkline-Event"),
}


def _names(provider: Provider, request: Request, data: dict[str, Any]) -> tuple[str, str]:
    """The delivery's id and its event."""
    if provider is Provider.GITLAB:
        names = ("webhook-id", "Idempotency-Key", "X-Gitlab-Event-UUID")
        found = next((v for name in names if (v := request.header(name))), "")
        return found or body_id(request.body), request.header("X-Gitlab-Event")
    if provider is Provider.AZURE_DEVOPS:
        number = f"{data.get('id', '')}/{data.get('notificationId', '')}"
        return number if data.get("id") else body_id(request.body), str(data.get("eventType", ""))
    id_header, event_header = _HEADERS[provider]
    event = request.header(event_header) or ("push" if provider is Provider.GENERIC else "")
    return request.header(id_header) or body_id(request.body), event


def _pushes(provider: Provider, event: str, data: dict[str, Any]) -> list[Push]:
    if provider is Provider.BITBUCKET:
        return _bitbucket(data) if event == "repo:push" else []
    if provider is Provider.BITBUCKET_DC:
        return _bitbucket_dc(data) if event == "repo:refs_changed" else []
    if provider is Provider.AZURE_DEVOPS:
        return _azure(data) if event == "git.push" else []
    if event not in ("push", "delete", "Push Hook", "Tag Push Hook", "System Hook"):
        return []
    return _plain(provider, data)


def _plain(provider: Provider, data: dict[str, Any]) -> list[Push]:
    """GitHub, Gitea, Forgejo, GitLab and ours: one ref in each delivery."""
    ref, after = data.get("ref"), data.get("after")
    if not isinstance(ref, str):
        raise BadDelivery("the push names no `ref`")
    if not ref.startswith("refs/"):
        ref = ("refs/tags/" if data.get("ref_type") == "tag" else "refs/heads/") + ref
    repository = pick(data, "project" if provider is Provider.GITLAB else "repository")
    names = ("clone_url", "ssh_url", "html_url", "git_http_url", "git_ssh_url", "web_url", "url")
    urls = texts(*(pick(repository, name) for name in names), data.get("repository"))
    is_gone = bool(data.get("deleted")) or after == _NO_COMMIT
    sha = after if isinstance(after, str) and not is_gone else None
    return [Push(_keys(urls), ref, sha)]


def _bitbucket(data: dict[str, Any]) -> list[Push]:
    keys = _keys(texts(pick(data, "repository", "links", "html", "href")))
    found = []
    for change in items(pick(data, "push", "changes")):
        side = pick(change, "new") or pick(change, "old")
        kind = "tags" if pick(side, "type") == "tag" else "heads"
        sha = pick(change, "new", "target", "hash")
        found.append(Push(keys, f"refs/{kind}/{pick(side, 'name')}", sha))
    return found


def _bitbucket_dc(data: dict[str, Any]) -> list[Push]:
    links = items(pick(data, "repository", "links", "clone"))
    keys = _keys(texts(*(pick(link, "href") for link in links)))
    found = []
    for change in items(data.get("changes")):
        sha = None if pick(change, "type") == "DELETE" else pick(change, "toHash")
        found.append(Push(keys, str(pick(change, "refId")), sha))
    return found


def _azure(data: dict[str, Any]) -> list[Push]:
    keys = _keys(texts(pick(data, "resource", "repository", "remoteUrl")))
    found = []
    for change in items(pick(data, "resource", "refUpdates")):
        sha = pick(change, "newObjectId")
        found.append(Push(keys, str(pick(change, "name")), None if sha == _NO_COMMIT else sha))
    return found


def _keys(urls: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for url in urls[:50]:
        try:
            found.append(url_key(url[:2000]))
        except ValueError:
            continue  # a hint that cannot be read matches nothing
    return tuple(dict.fromkeys(found))


def moves(push: Push, ref: str, kind: RefKind = RefKind.AUTO) -> bool:
    """Whether a push moved the ref that a source tracks; branch `x` is not tag `x`."""
    if kind is RefKind.SEMVER:
        return push.ref.startswith("refs/tags/")
    if kind is not RefKind.AUTO:
        return push.ref == {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/"}.get(
            kind, "-"
        ) + ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    if ref.startswith("refs/") or ref == "HEAD":
        return ref in (push.ref, "HEAD")
    return push.ref in (f"refs/heads/{ref}", f"refs/tags/{ref}")
