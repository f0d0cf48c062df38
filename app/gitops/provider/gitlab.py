"""GitLab's API."""

from urllib.parse import quote

from app.gitops.provider.base import (
    Check,
    CheckState,
    Client,
    FoundCheck,
    NewPull,
    OpenedPull,
    state_of,
)

_STATES = {
    CheckState.PENDING: "running",
    CheckState.SUCCESS: "success",
    CheckState.FAILURE: "failed",
}
_OPEN = frozenset(
    {"created", "waiting_for_resource", "preparing", "pending", "running", "scheduled"}
)
_NOTHING = frozenset({"skipped", "manual"})  #: nobody ran it, and nobody waits for it


class GitLab(Client):
    """REST, version 4."""

    def default_base(self) -> str:
        """On the repository's own host."""
        return self.host.web + "/api/v4"

    def headers(self) -> dict[str, str]:
        """An access token."""
        return {"PRIVATE-TOKEN": self.host.token}

    @property
    def _project(self) -> str:
        return f"/projects/{quote(self.host.project, safe='')}"

    def set_status(self, check: Check) -> None:
        """See Client."""
        data = {
            "state": _STATES[check.state],
            "name": check.name,
            "description": check.description[:255],
            "target_url": check.url,
        }
        self.call("POST", f"{self._project}/statuses/{check.sha}", data)

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """See Client."""
        notes = f"{self._project}/merge_requests/{number}/notes"
        if comment_id is not None:
            self.call("PUT", f"{notes}/{comment_id}", {"body": body})
            return comment_id
        return str(self.call("POST", notes, {"body": body})["id"])

    def checks(self, sha: str) -> list[FoundCheck]:
        """Jobs of pipelines are among the statuses. See Client."""
        path = f"{self._project}/repository/commits/{sha}/statuses?per_page=100"
        return [
            FoundCheck(
                str(row["name"]),
                CheckState.SUCCESS
                if row["status"] == "failed" and row.get("allow_failure")
                else state_of(row["status"], frozenset({"success"}), _OPEN),
                str(row.get("target_url") or ""),
            )
            for row in self.call("GET", path)
            if row["status"] not in _NOTHING
        ]

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {
            "source_branch": new.branch,
            "target_branch": new.target,
            "title": new.title,
            "description": new.body,
            "remove_source_branch": True,
        }
        made = self.call("POST", f"{self._project}/merge_requests", data)
        return OpenedPull(int(made["iid"]), str(made["web_url"]))
