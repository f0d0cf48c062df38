"""Commands for flow tests."""

from pathlib import Path
from typing import Any

import typer

from app.cli.checking import yaml_files
from app.cli.connection import call
from app.errors import Invalid
from app.language.document import read_document

test = typer.Typer(no_args_is_help=True, help="Tests of flows.")


@test.command("run")
def run(paths: list[Path]) -> None:
    """Saves the suites of files or folders and runs them; exits with 1 unless all hold.

    In a folder, files that are no suites (flows, for instance) are left out.
    """
    is_well, found = True, 0
    for path in yaml_files(paths):
        text = path.read_text(encoding="utf-8")
        data = read_document(text).data if path not in paths else None
        if isinstance(data, dict) and "testCases" not in data:
            continue
        found += 1
        suite = call("POST", "/tests", content=text.encode())
        place = f"/tests/{suite['namespace']}/{suite['id']}/run"
        result = call("POST", place, timeout=None)
        is_well = _show(path, result) and is_well
    if not found:
        raise Invalid("no test suite found")
    if not is_well:
        raise typer.Exit(1)


def _show(path: Path, result: dict[str, Any]) -> bool:
    typer.echo(f"{path}: {result['testSuiteId']} {result['state']}")
    for case in result["results"]:
        typer.echo(f"  {case['state']:8} {case['testId']}")
        for error in case["errors"]:
            typer.echo(f"    {error['message']}")
        for item in case["assertionResults"]:
            if not item["isSuccess"]:
                typer.echo(f"    {item['errorMessage']}")
    return result["state"] in ("SUCCESS", "SKIPPED")
