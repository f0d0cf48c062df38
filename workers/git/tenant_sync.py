"""TenantSync: every namespace with its flows and files, and the dashboards, in either direction."""

from collections.abc import Sequence
from typing import ClassVar

from app.plugin.context import RunContext
from app.plugin.exchange import Exchange
from workers.git.whole_sync import WholeSyncTask


class TenantSync(WholeSyncTask):
    """Make all namespaces and dashboards, and the folders of a Git repository, equal.

    A repository that has no `_global/dashboards` says nothing of dashboards: they stay.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.git.TenantSync"

    takes_dashboards: ClassVar[bool] = True

    def places(self, ctx: RunContext, exchange: Exchange, in_git: Sequence[str]) -> list[str]:
        """Those of the server and those of the repository."""
        return sorted({*exchange.namespaces(), *in_git})

    def default_message(self) -> str:
        """As in the reference product."""
        return "Tenant sync from Kestra"
