"""GitHub's API (and GitHub Enterprise's, below `/api/v3`)."""

from app.gitops.provider.base import Check, Client, NewPull, OpenedPull

_MOST_DESCRIPTION = 140


class GitHub(Client):
    """REST, version 2022-11-28."""

    public_url = "https://api.github.com"

    def default_base(self) -> str:
        """The public API, or the one of an Enterprise server."""
        is_public = self.host.web in ("https://github.com", "")
        return self.public_url if is_public else self.host.web + "/api/v3"

    def headers(self) -> dict[str, str]:
        """A token, or the token of an installation."""
        return {
            "Authorization": f"Bearer {self.host.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def set_status(self, check: Check) -> None:
        """See Client."""
        data = {
            "state": check.state.value,
            "context": check.name,
            "description": check.description[:_MOST_DESCRIPTION],
            "target_url": check.url,
        }
        self.call("POST", f"/repos/{self.host.project}/statuses/{check.sha}", data)

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """See Client."""
        issues = f"/repos/{self.host.project}/issues"
        if comment_id is not None:
            self.call("PATCH", f"{issues}/comments/{comment_id}", {"body": body})
            return comment_id
        return str(self.call("POST", f"{issues}/{number}/comments", {"body": body})["id"])

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {"title": new.title, "head": new.branch, "base": new.target, "body": new.body}
        made = self.call("POST", f"/repos/{self.host.project}/pulls", data)
        return OpenedPull(int(made["number"]), str(made["html_url"]))
