"""Pull requests as deliveries tell of them."""

from typing import Any

from app.gitops.webhook.delivery import Provider, PullEvent, clean, items, pick, texts


def read_pull(provider: Provider, event: str, data: dict[str, Any]) -> PullEvent | None:
    """The pull request of a delivery; None for another event or one that cannot be read."""
    if provider is Provider.GITLAB:
        found = _gitlab(data) if event == "Merge Request Hook" else None
    elif provider is Provider.BITBUCKET:
        found = _bitbucket(data) if event.startswith("pullrequest:") else None
    elif provider is Provider.BITBUCKET_DC:
        found = _bitbucket_dc(data) if event.startswith("pr:") else None
    elif provider is Provider.AZURE_DEVOPS:
        found = _azure(data) if event.startswith("git.pullrequest.") else None
    else:
        found = _github(data) if event.startswith("pull_request") else None
    if found is None or type(found["number"]) is not int or not 0 < found["number"] < 1 << 31:
        return None
    names = ("sha", "source_ref", "target_ref")
    if not all(isinstance(found[name], str) and found[name] for name in names):
        return None
    if not 7 <= len(found["sha"]) <= 40 or set(found["sha"]) - set("0123456789abcdef"):
        return None
    for name in ("source_ref", "target_ref"):
        found[name] = clean(found[name]).removeprefix("refs/heads/")
    return PullEvent(**found)


def _github(data: dict[str, Any]) -> dict[str, Any]:
    pull = pick(data, "pull_request")
    base = pick(pull, "base", "repo") or pick(data, "repository")
    urls = (pick(base, name) for name in ("clone_url", "ssh_url", "html_url"))
    return {
        "urls": texts(*urls),
        "number": pick(data, "number") or pick(pull, "number"),
        "sha": pick(pull, "head", "sha"),
        "source_ref": pick(pull, "head", "ref"),
        "target_ref": pick(pull, "base", "ref"),
        "is_fork": pick(pull, "head", "repo", "full_name") != pick(base, "full_name"),
        "is_open": pick(pull, "state") == "open",
    }


def _gitlab(data: dict[str, Any]) -> dict[str, Any]:
    about = pick(data, "object_attributes")
    names = ("git_http_url", "git_ssh_url", "web_url")
    return {
        "urls": texts(*(pick(data, "project", name) for name in names)),
        "number": pick(about, "iid"),
        "sha": pick(about, "last_commit", "id"),
        "source_ref": pick(about, "source_branch"),
        "target_ref": pick(about, "target_branch"),
        "is_fork": pick(about, "source_project_id") != pick(about, "target_project_id"),
        "is_open": pick(about, "state") in ("opened", "locked"),
    }


def _bitbucket(data: dict[str, Any]) -> dict[str, Any]:
    pull = pick(data, "pullrequest")
    source, target = pick(pull, "source"), pick(pull, "destination")
    place = (pick(source, "repository", "full_name"), pick(target, "repository", "full_name"))
    return {
        "urls": texts(pick(data, "repository", "links", "html", "href")),
        "number": pick(pull, "id"),
        "sha": pick(source, "commit", "hash"),
        "source_ref": pick(source, "branch", "name"),
        "target_ref": pick(target, "branch", "name"),
        "is_fork": place[0] != place[1],
        "is_open": pick(pull, "state") == "OPEN",
    }


def _bitbucket_dc(data: dict[str, Any]) -> dict[str, Any]:
    pull = pick(data, "pullRequest")
    source, target = pick(pull, "fromRef"), pick(pull, "toRef")
    links = items(pick(target, "repository", "links", "clone"))
    place = (pick(source, "repository", "id"), pick(target, "repository", "id"))
    return {
        "urls": texts(*(pick(link, "href") for link in links)),
        "number": pick(pull, "id"),
        "sha": pick(source, "latestCommit"),
        "source_ref": pick(source, "id"),
        "target_ref": pick(target, "id"),
        "is_fork": place[0] != place[1],
        "is_open": pick(pull, "state") == "OPEN",
    }


def _azure(data: dict[str, Any]) -> dict[str, Any]:
    pull = pick(data, "resource")
    return {
        "urls": texts(pick(pull, "repository", "remoteUrl")),
        "number": pick(pull, "pullRequestId"),
        "sha": pick(pull, "lastMergeSourceCommit", "commitId"),
        "source_ref": pick(pull, "sourceRefName"),
        "target_ref": pick(pull, "targetRefName"),
        "is_fork": pick(pull, "forkSource") is not None,
        "is_open": pick(pull, "status") == "active",
    }
