"""Commands for triggers and their backfills."""

from typing import Annotated, Any

import typer

from app.cli.connection import call
from app.cli.inputs import Labels, check_known, label_map, pairs
from app.cli.output import Format, Namespace, Output, Size, show

trigger = typer.Typer(no_args_is_help=True, help="Triggers.")


def _line(item: dict[str, Any]) -> str:
    state = item["state"]
    shown = "disabled" if state.get("disabled") else state.get("nextEvaluationDate", "-")
    line = f"{state['namespace']}/{state['flowId']}/{state['triggerId']} {shown}"
    filling = state.get("backfill")
    return line if not filling else f"{line} {_backfill(filling)}"


def _backfill(filling: dict[str, Any]) -> str:
    word = "backfill paused" if filling.get("paused") else "backfill"
    moments = (filling[name].replace("+00:00", "Z") for name in ("currentDate", "start", "end"))
    line = "{} at {} of {} to {}".format(word, *moments)
    if filling.get("order") == "NEWEST_FIRST":
        line += ", newest first"
    limit = filling.get("concurrencyLimit")
    return line if limit is None else f"{line}, at most {limit} at once"


@trigger.command("list")
def list_triggers(
    namespace: Namespace = "", size: Size = 1000, output: Output = Format.TEXT
) -> None:
    """Lists triggers with their next date, and the backfill that runs."""
    query = {"size": size, **({"namespace": namespace} if namespace else {})}
    show(call("GET", "/triggers/search", params=query)["results"], output, _line)


def _switch(name: str, disabled: bool) -> None:
    def switch(namespace: str, flow_id: str, trigger_id: str) -> None:
        place = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger_id}
        done = call("PUT", "/triggers/set-disabled", json={**place, "disabled": disabled})
        typer.echo("disabled" if done["disabled"] else "enabled")

    switch.__doc__ = f"{name.capitalize()}s a trigger."
    trigger.command(name)(switch)


_switch("enable", False)
_switch("disable", True)


@trigger.command("backfill")
def backfill(
    namespace: str,
    flow_id: str,
    trigger_id: str,
    start: Annotated[str, typer.Option(help="First moment, ISO-8601.")],
    end: Annotated[str, typer.Option(help="Last moment; now if absent.")] = "",
    input: Annotated[
        list[str] | None, typer.Option("--input", help="id=value; repeatable.")
    ] = None,
    label: Labels = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="From end to start.")
    ] = False,
    concurrency_limit: Annotated[
        int | None, typer.Option(min=1, max=1000, help="The most runs at once.")
    ] = None,
) -> None:
    """Runs a schedule's instants of a time in the past, one after the other."""
    wanted: dict[str, Any] = {"start": start, **({"end": end} if end else {})}
    if newest_first:
        wanted["order"] = "NEWEST_FIRST"
    if concurrency_limit is not None:
        wanted["concurrencyLimit"] = concurrency_limit
    check_known(f"/executions/{namespace}/{flow_id}/validate", input)
    if input:
        wanted["inputs"] = dict(pairs(input))
    if label:
        wanted["labels"] = [{"key": k, "value": v} for k, v in label_map(label).items()]
    body = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger_id, "backfill": wanted}
    done = call("PUT", "/triggers/backfill/create", json=body)
    typer.echo(_backfill(done["backfill"]))


def _act(name: str, method: str, route: str, told: str, help_: str) -> None:
    def act(namespace: str, flow_id: str, trigger_id: str) -> None:
        place = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger_id}
        done = call(method, f"/triggers/backfill/{route}", json=place)
        typer.echo(_backfill(done["backfill"]) if done.get("backfill") else told)

    act.__doc__ = help_
    trigger.command(name)(act)


_act("pause-backfill", "PUT", "pause", "", "Holds a backfill where it is.")
_act("continue-backfill", "PUT", "unpause", "", "Lets a paused backfill go on.")
_act("cancel-backfill", "POST", "delete", "cancelled",
     "Ends a backfill; what it started goes on, and so does the schedule.")  # fmt: skip
