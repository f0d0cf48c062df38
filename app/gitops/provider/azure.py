"""The API of Azure DevOps: `https://dev.azure.com/<organisation>/<project>/_git/<repository>`."""

import base64

from app.gitops.provider.base import Check, CheckState, Client, NewPull, OpenedPull

_VERSION = "api-version=7.1"
_STATES = {
    CheckState.PENDING: "pending",
    CheckState.SUCCESS: "succeeded",
    CheckState.FAILURE: "failed",
}


class AzureDevOps(Client):
    """REST, version 7.1."""

    def default_base(self) -> str:
        """On the repository's own host."""
        return self.host.web

    def headers(self) -> dict[str, str]:
        """A personal access token is a password without a name."""
        pair = base64.b64encode(f":{self.host.token}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    @property
    def _repository(self) -> str:
        place, _, name = self.host.project.partition("/_git/")
        return f"/{place}/_apis/git/repositories/{name}"

    def set_status(self, check: Check) -> None:
        """See Client."""
        genre, _, name = check.name.partition("/")
        data = {
            "state": _STATES[check.state],
            "description": check.description,
            "targetUrl": check.url,
            "context": {"genre": genre, "name": name},
        }
        self.call("POST", f"{self._repository}/commits/{check.sha}/statuses?{_VERSION}", data)

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """See Client. A comment is the first one of a thread of its own; the id is the thread's."""
        threads = f"{self._repository}/pullRequests/{number}/threads"
        if comment_id is not None:
            path = f"{threads}/{comment_id}/comments/1?{_VERSION}"
            self.call("PATCH", path, {"content": body})
            return comment_id
        comment = {"parentCommentId": 0, "content": body, "commentType": 1}
        made = self.call("POST", f"{threads}?{_VERSION}", {"comments": [comment], "status": 4})
        return str(made["id"])

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {
            "sourceRefName": f"refs/heads/{new.branch}",
            "targetRefName": f"refs/heads/{new.target}",
            "title": new.title,
            "description": new.body,
        }
        made = self.call("POST", f"{self._repository}/pullrequests?{_VERSION}", data)
        number = int(made["pullRequestId"])
        return OpenedPull(number, f"{self.host.web}/{self.host.project}/pullrequest/{number}")
