"""The provider: where the server is, and which resources there are."""

import os

from tf.iface import Config, DataSource, Provider, Resource
from tf.runner import run_provider
from tf.schema import Attribute, Schema
from tf.types import String, Unknown
from tf.utils import Diagnostics

from trunkline_terraform.client import ApiError, Client
from trunkline_terraform.content import Flow, Kv, Namespace, NamespaceFile, Secret
from trunkline_terraform.git import GitBinding, GitSource

DEFAULT_SERVER = "http://127.0.0.1:8080"


class TrunklineProvider(Provider):
    """One configured provider of a Terraform run."""

    def __init__(self) -> None:
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client of the configured server. Raises ApiError when there is no configuration."""
        if self._client is None:
            raise ApiError("The provider is not configured", "Its `server` is not known yet.")
        return self._client

    def full_name(self) -> str:
        """Its address in `required_providers`."""
        return "registry.terraform.io/trunkline/trunkline"

    def get_model_prefix(self) -> str:
        """What the names of its resources begin with."""
        return "trunkline_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """Its settings."""
        server = f"The server's address; `TRUNKLINE_SERVER`, then {DEFAULT_SERVER}."
        user = "`name:password` or an API token; `TRUNKLINE_USER` when absent."
        return Schema(
            version=1,
            attributes=[
                Attribute("server", String(), server, optional=True),
                Attribute("user", String(), user, optional=True, sensitive=True),
            ],
        )

    def validate_config(self, diags: Diagnostics, config: Config) -> None:
        """An address is http or https."""
        server = config.get("server")
        if isinstance(server, str) and not server.startswith(("http://", "https://")):
            text = f"{server!r} does not begin with http:// or https://"
            diags.add_error("`server` is no address", text, path=["server"])

    def configure_provider(self, diags: Diagnostics, config: Config) -> None:
        """Makes the client; what is unknown until another resource is made leaves it unmade."""
        server = config.get("server") or os.environ.get("TRUNKLINE_SERVER") or DEFAULT_SERVER
        user = config.get("user") or os.environ.get("TRUNKLINE_USER") or ""
        if server is not Unknown and user is not Unknown:
            self._client = Client(server, user)

    def get_data_sources(self) -> list[type[DataSource]]:
        """None: what flows need to read they read themselves."""
        return []

    def get_resources(self) -> list[type[Resource]]:
        """Every type of resource."""
        return [Flow, Namespace, NamespaceFile, Kv, Secret, GitSource, GitBinding]


def main() -> None:
    """Run by Terraform, which speaks to it on standard output and a socket."""
    run_provider(TrunklineProvider())
