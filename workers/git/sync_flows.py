"""SyncFlows: a folder of a repository becomes the flows of a namespace."""

from collections.abc import Sequence
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Change, Exchange, IncomingFlow, Order
from app.plugin.task import Output, TaskFailed
from workers.git.documents import is_flow_file
from workers.git.pushing import folder_of, put_rows
from workers.git.syncing import Checkout, FolderSyncTask, SyncOutput, bring, checkout, counts


class SyncFlowsOutput(SyncOutput):
    """What changed."""

    flows: str
    """A file of rows `{gitPath, syncState, flowId, namespace, revision}`."""
    unresolved_flow_lookups: int = 0


class SyncFlows(FolderSyncTask):
    """Bring flows of a Git folder to a namespace, in one transaction."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.SyncFlows"
    output: ClassVar[type[Output] | None] = SyncFlowsOutput

    target_namespace: Dynamic[str]
    """Every flow goes here, whatever namespace its file names."""
    git_directory: Dynamic[str] | None = "_flows"
    """The folder of the flows."""
    include_child_namespaces: Dynamic[bool] = False
    """Folders become child namespaces."""
    ignore_invalid_flows: Dynamic[bool] = False
    """Leave wrong flows out, with a warning, instead of failing."""

    def run(self, ctx: RunContext) -> SyncFlowsOutput:
        """The flow that runs this is never deleted, nor are drafts. Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        target = target_of(ctx, self.target_namespace)
        with self.exchange(ctx) as exchange, checkout(self, ctx) as found:
            files = found.find(folder)
            if files is None:
                if ctx.read(self.fail_on_missing_directory, bool):
                    raise TaskFailed(f"The directory '{folder}' was not found", is_final=True)
                ctx.log.warning("the directory '%s' was not found: nothing is changed", folder)
                return SyncFlowsOutput(flows=put_rows(ctx, []), commit_id=found.head.sha)
            children = bool(ctx.read(self.include_child_namespaces, bool))
            wanted = {n: f for n, f in files.items() if children or "/" not in n}
            for name in [name for name in wanted if not is_flow_file(name)]:
                ctx.log.debug("%s is no flow", name)
                del wanted[name]
            texts = found.texts(wanted)
            order = self._order(ctx, exchange, found, folder, target, texts, children=children)
            done = bring(ctx, exchange, order)
        return SyncFlowsOutput(
            flows=put_rows(ctx, flow_rows(done.changes)),
            commit_id=found.head.sha,
            counts=counts(done),
        )

    def _order(
        self,
        ctx: RunContext,
        exchange: Exchange,
        found: Checkout,
        folder: str,
        target: str,
        texts: dict[str, str],
        *,
        children: bool,
    ) -> Order:
        names = [target]
        if children:
            names += [n for n in exchange.namespaces() if n.startswith(target + ".")]
        return Order(
            flows=[
                IncomingFlow(
                    path=f"{folder}/{name}".lstrip("/"),
                    text=text.rstrip(),
                    namespace=".".join([target, *name.split("/")[:-1]]),
                )
                for name, text in texts.items()
            ],
            flow_namespaces=names,
            missing="DELETE" if ctx.read(self.delete, bool) else "KEEP",
            allow_empty=bool(ctx.read(self.allow_empty, bool)),
            skip_invalid=bool(ctx.read(self.ignore_invalid_flows, bool)),
            dry_run=self.is_dry(ctx),
            kept=_ignored(exchange, found, folder, target, children=children),
            running=f"{ctx.ids.namespace}/{ctx.ids.flow_id}",
            make_namespaces=[target],
            origin=found.origin(),
            folder=folder,
        )


def _ignored(
    exchange: Exchange, found: Checkout, folder: str, target: str, *, children: bool
) -> frozenset[str]:
    """Flows of the server whose file, if there were one, would be ignored."""
    paths = {}
    for flow in exchange.flows(target, children=children):
        below = flow.namespace[len(target) :].strip(".").replace(".", "/")
        for ending in (".yml", ".yaml"):
            paths[f"{below}/{flow.id}{ending}".lstrip("/")] = f"{flow.namespace}/{flow.id}"
    return frozenset(paths[name] for name in found.ignored(folder, list(paths)))


def target_of(ctx: RunContext, value: Any) -> str:
    """A rendered namespace to write to. Raises TaskFailed for none."""
    target = str(ctx.render(value) or "").strip()
    if not target or "/" in target or ":" in target:
        raise TaskFailed(f"{target[:80]!r} is no namespace", is_final=True)
    return target


def flow_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The rows of the output file, by path; what was deleted first."""
    rows = [
        {
            "gitPath": change.path,
            "syncState": change.state,
            "flowId": change.name,
            "namespace": change.namespace,
            "revision": change.revision,
        }
        for change in changes
    ]
    return sorted(rows, key=lambda row: str(row["gitPath"] or ""))
