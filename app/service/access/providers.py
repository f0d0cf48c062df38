"""The ways to sign on that the setting `oidc` holds, and the roles that it names."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Invalid, NotFound
from app.service.runtime import Runtime


class Provider(BaseModel):
    """One way to sign on, from the setting `oidc`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    name: str
    issuer: str
    client_id: str
    client_secret: str = Field(repr=False)
    scopes: str = "openid email profile"
    username_claim: str = "email"
    roles_claim: str = ""
    roles: dict[str, list[dict[str, str]]] = Field(default_factory=dict)
    """From a value of the claim to the grants it gives; a role by its name or id."""


def list_providers(rt: Runtime) -> list[Provider]:
    """The configured providers. Raises Invalid for a setting that is wrong."""
    try:
        return [Provider.model_validate(entry) for entry in rt.settings.oidc]
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid(f"setting oidc: {where}: {error.errors()[0]['msg']}") from None


def get_provider(rt: Runtime, provider_id: str) -> Provider:
    """A provider by id. Raises NotFound."""
    found = next((p for p in list_providers(rt) if p.id == provider_id), None)
    if found is None:
        raise NotFound("no such way to sign on")
    return found


def naming(rt: Runtime, role: set[str]) -> str | None:
    """Where the setting names a role by one of these names, None: nowhere."""
    for way in list_providers(rt):
        for value, entries in way.roles.items():
            for n, entry in enumerate(entries):
                if entry.get("role") in role:
                    return f"oidc.{way.id}.roles.{value}[{n}].role"
    return None
