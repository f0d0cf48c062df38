"""The API of Gitea and Forgejo: GitHub's shapes below `/api/v1`."""

from app.gitops.provider.base import FoundCheck
from app.gitops.provider.github import GitHub


class Gitea(GitHub):
    """REST, version 1."""

    def default_base(self) -> str:
        """On the repository's own host."""
        return self.host.web + "/api/v1"

    def headers(self) -> dict[str, str]:
        """An access token."""
        return {"Authorization": f"token {self.host.token}"}

    def checks(self, sha: str) -> list[FoundCheck]:
        """Statuses; the runs of its actions are among them. See Client."""
        return self._statuses(f"{self._commit(sha)}/status?limit=50")
