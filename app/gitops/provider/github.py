"""GitHub's API (and GitHub Enterprise's, below `/api/v3`)."""

from typing import Any

from app.gitops.provider.base import Check, Client, FoundCheck, NewPull, OpenedPull, state_of

_MOST_DESCRIPTION = 140
_GOOD = frozenset({"success", "neutral", "skipped", "warning"})
_OPEN = frozenset({"pending", "queued", "in_progress", "waiting", "requested"})


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

    def checks(self, sha: str) -> list[FoundCheck]:
        """Statuses, and the runs of GitHub's own checks. See Client."""
        runs = self.call("GET", f"{self._commit(sha)}/check-runs?per_page=100")["check_runs"]
        return self._statuses(f"{self._commit(sha)}/status?per_page=100") + [
            FoundCheck(
                str(run["name"]),
                state_of(run.get("conclusion") or run["status"], _GOOD, _OPEN),
                str(run.get("html_url") or run.get("details_url") or ""),
            )
            for run in runs
        ]

    def _commit(self, sha: str) -> str:
        return f"/repos/{self.host.project}/commits/{sha}"

    def _statuses(self, path: str) -> list[FoundCheck]:
        rows: list[dict[str, Any]] = self.call("GET", path).get("statuses") or []
        return [
            FoundCheck(
                str(row["context"]),
                state_of(row.get("state") or row.get("status") or "", _GOOD, _OPEN),
                str(row.get("target_url") or ""),
            )
            for row in rows
        ]

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {"title": new.title, "head": new.branch, "base": new.target, "body": new.body}
        made = self.call("POST", f"/repos/{self.host.project}/pulls", data)
        return OpenedPull(int(made["number"]), str(made["html_url"]))
