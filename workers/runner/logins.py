"""Credentials of registries: of the task, or of a Docker `config.json`; masked, never written."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner.engine import registry_host

_SECRET = ("password", "registryToken", "identityToken", "auth")


def of_image(ctx: RunContext, credentials: Any, config: Any, image: str) -> dict[str, Any] | None:
    """What an image is pulled or pushed with; None: nothing. Raises TaskFailed."""
    given = ctx.read(credentials, dict)
    if not given:
        given = _of_config(ctx.render(config), image)
    if not given:
        return None
    _split_auth(given)
    for name in _SECRET:
        if given.get(name):
            ctx.mask(str(given[name]))
    return given


def _of_config(config: Any, image: str) -> dict[str, Any] | None:
    """The entry of the image's registry among `auths`."""
    if isinstance(config, str) and config:
        try:
            config = json.loads(config)
        except ValueError:
            raise TaskFailed("`config` is no JSON", is_final=True) from None
    auths = (config or {}).get("auths")
    if not isinstance(auths, Mapping):
        return None
    first, slash, _ = image.partition("/")
    wanted = first if slash and (set(first) & set(".:") or first == "localhost") else ""
    for registry, entry in auths.items():
        if registry_host(str(registry)) == wanted and isinstance(entry, Mapping):
            # the registry stands in the image's name already
            return dict(entry)
    return None


def _split_auth(given: dict[str, Any]) -> None:
    """`auth` is user and password in base64; the engine wants them apart."""
    if not given.get("auth") or given.get("password"):
        return
    try:
        user, colon, password = base64.b64decode(str(given["auth"])).decode().partition(":")
    except ValueError:
        return
    if colon:
        given["username"], given["password"] = user, password
