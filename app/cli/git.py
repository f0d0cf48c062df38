"""Commands of GitOps: plan, apply, sync, drift, pins, promotions, export, propose.

Exit codes of `plan` and `drift`: 0 nothing to do, 2 something would change, 1 blocked or failed.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.checking import checked, place_of
from app.cli.connection import call
from app.cli.output import Format, Output, show
from app.cli.source import wait_for
from app.errors import Invalid

_SIGNS = {"CREATE": "+", "UPDATE": "~", "DELETE": "-", "ADOPT": "=", "FORGET": "x"}
_WORDS = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete"}
_MOST_BYTES = 1_000_000
Source = Annotated[str, typer.Option("--source", "-s", help="Name of a Git source.")]
Namespace = Annotated[str, typer.Option(help="Root of the folder's namespaces.")]
LayoutName = Annotated[str, typer.Option(help="declared, tree or namespace-first.")]
Delete = Annotated[bool, typer.Option(help="Delete flows of the namespace that no file has.")]
Folder = Annotated[Path | None, typer.Argument(help="A folder of flows, in place of a source.")]


def _read_folder(folder: Path) -> dict[str, str]:
    """Text files below a folder; hidden ones, links and binary ones are left out."""
    if not folder.is_dir():
        raise Invalid(f"{folder} is no folder")
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if hidden or path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise Invalid(f"{path} is larger than {_MOST_BYTES} bytes")
        try:
            found[name] = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return found


def _changes(done: dict[str, Any]) -> int:
    """How many things a plan changes."""
    return sum(item["action"] != "NONE" for item in done["items"])


def _show(done: dict[str, Any], *, diffs: bool) -> None:
    """Prints a plan."""
    changes = _changes(done)
    for item in done["items"]:
        acts = item["action"] != "NONE"
        if acts or item["problems"] or item.get("warnings"):
            sign = _SIGNS.get(item["action"], "!")
            typer.echo(f"{sign} {item['kind']} {item['key']} ({item['state']})")
        for problem in item["problems"]:
            typer.echo(f"    {problem}")
        for warning in item.get("warnings", []):
            typer.echo(f"    warning: {warning}")
        if diffs and item.get("diff"):
            typer.echo("".join(f"    {line}\n" for line in item["diff"].splitlines()), nl=False)
    counts = [sum(i["action"] == action for i in done["items"]) for action in _WORDS]
    words = ", ".join(f"{n} to {w}" for n, w in zip(counts, _WORDS.values(), strict=True))
    if changes or not done.get("error"):
        typer.echo(f"Plan: {words}." if changes else "No changes.")


def _ask_folder(
    act: str, folder: Path, namespace: str, layout: str, delete: bool
) -> dict[str, Any]:
    body = {"namespace": namespace, "layout": layout, "delete": delete}
    found: dict[str, Any] = call(
        "POST", f"/gitops/folder/{act}", json={**body, "files": _read_folder(folder)}
    )
    return found


def plan(
    folder: Folder = None,
    source: Source = "",
    namespace: Namespace = "",
    layout: LayoutName = "declared",
    delete: Delete = False,
    diff: Annotated[bool, typer.Option(help="Show the differences.")] = True,
    output: Output = Format.TEXT,
) -> None:
    """Shows what a folder, or a Git source, would change; exit code 2 when it would."""
    if (folder is None) == (not source):
        raise Invalid("name either a folder or --source")
    if folder is not None:
        plans = [_ask_folder("plan", folder, namespace, layout, delete)]
    else:
        plans = [_plan_binding(b) for b in _bindings(source)]
    if output is Format.JSON:
        show(plans, output, str)
    else:
        for done in plans:
            if done.get("binding"):
                typer.echo(f"# {done['binding']} to {(done.get('toSha') or '-')[:8]}")
            _show(done, diffs=diff)
    for done in plans:
        _tell_blocked(done)
    if any(done["status"] != "SUCCEEDED" for done in plans):
        raise typer.Exit(1)
    if any(map(_changes, plans)):
        raise typer.Exit(2)


def _tell_blocked(done: dict[str, Any]) -> None:
    """Why a plan may not be applied, without what stands at its items already."""
    shown = {problem for item in done["items"] for problem in item["problems"]}
    for line in (done.get("error") or "").splitlines():
        if line not in shown:
            typer.echo(f"blocked: {line}", err=True)


def plan_source(name: str) -> None:
    """Shows what a sync would change; exits with 2 when it would, with 1 when it is blocked."""
    plan(None, name, diff=False)


def _bindings(source: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", f"/gitops/sources/{source}")["bindings"]
    if not found:
        raise Invalid(f"the source {source!r} has no binding")
    return found


def _plan_binding(binding: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = call("POST", f"/gitops/bindings/{binding['name']}/plan")
    done = {"binding": binding["name"], **made}
    if done["status"] == "PENDING":
        raise Invalid("no worker of the queue `git` has made the plan in two minutes")
    return done


def apply(
    folder: Folder = None,
    source: Source = "",
    namespace: Namespace = "",
    layout: LayoutName = "declared",
    delete: Delete = False,
) -> None:
    """Applies a folder in one transaction, or syncs a Git source."""
    if (folder is None) == (not source):
        raise Invalid("name either a folder or --source")
    if folder is not None:
        _show(_ask_folder("apply", folder, namespace, layout, delete), diffs=False)
        return
    sync(source)


def sync(
    source: Annotated[str, typer.Argument(help="Name of a Git source.")],
    only: Annotated[
        list[str] | None,
        typer.Option(help="A resource of the plan, as KIND:KEY (FLOW:acme/a); several times."),
    ] = None,
    binding: Annotated[str, typer.Option(help="With --only, where there are several.")] = "",
) -> None:
    """Looks at the remote now and applies; exits with 1 unless everything is in sync."""
    if only:
        _sync_part(source, binding, only)
        return
    call("POST", f"/gitops/sources/{source}/fetch")
    wait_for(source)


def _sync_part(source: str, binding: str, only: list[str]) -> None:
    """Applies some resources of a plan. Exits with 1 unless they were applied."""
    names = [one["name"] for one in _bindings(source)]
    if binding not in (names if len(names) > 1 else ["", *names]):
        raise Invalid(f"--binding: one of {', '.join(names)}")
    pairs = [one.partition(":") for one in only]
    body = {"keys": [{"kind": kind, "key": key} for kind, _, key in pairs]}
    done = call("POST", f"/gitops/bindings/{binding or names[0]}/sync", json=body)
    _show(done, diffs=False)
    if done["status"] == "PARTIAL":
        part = done["part"]
        count = f"{len(part['keys'])} of {part['of']}"
        typer.echo(f"Applied {count}; the rest is left to the next sync.")
    elif done["status"] != "SUCCEEDED":
        raise Invalid(done.get("error", f"nothing was applied: {done['status']}"))


def drift(
    source: Annotated[str, typer.Argument(help="All of them if absent.")] = "",
    output: Output = Format.TEXT,
) -> None:
    """Lists what is not as Git has it, or no longer there; exits with 2 when there is something."""
    listed = [call("GET", f"/gitops/sources/{source}")] if source else _all_sources()
    found = [
        {"binding": binding["name"], **row}
        for binding in (b for one in listed for b in one["bindings"])
        for row in call("GET", f"/gitops/bindings/{binding['name']}/resources")["results"]
        if row["state"] in ("Drifted", "Conflict", "Orphan")
    ]
    show(found, output, _drift_line)
    if found:
        raise typer.Exit(2)
    if output is Format.TEXT:
        typer.echo("No drift.")


def _drift_line(row: dict[str, Any]) -> str:
    return f"{row['state']:8} {row['binding']} {row['kind']} {row['key']}"


def _all_sources() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", "/gitops/sources")["results"]
    return found


def pin(
    binding: str,
    sha: str,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    auto_unpin: Annotated[bool, typer.Option(help="End the pin at the next commit.")] = False,
) -> None:
    """Holds a binding at an earlier commit: a rollback."""
    body = {"sha": sha, "reason": reason, "autoUnpin": auto_unpin}
    done = call("POST", f"/gitops/bindings/{binding}/pin", json=body)
    typer.echo(f"{done['name']} is pinned to {done['pinnedSha'][:8]}")


def unpin(binding: str) -> None:
    """Lets a binding follow its source again."""
    done = call("POST", f"/gitops/bindings/{binding}/unpin")
    typer.echo(f"{done['name']} follows its source")


def promote(
    pipeline: str,
    stage: Annotated[str, typer.Argument(help="Name of the stage's binding.")],
    sha: Annotated[str, typer.Option(help="The commit of the stage before if absent.")] = "",
) -> None:
    """Moves a stage of a pipeline to a commit; exits with 2 while it waits for a gate."""
    body = {"stage": stage, **({"sha": sha} if sha else {})}
    done = call("POST", f"/gitops/pipelines/{pipeline}/promote", json=body)
    typer.echo(f"{done['id']} {done['sha'][:8]} to {stage}: {done['status']}")
    for gate in done["gates"]:
        typer.echo(f"  waits for {gate}")
    if done["status"] == "FAILED":
        raise Invalid(done.get("error", "it failed"))
    if done["status"] != "SUCCEEDED":
        raise typer.Exit(2)


def export(
    namespace: str,
    folder: Path,
    files: Annotated[bool, typer.Option(help="Namespace files too.")] = True,
) -> None:
    """Writes the flows and files of a namespace and all below, laid out `namespace-first`."""
    query = {"namespace": namespace, "size": 10_000}
    rows = call("GET", "/flows/search", params=query)["results"]
    names = sorted({row["namespace"] for row in rows} | {namespace})
    for row in rows:
        found = call("GET", f"/flows/{row['namespace']}/{row['id']}", params={"source": "true"})
        _write(folder / row["namespace"] / "flows" / f"{row['id']}.yaml", found["source"].encode())
    count = 0
    for name in names if files else ():
        for path in call("GET", f"/namespaces/{name}/files/search", params={"q": ""}):
            clean = path.strip("/")
            data = call("GET", f"/namespaces/{name}/files", params={"path": "/" + clean}, raw=True)
            _write(folder / name / "files" / clean, data)
            count += 1
    typer.echo(f"{len(rows)} flows and {count} files in {folder}")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def propose(
    binding: str,
    paths: Annotated[list[Path], typer.Argument(help="Files of flows, as they should become.")],
    title: Annotated[str, typer.Option(help="Of the commit and the pull request.")] = "",
    body: Annotated[str, typer.Option(help="What more there is to say.")] = "",
    direct: Annotated[bool, typer.Option(help="Commit to the tracked branch itself.")] = False,
) -> None:
    """Proposes changes of flows to Git: a branch with a commit, and a pull request."""
    edits = []
    for path in checked(paths):
        text = path.read_text(encoding="utf-8")
        edits.append({"kind": "FLOW", "key": "/".join(place_of(text)), "content": text})
    asked = {"binding": binding, "edits": edits, "title": title, "body": body, "direct": direct}
    done = call("POST", "/gitops/changes", json=asked)
    typer.echo(f"committed {done['sha'][:8]} to {done['branch']}")
    if done.get("url"):
        typer.echo(done["url"])
    if done.get("error"):
        typer.echo(f"the pull request was not opened: {done['error']}", err=True)


COMMANDS = (plan, apply, sync, drift, pin, unpin, promote, export, propose)
