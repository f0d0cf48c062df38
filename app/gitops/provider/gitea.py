"""The API of Gitea and Forgejo: GitHub's shapes below `/api/v1`."""

from app.gitops.provider.github import GitHub


class Gitea(GitHub):
    """REST, version 1."""

    def default_base(self) -> str:
        """On the repository's own host."""
        return self.host.web + "/api/v1"

    def headers(self) -> dict[str, str]:
        """An access token."""
        return {"Authorization": f"token {self.host.token}"}
