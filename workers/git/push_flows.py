"""PushFlows: flows of a namespace to a folder of a repository."""

from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Exchange
from app.plugin.task import Output
from app.service.gitops.texts import with_namespace, with_references, without_revision
from workers.git.pushing import CommitOutput, Content, PushTask, folder_of, patterns
from workers.globs import matches_any


class PushFlowsOutput(CommitOutput):
    """The commit, and what it changed."""

    flows: str
    """A file of rows `{file, additions, deletions, changes}`."""


class PushFlows(PushTask):
    """Commit flows of a namespace and push them to Git."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.PushFlows"
    output: ClassVar[type[Output] | None] = PushFlowsOutput

    git_directory: Dynamic[str] = "_flows"
    """Child namespaces are folders below it."""
    source_namespace: Dynamic[str] = "{{ flow.namespace }}"
    """The namespace whose flows are pushed."""
    target_namespace: Dynamic[str] | None = None
    """What the source namespace is called in the pushed files."""
    flows: Dynamic[Any] | None = None
    """A glob of ids, or a list of them; every flow when absent."""
    include_child_namespaces: Dynamic[bool] = False
    """Whether namespaces below are meant too."""
    rewrite_references: Dynamic[bool] = False
    """Also rename the source namespace inside tasks and triggers (extension)."""

    def run(self, ctx: RunContext) -> PushFlowsOutput:
        """Drafts are never pushed. Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        globs = patterns(ctx, self.flows)
        source = str(ctx.render(self.source_namespace) or "") or ctx.ids.namespace
        with self.exchange(ctx) as exchange:
            wanted = self._wanted(ctx, exchange, self.source(ctx, exchange, source), globs)
        message = self.message(ctx, f"Add flows from {source} namespace")
        sent, rows = self.put(ctx, folder, wanted, globs, message)
        return PushFlowsOutput(commit_id=sent.sha, commit_url=sent.url, flows=rows)

    def _wanted(
        self, ctx: RunContext, exchange: Exchange, source: str, globs: list[str]
    ) -> dict[str, Content]:
        target = str(ctx.render(self.target_namespace) or "") or source
        renames_all = bool(ctx.read(self.rewrite_references, bool))
        found: dict[str, Content] = {}
        children = bool(ctx.read(self.include_child_namespaces, bool))
        for flow in exchange.flows(source, children=children):
            if flow.is_draft or (globs and not matches_any(flow.id, globs)):
                continue
            below = flow.namespace[len(source) :].strip(".")
            text = without_revision(flow.source)
            if target != source:
                text = with_namespace(text, ".".join(filter(None, [target, below])))
                if renames_all:
                    text = with_references(text, source, target)
            path = "/".join(filter(None, [below.replace(".", "/"), f"{flow.id}.yml"]))
            found[path] = text.encode()
        return found
