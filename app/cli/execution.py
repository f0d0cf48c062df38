"""Commands for executions."""

import json
from typing import Annotated, Any

import typer

from app.cli.connection import call, follow_logs, leave, print_line, state_of, wait
from app.cli.inputs import Inputs, check_known, parts
from app.cli.output import Follow, Format, Namespace, Output, Size, Text, show
from app.errors import Invalid

Level = Annotated[str, typer.Option(help="The lowest that is shown: TRACE to ERROR.")]
execution = typer.Typer(no_args_is_help=True, help="Executions.")


@execution.command("get")
def get(execution_id: str) -> None:
    """Prints an execution as JSON."""
    typer.echo(json.dumps(call("GET", f"/executions/{execution_id}"), indent=2))


@execution.command("list")
def list_executions(
    namespace: Namespace = "",
    flow: Annotated[str, typer.Option(help="Id of their flow.")] = "",
    state: Annotated[str, typer.Option(help="Such as FAILED.")] = "",
    q: Text = "",
    size: Size = 20,
    output: Output = Format.TEXT,
) -> None:
    """Lists executions, the newest first."""
    query = {"size": size, "namespace": namespace, "flowId": flow, "state": state, "q": q}
    kept = {key: value for key, value in query.items() if value}
    show(call("GET", "/executions/search", params=kept)["results"], output, _line)


def _line(item: dict[str, Any]) -> str:
    where = f"{item['namespace']}/{item['flowId']}"
    begun = item["state"]["startDate"]
    return f"{item['id']} {item['state']['current']:9} {begun} {where}"


@execution.command("logs")
def logs(execution_id: str, follow: Follow = False, level: Level = "") -> None:
    """Prints the log; with --follow until the end, and exits by how it ended."""
    if follow:
        leave(follow_logs(execution_id))
        return
    query = {"minLevel": level} if level else {}
    lines = call("GET", f"/logs/{execution_id}", params=query)
    if not lines:
        state_of(execution_id)  # the server has an empty log of every id
    for line in lines:
        print_line(line)


@execution.command("follow")
def follow(execution_id: str) -> None:
    """Waits for the end, telling each state; exits by how it ended."""
    leave(wait(execution_id))


@execution.command("kill")
def kill(
    execution_id: str,
    cascade: Annotated[bool, typer.Option(help="Stop its subflows too.")] = True,
) -> None:
    """Stops an execution."""
    query = {"isOnKillCascade": str(cascade).lower()}
    done = call("DELETE", f"/executions/{execution_id}/kill", params=query)
    typer.echo(f"{done['id']} {done['state']['current']}")


@execution.command("resume")
def resume(
    execution_id: str,
    input: Inputs = None,
    wait_: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
) -> None:
    """Resumes a paused execution, with the inputs that its Pause asks for (`onResume`)."""
    form = parts(input)
    check_known(f"/executions/{execution_id}/resume/validate", input)
    done = call("POST", f"/executions/{execution_id}/resume", files=form or None)
    typer.echo(f"{done['id']} {done['state']['current']}")
    if wait_:
        leave(wait(done["id"]))


Revision = Annotated[int, typer.Option(help="Another revision of the flow; its own if 0.", min=0)]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end.")]


def _go(execution_id: str, act: str, query: dict[str, Any], *, form: Any, wait_: bool) -> None:
    kept = {key: value for key, value in query.items() if value}
    done = call("POST", f"/executions/{execution_id}/{act}", params=kept, files=form or None)
    typer.echo(f"{done['id']} {done['state']['current']}")
    if wait_:
        leave(wait(done["id"]))


@execution.command("restart")
def restart(execution_id: str, revision: Revision = 0, wait_: Wait = False) -> None:
    """Restarts a failed execution at the tasks that failed."""
    _go(execution_id, "restart", {"revision": revision}, form=None, wait_=wait_)


@execution.command("replay")
def replay(
    execution_id: str,
    task_run: Annotated[str, typer.Option(help="Id of a task run to begin at.")] = "",
    task: Annotated[str, typer.Option(help="Id of a task to begin at, which ran once.")] = "",
    revision: Revision = 0,
    latest_revision: Annotated[
        bool, typer.Option("--latest-revision", help="The flow as it is now.")
    ] = False,
    input: Inputs = None,
    wait_: Wait = False,
) -> None:
    """Runs it again as a new execution, whole or from one task, with other inputs if given."""
    if bool(task_run) + bool(task) > 1 or bool(revision) + latest_revision > 1:
        raise typer.BadParameter("give one of --task-run, --task; of --revision, --latest-revision")
    if input and latest_revision:
        raise typer.BadParameter("with --input, name the revision by --revision")
    form = parts(input)
    begin = task_run or (_run_of(execution_id, task) if task else "")
    latest = "true" if latest_revision else ""
    query = {"taskRunId": begin, "revision": revision, "latestRevision": latest}
    act = "replay-with-inputs" if form else "replay"
    _go(execution_id, act, query, form=form, wait_=wait_)


def _run_of(execution_id: str, task: str) -> str:
    """The one task run of a task. Raises Invalid when there are none, or several."""
    runs = call("GET", f"/executions/{execution_id}").get("taskRunList") or []
    found = [run for run in runs if run["taskId"] == task]
    if len(found) != 1:
        lines = "".join(f"\n  {run['id']} {run.get('value') or ''}" for run in found)
        choose = ": choose one by --task-run" + lines if found else ""
        raise Invalid(f"the task {task!r} ran {len(found)} times in this execution{choose}")
    return str(found[0]["id"])


def _act(name: str) -> None:
    def act(
        execution_id: str,
        wait_: Annotated[bool, typer.Option("--wait", help="Wait for its end.")] = False,
    ) -> None:
        done = call("POST", f"/executions/{execution_id}/{name}")
        typer.echo(f"{done['id']} {done['state']['current']}")
        if wait_:
            leave(wait(done["id"]))

    act.__doc__ = f"{name.capitalize()} an execution."
    execution.command(name)(act)


for _name in ("pause", "force-run"):
    _act(_name)
