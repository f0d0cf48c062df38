"""README and docs: every link leads to a file; every example flow is valid."""

import re
import subprocess
from pathlib import Path

import pytest

from app.language.parse import parse_flow
from app.plugin.registry import default_registry

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    ROOT / "tests" / "README.md",
    *(page for room in ("docs", "examples") for page in (ROOT / room).rglob("*.md")),
]
FLOWS = sorted((ROOT / "examples").rglob("flows/*.yaml"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    broken = [link for link in local if not (page.parent / link).exists()]

    assert broken == []


def _headings(page):
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", line.strip().lower()).replace(" ", "-") for line in lines}


def test_every_link_to_a_part_of_a_page_leads_to_its_heading():
    broken = []
    for page in PAGES:
        for name, part in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            target = page.parent / name if name else page
            if "://" not in name and target.suffix == ".md" and part not in _headings(target):
                broken.append(f"{page.relative_to(ROOT)}: {name}#{part}")

    assert broken == []


def test_every_page_is_reachable_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        if page.suffix == ".md":
            links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
            waiting += [(page.parent / link).resolve() for link in links if "://" not in link]

    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_every_setting_of_the_tests_is_told_with_its_default():
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    setting = re.compile(r"""(?:int|float)\(os\.environ\.get\("(\w+)", "?([^")]*)"?\)""")
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    found = [match.groups() for source in sources for match in setting.finditer(source)]
    rows = {words[1].strip("` "): words[2] for words in map(_cells, text.splitlines()) if words}
    untold = [
        (name, default)
        for name, default in found
        if default.isdigit()
        and name != "FAULTS_SEED"
        and f"{int(default):,}" not in rows.get(name, "")
    ]

    assert len(found) > 8
    assert untold == []


def _cells(line):
    cells = line.split("|")
    return cells if len(cells) == 5 else []


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_every_example_is_a_valid_flow(path):
    parsed = parse_flow(path.read_text(encoding="utf-8"), default_registry())

    assert parsed.flow.id == path.stem


def test_every_test_that_the_coverage_names_exists():
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    missing = [
        name
        for path, name in named
        if f"def {name}(" not in (ROOT / "tests" / path).read_text(encoding="utf-8")
    ]

    assert len(named) > 70
    assert missing == []
    assert not [path for path, _ in named if path.startswith("conformance/")]  # not in a checkout


#: rows without a test of their own; the page gives the reason
UNSHOWN = {78, 81}


def test_the_coverage_has_a_test_or_a_reason_for_every_feature():
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", text, re.M)
    bare = {int(number) for number, _, shown in rows if "::" not in shown}

    assert [int(number) for number, _, _ in rows] == list(range(1, 89))
    assert bare == UNSHOWN
    assert all(len(shown) > 20 for _, _, shown in rows)


def test_every_requirement_of_the_hardening_names_tests_that_exist():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| S(\d+) \|.*$", text, re.M)
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    missing = [
        name
        for path, name in named
        if f"def {name}(" not in (ROOT / "tests" / path).read_text(encoding="utf-8")
    ]
    bare = [line[:6] for line in text.splitlines() if line.startswith("| S") and "::" not in line]

    assert [int(number) for number in rows] == list(range(1, 27))
    assert missing == bare == []


def test_the_changelog_names_the_version_of_the_project():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)

    assert version is not None
    assert f"## {version.group(1)}" in (ROOT / "CHANGELOG.md").read_text()


def test_make_run_listens_on_the_port_that_it_is_given():
    asked = ["make", "-n", "--no-print-directory", "run"]  # "make test" runs this inside a make
    options = {"cwd": ROOT, "capture_output": True, "text": True, "check": True}
    named = subprocess.run([*asked, "PORT=8099"], **options)
    plain = subprocess.run(asked, **options)

    assert named.stdout.rstrip().endswith("standalone --example --port 8099")
    assert plain.stdout.rstrip().endswith("standalone --example --port 8080")
