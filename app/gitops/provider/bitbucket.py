"""The APIs of Bitbucket Cloud and of Bitbucket Data Center."""

import base64
import hashlib
from typing import Any

from app.gitops.provider.base import Check, CheckState, Client, NewPull, OpenedPull

_STATES = {
    CheckState.PENDING: "INPROGRESS",
    CheckState.SUCCESS: "SUCCESSFUL",
    CheckState.FAILURE: "FAILED",
}


def _status(check: Check, base: str) -> dict[str, Any]:
    """Both want an address and a key of at most 40 characters."""
    key = check.name
    if len(key) > 40:
        key = hashlib.sha256(key.encode()).hexdigest()[:40]
    return {
        "key": key,
        "name": check.name,
        "state": _STATES[check.state],
        "description": check.description[:255],
        "url": check.url or base,
    }


class Bitbucket(Client):
    """Bitbucket Cloud, version 2.0."""

    public_url = "https://api.bitbucket.org/2.0"

    def headers(self) -> dict[str, str]:
        """An access token, or an app password with its user's name."""
        if self.host.username:
            pair = f"{self.host.username}:{self.host.token}".encode()
            return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        return {"Authorization": f"Bearer {self.host.token}"}

    @property
    def _repository(self) -> str:
        return f"/repositories/{self.host.project}"

    def set_status(self, check: Check) -> None:
        """See Client."""
        path = f"{self._repository}/commit/{check.sha}/statuses/build"
        self.call("POST", path, _status(check, self.host.web))

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """See Client."""
        comments = f"{self._repository}/pullrequests/{number}/comments"
        data = {"content": {"raw": body}}
        if comment_id is not None:
            self.call("PUT", f"{comments}/{comment_id}", data)
            return comment_id
        return str(self.call("POST", comments, data)["id"])

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {
            "title": new.title,
            "description": new.body,
            "source": {"branch": {"name": new.branch}},
            "destination": {"branch": {"name": new.target}},
            "close_source_branch": True,
        }
        made = self.call("POST", f"{self._repository}/pullrequests", data)
        return OpenedPull(int(made["id"]), str(made["links"]["html"]["href"]))


class BitbucketDataCenter(Bitbucket):
    """Bitbucket Data Center, REST 1.0, on the repository's own host."""

    def default_base(self) -> str:
        """On the repository's own host."""
        return self.host.web + "/rest/api/1.0"

    @property
    def _repository(self) -> str:
        project, _, name = self.host.project.removeprefix("scm/").partition("/")
        return f"/projects/{project}/repos/{name}"

    def set_status(self, check: Check) -> None:
        """See Client."""
        path = f"{self._repository}/commits/{check.sha}/builds"
        self.call("POST", path, _status(check, self.host.web))

    def put_comment(self, number: int, body: str, comment_id: str | None) -> str:
        """See Client. A change names the version that it is made to."""
        comments = f"{self._repository}/pull-requests/{number}/comments"
        if comment_id is not None:
            found = self.call("GET", f"{comments}/{comment_id}")
            data = {"text": body, "version": found["version"]}
            self.call("PUT", f"{comments}/{comment_id}", data)
            return comment_id
        return str(self.call("POST", comments, {"text": body})["id"])

    def open_pull(self, new: NewPull) -> OpenedPull:
        """See Client."""
        data = {
            "title": new.title,
            "description": new.body,
            "fromRef": {"id": f"refs/heads/{new.branch}"},
            "toRef": {"id": f"refs/heads/{new.target}"},
        }
        made = self.call("POST", f"{self._repository}/pull-requests", data)
        return OpenedPull(int(made["id"]), str(made["links"]["self"][0]["href"]))
