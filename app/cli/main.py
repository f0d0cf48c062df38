"""The command itself. Exit codes: 0 well, 1 failed or refused, 2 wrong use, 3 out of reach."""

from collections.abc import Callable
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from app.cli import (
    access,
    connection,
    execution,
    flow,
    git,
    language,
    process,
    secret,
    source,
    tests,
    things,
    tokens,
    trigger,
    upkeep,
    worker,
)
from app.errors import DatabaseAway, TrunklineError, Unavailable

_HELP = """Trunkline: the processes of a server, and a client of its API.

Exit codes: 0 done; 1 failed or refused; 2 wrong use (`plan`, `drift`: something would change);
3 the server cannot be reached. Results go to stdout, errors and progress to stderr.
"""
cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=_HELP)
cli.command()(process.standalone)
cli.command()(process.api)
cli.add_typer(worker.workers, name="worker")
cli.command()(process.beat)
cli.command()(process.flower)
cli.command()(process.migrate)
cli.command()(process.purge)
cli.command()(upkeep.backup)
cli.command()(upkeep.restore)
cli.command()(upkeep.rotate_keys)
cli.command()(language.schema)
cli.add_typer(flow.flow, name="flow")
cli.add_typer(execution.execution, name="execution")
cli.add_typer(trigger.trigger, name="trigger")
cli.add_typer(things.kv, name="kv")
cli.add_typer(secret.secret, name="secret")
cli.add_typer(things.namespace, name="namespace")
cli.add_typer(source.source, name="source")
cli.add_typer(access.user, name="user")
cli.add_typer(access.group, name="group")
cli.add_typer(access.role, name="role")
cli.add_typer(tokens.token, name="token")
cli.add_typer(tests.test, name="test")
cli.add_typer(language.docs, name="docs")
source.source.command("plan")(git.plan_source)
for command in git.COMMANDS:
    cli.command()(command)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version_of("trunkline"))
        raise typer.Exit


@cli.callback()
def options(
    server: Annotated[
        str, typer.Option(envvar="TRUNKLINE_SERVER", help="Address of the server.")
    ] = "http://127.0.0.1:8080",
    user: Annotated[
        str, typer.Option(envvar="TRUNKLINE_USER", help="user:password, or an API token.")
    ] = "",
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Where the client commands go."""
    connection.connect(server, user)


def main() -> None:
    """The entry point of the distribution."""
    ending(cli)


def ending(act: Callable[[], object]) -> None:
    """Runs `act`; an error of the product is a line for each mistake, and the exit code for it."""
    try:
        act()
    except (Unavailable, DatabaseAway) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(3) from None
    except TrunklineError as error:
        for line in getattr(error, "violations", ()) or (error,):
            typer.echo(f"error: {line}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
