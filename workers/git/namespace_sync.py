"""NamespaceSync: one namespace, its flows and files, in either direction."""

from collections.abc import Sequence
from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Exchange
from workers.git.sync_flows import target_of
from workers.git.whole_sync import WholeSyncTask


class NamespaceSync(WholeSyncTask):
    """Make a namespace and its folder of a Git repository equal."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.NamespaceSync"

    namespace: Dynamic[str]
    """Without those below it."""

    def places(self, ctx: RunContext, exchange: Exchange, in_git: Sequence[str]) -> list[str]:
        """The one namespace."""
        return [target_of(ctx, self.namespace)]

    def default_message(self) -> str:
        """As in the reference product."""
        return "Namespace sync from Kestra"
