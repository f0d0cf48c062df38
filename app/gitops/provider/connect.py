"""The client of a host."""

from urllib.parse import quote

from app.gitops.provider.azure import AzureDevOps
from app.gitops.provider.base import Client, Host, NoApi
from app.gitops.provider.bitbucket import Bitbucket, BitbucketDataCenter
from app.gitops.provider.gitea import Gitea
from app.gitops.provider.github import GitHub
from app.gitops.provider.gitlab import GitLab
from app.gitops.webhook.delivery import Provider

_CLIENTS: dict[Provider, type[Client]] = {
    Provider.GITHUB: GitHub,
    Provider.GITLAB: GitLab,
    Provider.GITEA: Gitea,
    Provider.FORGEJO: Gitea,
    Provider.BITBUCKET: Bitbucket,
    Provider.BITBUCKET_DC: BitbucketDataCenter,
    Provider.AZURE_DEVOPS: AzureDevOps,
}


def connect(host: Host) -> Client:
    """The client of a host's API; one that refuses everything for a host without one."""
    return _CLIENTS.get(host.provider, NoApi)(host)


def has_api(host: Host) -> bool:
    """Whether anything can be shown at the host."""
    return host.provider in _CLIENTS and bool(host.token)


def compare_url(host: Host, branch: str, target: str) -> str | None:
    """Where a person opens the pull request; None for a host that is not known."""
    place = f"{host.web}/{host.project}"
    new, old = quote(branch, safe="/"), quote(target, safe="/")
    known = {
        Provider.GITHUB: f"{place}/compare/{old}...{new}?expand=1",
        Provider.GITEA: f"{place}/compare/{old}...{new}",
        Provider.FORGEJO: f"{place}/compare/{old}...{new}",
        Provider.GITLAB: f"{place}/-/merge_requests/new?merge_request[source_branch]={new}",
        Provider.BITBUCKET: f"{place}/pull-requests/new?source={new}&dest={old}",
        Provider.AZURE_DEVOPS: f"{place}/pullrequestcreate?sourceRef={new}&targetRef={old}",
    }
    return known.get(host.provider) if host.web else None


def file_url(host: Host, sha: str, path: str) -> str | None:
    """Where a person reads a file at a commit; None for a host that is not known."""
    place, file = f"{host.web}/{host.project}", quote(path, safe="/")
    known = {
        Provider.GITHUB: f"{place}/blob/{sha}/{file}",
        Provider.GITEA: f"{place}/src/commit/{sha}/{file}",
        Provider.FORGEJO: f"{place}/src/commit/{sha}/{file}",
        Provider.GITLAB: f"{place}/-/blob/{sha}/{file}",
        Provider.BITBUCKET: f"{place}/src/{sha}/{file}",
        Provider.AZURE_DEVOPS: f"{place}?path=/{file}&version=GC{sha}",
    }
    return known.get(host.provider) if host.web else None
