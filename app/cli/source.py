"""Commands for Git sources."""

import time
from typing import Annotated, Any

import typer

from app.cli.connection import call
from app.cli.output import Format, Output, show
from app.errors import Invalid

source = typer.Typer(no_args_is_help=True, help="Git sources.")
_WAIT_S = 120.0


def _short(sha: str | None) -> str:
    return sha[:8] if sha else "-"


def _lines(found: dict[str, Any]) -> str:
    """A source and its bindings, a line each."""
    state = "suspended" if found["suspended"] else "active"
    lines = [f"{found['name']} {found['url']} {found['ref']} ({state})"]
    lines.append(f"  seen {_short(found.get('seenSha'))}, applied {_applied(found)}")
    if found.get("lastError"):
        lines.append(f"  error: {found['lastError']}")
    for binding in found["bindings"]:
        place = f"{binding['path'] or '/'} -> {binding['namespace'] or '(all)'}"
        lines.append(f"  {place}: {binding['sync']}, {binding['health']}  [{binding['id']}]")
        if binding.get("pin"):
            lines.append(f"    {_pinned(binding['pin'])}")
        told = [problem for problem in binding["problems"] if problem != found.get("lastError")]
        lines += [f"    {problem}" for problem in told]
    return "\n".join(lines)


def _applied(found: dict[str, Any]) -> str:
    """What the bindings are at: one commit, or those of a source whose bindings differ."""
    commits = [one["appliedSha"] for one in found["bindings"] if one.get("appliedSha")]
    return ", ".join(dict.fromkeys(map(_short, commits))) or _short(found.get("appliedSha"))


def _pinned(pin: dict[str, Any]) -> str:
    behind = f" ({pin['behind']} behind)" if pin.get("behind") else ""
    why = f": {pin['reason']}" if pin.get("reason") else ""
    return f"pinned to {_short(pin['sha'])}{behind}{why}"


def _is_well(found: dict[str, Any]) -> bool:
    bindings = [b["sync"] == "Synced" and b["health"] == "Healthy" for b in found["bindings"]]
    return not found.get("lastError") and all(bindings)


@source.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    url: Annotated[str, typer.Argument(help="Address of the repository.")],
    ref: Annotated[str, typer.Option(help="Branch, tag or commit.")] = "main",
    path: Annotated[str, typer.Option(help="Folder of the repository.")] = "",
    namespace: Annotated[str, typer.Option(help="Root of its namespaces.")] = "",
    layout: Annotated[str, typer.Option(help="declared, tree or namespace-first.")] = "declared",
    poll: Annotated[int, typer.Option(help="Seconds between polls.")] = 180,
    prune: Annotated[bool, typer.Option(help="Delete what Git no longer has.")] = False,
    adopt: Annotated[bool, typer.Option(help="Take over flows that exist.")] = False,
    username: Annotated[str, typer.Option(help="For http(s).")] = "",
    password_secret: Annotated[str, typer.Option(help="Name of a secret.")] = "",
    private_key_secret: Annotated[str, typer.Option(help="Name of a secret.")] = "",
    sync: Annotated[bool, typer.Option(help="Apply it now; else after `source resume`.")] = True,
) -> None:
    """Registers a repository that can be read, then waits for its first sync."""
    auth = {
        "username": username,
        "passwordSecret": password_secret,
        "privateKeySecret": private_key_secret,
    }
    binding = {
        "path": path,
        "namespace": namespace,
        "layout": layout,
        "prune": prune,
        "adopt": adopt,
    }
    body = {"name": name, "url": url, "ref": ref, "pollInterval": poll, "binding": binding}
    body |= {"auth": {k: v for k, v in auth.items() if v}, "sync": sync}
    _check_readable(body)
    call("POST", "/gitops/sources", json=body)
    if sync:
        wait_for(name)
        return
    typer.echo(f"{name} is registered, and nothing of it is applied yet")
    typer.echo(f"  trunkline plan --source {name}    shows what would change")
    typer.echo(f"  trunkline source resume {name}    applies it")


