"""Commands for API tokens. The text of a token is printed once, alone, on stdout."""

from typing import Annotated, Any

import typer

from app.cli.access import account, told
from app.cli.connection import call
from app.cli.output import Format, Output, show
from app.errors import Invalid

token = typer.Typer(no_args_is_help=True, help="API tokens: your own, or those of --account.")
Account = Annotated[str, typer.Option("--account", help="Whose; your own if absent.")]


def _path(name: str) -> str:
    return (account(name)[0] if name else "/me") + "/api-tokens"


@token.command("list")
def list_tokens(owner: Account = "", output: Output = Format.TEXT) -> None:
    """Lists tokens without their texts."""
    show(call("GET", _path(owner))["results"], output, _line)


def _line(one: dict[str, Any]) -> str:
    ends = f"until {one['exp']}" if one.get("exp") else "without an end"
    limits = told(one["scopes"]) if "scopes" in one else "all that its owner may"
    used = f"used {one['lastUsed']}" if one.get("lastUsed") else "never used"
    word = " (expired)" if one["expired"] else ""
    return f"{one['name']} {one['prefix']}…{word} {ends}, {used}: {limits}"


@token.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    owner: Account = "",
    max_age: Annotated[str, typer.Option(help="How long it lives, such as P30D.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="ROLE or ROLE:NAMESPACE; repeatable. Else all.")
    ] = None,
) -> None:
    """Makes a token and prints its text, this once."""
    body: dict[str, Any] = {"name": name, **({"maxAge": max_age} if max_age else {})}
    if scope:
        body["scopes"] = [_grant(one) for one in scope]
    typer.echo(call("POST", _path(owner), json=body)["fullToken"])


def _grant(text: str) -> dict[str, str]:
    role, _, namespace = text.partition(":")
    return {"role": role, "namespace": namespace}


@token.command("remove")
def remove_token(name: str, owner: Account = "") -> None:
    """Ends a token, by its name or id, at once."""
    path = _path(owner)
    rows = call("GET", path)["results"]
    found = [one["id"] for one in rows if name in (one["name"], one["id"])]
    if not found:
        raise Invalid(f"there is no token {name!r}")
    if len(found) > 1:
        raise Invalid(f"several tokens are called {name!r}: give one of {', '.join(found)}")
    call("DELETE", f"{path}/{found[0]}")
