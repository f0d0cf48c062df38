"""A team whose repository is followed: short words for what the tests of GitOps do."""

from typing import Any

from app.service import flows, namespace_files, secrets
from app.service.gitops import bindings, overview, sources, sync
from app.service.gitops.models import NewBinding, NewSource
from tests.support.driver import Driver
from tests.support.repository import Repository


class Team:
    """A driver that may read local repositories, and one repository."""

    def __init__(self, driver: Driver, repository: Repository) -> None:
        self.driver, self.repository = driver, repository
        self.set(git_allow_file_protocol=True)

    @property
    def rt(self) -> Any:
        return self.driver.rt

    def set(self, **settings: Any) -> None:
        made = self.rt.settings.model_copy(update=settings)
        object.__setattr__(self.rt, "settings", made)

    def follow(self, *, source: dict[str, Any] | None = None, **binding: Any) -> Any:
        """Follows the repository as `team`; its binding after the first round."""
        binding = {"name": "team", "namespace": "acme", "layout": "declared", **binding}
        data = {"name": "team", "url": self.repository.url, "binding": binding, **(source or {})}
        sources.add(self.rt, NewSource.model_validate(data))
        return self.look()

    def bind(self, **binding: Any) -> Any:
        sources.bind(self.rt, "team", NewBinding.model_validate(binding))
        return self.look(binding["name"])

    def look(self, name: str = "team", source: str = "team") -> Any:
        """One look at the remote, as a command does it; the binding."""
        row = sources.ask_fetch(self.rt, source)
        assert sync.work(self.rt, row.id)
        return self.binding(name) if name else None

    def poll(self, source: str = "team") -> None:
        """One look, as a poll does it: what is not due is left alone."""
        assert sync.work(self.rt, sources.find(self.rt, source).id)

    def ask(self, name: str = "team", *, plan: bool = False) -> Any:
        """A sync or a plan that somebody asks for, done."""
        sync_id = sources.ask_sync(self.rt, name, actor="ada", is_plan=plan)
        self.poll()
        return overview.sync(self.rt, sync_id)

    def binding(self, name: str = "team") -> Any:
        return bindings.find(self.rt, name)

    def source(self, name: str = "team") -> Any:
        return sources.find(self.rt, name)

    def history(self, name: str = "team") -> Any:
        return list(overview.history(self.rt, name))

    def flow(self, flow_id: str, namespace: str = "acme.team") -> Any:
        return flows.get(self.rt, namespace, flow_id)

    def has_flow(self, flow_id: str, namespace: str = "acme.team") -> bool:
        try:
            self.flow(flow_id, namespace)
        except flows.FlowNotFound:
            return False
        return True

    def file(self, path: str, namespace: str = "acme.team") -> bytes:
        return namespace_files.read(self.rt, namespace, path).read()

    def keep_secret(self, name: str, value: str) -> None:
        secrets.put(self.rt, self.rt.settings.system_namespace, name, value)
