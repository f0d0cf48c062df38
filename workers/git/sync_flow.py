"""SyncFlow: one file of a repository becomes a flow."""

from typing import ClassVar

from app.errors import TrunklineError
from app.gitops.mirror import RefusedTree
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import IncomingFlow, Order
from app.plugin.task import Output, TaskFailed
from workers.git.documents import read_header
from workers.git.pushing import folder_of
from workers.git.sync_flows import target_of
from workers.git.syncing import Checkout, SyncingTask, bring, checkout


class SyncFlowOutput(Output):
    """The flow as the server holds it now, or would hold it."""

    flow_id: str
    namespace: str
    revision: int
    commit_id: str | None = None
    """(extension)"""


class SyncFlow(SyncingTask):
    """Bring one flow of a Git repository to a namespace."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.SyncFlow"
    output: ClassVar[type[Output] | None] = SyncFlowOutput

    target_namespace: Dynamic[str]
    """The namespace that the flow gets."""
    flow_path: Dynamic[str]
    """The file's path in the repository."""

    def run(self, ctx: RunContext) -> SyncFlowOutput:
        """Raises TaskFailed."""
        target = target_of(ctx, self.target_namespace)
        path = folder_of(ctx, self.flow_path, "flowPath")
        with self.exchange(ctx) as exchange, checkout(self, ctx) as found:
            text = _text(found, path)
            order = Order(
                flows=[IncomingFlow(path=path, text=text.rstrip(), namespace=target)],
                dry_run=self.is_dry(ctx),
                make_namespaces=[target],
                origin=found.origin(),
            )
            done = bring(ctx, exchange, order)
            if not done.changes:
                raise TaskFailed(f"{path} is a draft, or the flow here is one", is_final=True)
            change = done.changes[0]
        revision = change.revision or 0
        if self.is_dry(ctx) and change.state == "UNCHANGED":
            revision += 1
        return SyncFlowOutput(
            flow_id=change.name,
            namespace=change.namespace,
            revision=revision,
            commit_id=found.head.sha,
        )


def _text(found: Checkout, path: str) -> str:
    try:
        file = found.tree.find(path)
    except RefusedTree as error:
        raise TaskFailed(str(error), is_final=True) from None
    if file is None:
        raise TaskFailed(f"Flow file not found at path: {path}", is_final=True)
    text = found.texts({path: file})[path]
    try:
        read_header(text)
    except TrunklineError as error:
        raise TaskFailed(
            f"Cannot parse flow id from YAML of {path}: {error}", is_final=True
        ) from None
    return text
