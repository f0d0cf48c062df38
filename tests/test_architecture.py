"""The rules of the layout: floors, who may import what, sizes, docstrings."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.errors import DatabaseAway, TrunklineError

ROOT = Path(__file__).parents[1]
FLOORS = [
    {"app.errors", "app.settings", "app.failpoints", "app.library", "app.telemetry"},
    {"app.model", "app.storage"},
    {"app.expression"},
    {"app.database", "app.trigger", "app.plugin"},
    {"app.language", "app.engine"},
    {"app.dispatch", "app.gitops"},
    {"app.service"},
    {"app.api", "app.cli", "workers", "beat"},
]
LIBRARIES = {
    "celery": {"app.dispatch", "workers", "beat"},
    "kombu": {"app.dispatch", "workers", "beat"},
    "flask": {"app.api", "app.cli"},
    "docker": {"workers"},
    "git": {"app.gitops", "workers"},
}
#: `service` hands sessions and rows on without looking in; it imports the types of both
SQL_ROOMS = {"app.database", "app.service", "app.api"}
MOST_LINES, MOST_FUNCTION_LINES = 400, 40
#: rooms that hold what is due; a database that is away must leave it due
HOLDING = ("app.service", "app.gitops", "beat")
#: who may end a DatabaseAway there, and why nothing is lost by it
ENDING = {
    "app.service.settle": "what a commit left is in rows that are due",
    "app.service.health": "the answer is the question",
    "app.service.observing": "figures, asked again by the next scrape",
    "app.service.question": "handed on to whoever asked",
    "app.service.presence": "said again within seconds",
    "app.service.gitops.leases": "renewed again before the lease ends",
    "beat.scheduler": "the next round does it",
}


def modules(root: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    for folder in ("app", "workers", "beat"):
        for path in sorted((root / folder).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path, parsed(path, path.stat().st_mtime_ns)


@cache
def parsed(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "app" else parts[0]


def floor(module: str) -> int | None:
    return next((n for n, rooms in enumerate(FLOORS) if room(module) in rooms), None)


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            if node.module == "app":
                for alias in node.names:
                    yield f"app.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Library":
            yield from ((str(name.value), node.lineno) for name in node.args[:1])  # by first use


def imports_up(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        here = floor(name)
        for target, line in imports(tree):
            there = floor(target)
            if here is not None and there is not None and there > here:
                found.append(f"{name}:{line} imports {target}")
    return found


def imports_beside(root: Path) -> list[str]:
    """Rooms of one floor do not know each other; the faces start as processes of the CLI."""
    found = []
    for name, _, tree in modules(root):
        here = floor(name)
        for target, line in imports(tree):
            if here in (None, 0) or floor(target) != here or room(target) == room(name):
                continue
            if (room(name), room(target)) == ("app.cli", "app.api"):
                continue  # `trunkline api` serves the app
            found.append(f"{name}:{line} imports {target}")
    return found


def foreign_libraries(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for target, line in imports(tree):
            top = target.split(".")[0]
            allowed = SQL_ROOMS if top == "sqlalchemy" else LIBRARIES.get(top)
            if allowed is not None and room(name) not in allowed:
                found.append(f"{name}:{line} imports {target}")
    return found


def hidden_imports(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        found.append(f"{name}:{inner.lineno} imports inside a function")
            if isinstance(node, ast.Name) and node.id == "TYPE_CHECKING":
                found.append(f"{name}:{node.lineno} hides an import under TYPE_CHECKING")
    return found


def large_files(root: Path) -> list[str]:
    return [
        str(path)
        for _, path, _ in modules(root)
        if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES
    ]


def long_functions(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                doc = node.body[0] if ast.get_docstring(node) else None
                lines = (node.end_lineno or 0) - node.lineno + 1
                if doc is not None:
                    lines -= (doc.end_lineno or 0) - doc.lineno + 1
                if lines > MOST_FUNCTION_LINES:
                    found.append(f"{name}:{node.lineno} {node.name} has {lines} lines")
    return found


def undocumented(root: Path) -> list[str]:
    return [name for name, _, tree in modules(root) if not ast.get_docstring(tree)]


def full_packages(root: Path) -> list[str]:
    return [
        str(path)
        for _, path, tree in modules(root)
        if path.name == "__init__.py" and len(tree.body) != 1
    ]


def swallows_an_outage(root: Path) -> list[str]:
    """Catches so much that a database that is away looks like somebody's mistake."""
    found = []
    for module, _, tree in modules(root):
        if module in ENDING or not (module + ".").startswith(tuple(f"{h}." for h in HOLDING)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Try):
                found += [f"{module}:{h.lineno}" for h in _swallowing(node)]
            elif isinstance(node, ast.Call) and "suppress" in ast.unparse(node.func):
                wide = {name for arg in node.args for name in _names(arg)} & OUTAGES
                found += [f"{module}:{node.lineno}"] * bool(wide)
    return found


OUTAGES = {"Exception", "BaseException", "DatabaseAway"}


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _swallowing(node: ast.Try) -> Iterator[ast.ExceptHandler]:
    """The first handler that a DatabaseAway ends in, unless that one raises."""
    for handler in node.handlers:
        if handler.type is None or _names(handler.type) & OUTAGES:
            inside = ast.walk(handler)
            if not any(isinstance(one, ast.Raise) and one.exc is None for one in inside):
                yield handler
            return


RULES = [
    imports_up,
    imports_beside,
    foreign_libraries,
    hidden_imports,
    large_files,
    long_functions,
    undocumented,
    full_packages,
    swallows_an_outage,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule):
    assert rule(ROOT) == []


BROKEN = {
    imports_up: ("app/model/a.py", '"""A."""\nimport app.service.b\n'),
    imports_beside: ("app/model/a.py", '"""A."""\nimport app.storage.b\n'),
    foreign_libraries: ("app/model/a.py", '"""A."""\nimport celery\n'),
    hidden_imports: ("app/model/a.py", '"""A."""\ndef f():\n    import os\n'),
    large_files: ("app/model/a.py", '"""A."""\n' + "x = 1\n" * 400),
    long_functions: ("app/model/a.py", '"""A."""\ndef f():\n' + "    x = 1\n" * 40),
    undocumented: ("app/model/a.py", "x = 1\n"),
    full_packages: ("app/model/__init__.py", '"""A."""\nx = 1\n'),
    swallows_an_outage: (
        "app/service/a.py",
        '"""A."""\ntry:\n    x = 1\nexcept Exception as error:\n    x = error\n',
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_can_fail(rule, tmp_path):
    name, text = BROKEN[rule]
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")

    assert len(rule(tmp_path)) == 1


def test_a_database_that_is_away_is_no_mistake_of_a_flow_or_a_caller():
    assert not issubclass(DatabaseAway, TrunklineError)