def _check_readable(body: dict[str, Any]) -> None:
    """Raises Invalid with Git's reason when the remote cannot be read, or has no such ref."""
    tried = call("POST", "/gitops/sources/test", json=body)
    if tried.get("error"):
        told = ": ".join(filter(None, [tried["error"], tried.get("advice")]))
        raise Invalid(f"{told} (nothing was registered)")


@source.command("resume")
def resume(name: str) -> None:
    """Goes on with a source and its bindings that are suspended, then waits for their sync."""
    found = call("GET", f"/gitops/sources/{name}")
    for binding in found["bindings"]:
        if binding["suspended"]:
            call("POST", f"/gitops/bindings/{binding['name']}/resume")
    if found["suspended"]:
        call("POST", f"/gitops/sources/{name}/resume")
    wait_for(name)


@source.command("sync")
def sync(name: str) -> None:
    """Looks at the remote now and applies; exits with 1 unless everything is in sync."""
    call("POST", f"/gitops/sources/{name}/fetch")
    wait_for(name)


def wait_for(name: str) -> None:
    """Until nothing more is asked of the source."""
    ends = time.monotonic() + _WAIT_S
    shown = False
    while (found := call("GET", f"/gitops/sources/{name}"))["working"]:
        if time.monotonic() > ends:
            raise Invalid("no worker of the queue `git` has done it in two minutes")
        if not shown:
            typer.echo("waiting for a worker ...", err=True)
            shown = True
        time.sleep(0.2)
    typer.echo(_lines(found))
    if not _is_well(found):
        raise typer.Exit(1)


@source.command("status")
def status(
    name: Annotated[str, typer.Argument(help="All of them if absent.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Shows sources; exits with 1 unless everything is in sync."""
    if name:
        found = [call("GET", f"/gitops/sources/{name}")]
    else:
        found = call("GET", "/gitops/sources")["results"]
    show(found, output, _lines)
    if not all(_is_well(one) for one in found):
        raise typer.Exit(1)


@source.command("history")
def history(name: str, output: Output = Format.TEXT) -> None:
    """Lists what was synced, the newest first."""
    bindings = call("GET", f"/gitops/sources/{name}")["bindings"]
    asked = (call("GET", f"/gitops/bindings/{one['id']}/history") for one in bindings)
    show([row for found in asked for row in found["results"]], output, _sync_line)


def _sync_line(row: dict[str, Any]) -> str:
    line = f"{row['createdAt']} {row['status']:9} {_short(row.get('toSha'))} {row['reason']}"
    told = (row.get("error") or row.get("message") or "").strip().partition("\n")[0]
    return f"{line}: {told}" if told else line


@source.command("remove")
def remove(name: str) -> None:
    """Forgets a source; its flows stay."""
    call("DELETE", f"/gitops/sources/{name}")


@source.command("webhook")
def webhook(
    name: Annotated[str, typer.Argument(help="A name for the endpoint.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="Show the endpoints instead.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Close it, by name or id.")] = False,
    rotate: Annotated[bool, typer.Option("--rotate", help="Give it another secret.")] = False,
) -> None:
    """Opens an endpoint for a Git host; address and secret are shown this once."""
    if listed:
        for row in call("GET", "/gitops/webhooks")["results"]:
            typer.echo(f"{row['name']} {row['id']} {row['createdAt']}")
        return
    if not name:
        raise Invalid("name the endpoint, or pass --list")
    if delete:
        call("DELETE", f"/gitops/webhooks/{_endpoint(name)}")
        typer.echo(f"closed {name}")
        return
    if rotate:
        done = call("POST", f"/gitops/webhooks/{_endpoint(name)}/rotate")
        typer.echo(
            f"secret  {done['secret']}\nthe one before is taken too, until the next rotation"
        )
        return
    made = call("POST", "/gitops/webhooks", json={"name": name})
    typer.echo(f"address {made['url']}\nsecret  {made['secret']}")


def _endpoint(name: str) -> str:
    """The id of an endpoint. Raises Invalid."""
    rows = call("GET", "/gitops/webhooks")["results"]
    found = [row["id"] for row in rows if name in (row["name"], row["id"])]
    if not found:
        raise Invalid(f"no webhook endpoint {name!r}")
    if len(found) > 1:
        raise Invalid(f"several webhook endpoints are called {name!r}: give one of {found}")
    return str(found[0])
