"""The folders of whole namespaces in a repository, as they physically are."""

from dataclasses import dataclass

from app.errors import TrunklineError
from app.gitops.layout import IGNORE_FILE
from app.gitops.tree import Tree
from workers.git.copy import Copy
from workers.git.documents import is_flow_file, read_header

BOARDS = "_global/dashboards"


@dataclass(frozen=True)
class Gone:
    """A file of the repository that the server does not have; its path within the folder."""

    path: str
    kind: str
    namespace: str
    key: str


def namespaces_of(tree: Tree, folder: str) -> list[str]:
    """Folders that hold `flows` or `files`, by way of links too. Raises RefusedTree."""
    prefix = folder + "/" if folder else ""
    names = {path[len(prefix) :].partition("/")[0] for path in tree.below(folder)}
    return sorted(
        name
        for name in names
        if name != "_global"
        and any(tree.has_folder(f"{prefix}{name}/{part}") for part in ("flows", "files"))
    )


def flow_paths(copy: Copy, tree: Tree, place: str) -> dict[str, str]:
    """Ids of the flows below a folder with their path in it; what is no flow is left out."""
    files = {
        path: file
        for path, file in tree.below(place).items()
        if is_flow_file(path) and not file.problem and file.size <= 1_000_000
    }
    found: dict[str, str] = {}
    for path, data in copy.read(files).items():
        try:
            flow_id = read_header(data.decode("utf-8", "replace")).id
        except TrunklineError:
            continue
        found.setdefault(flow_id, path[len(place) + 1 :])
    return found


def board_paths(copy: Copy, tree: Tree, place: str) -> dict[str, str]:
    """Ids of the dashboards of a folder with the names of their files; without an id in the text
    it is the name."""
    names = [path[len(place) + 1 :] for path in tree.below(place)]
    stems = {name.rpartition(".")[0]: name for name in names if is_flow_file(name)}
    said = {name: board for board, name in flow_paths(copy, tree, place).items()}
    return {said.get(name, stem): name for stem, name in stems.items() if "/" not in name}


def gone_boards(copy: Copy, tree: Tree, folder: str, wanted: set[str]) -> list[Gone]:
    """Dashboards of a repository that are not wanted."""
    place = f"{folder}/{BOARDS}".lstrip("/")
    found = board_paths(copy, tree, place).items()
    all_of = [Gone(f"{BOARDS}/{name}", "DASHBOARD", "", board) for board, name in found]
    return [gone for gone in all_of if gone.path not in wanted]


def gone_of(copy: Copy, tree: Tree, folder: str, namespace: str, wanted: set[str]) -> list[Gone]:
    """Files of a namespace's folders that are not wanted."""
    prefix = f"{folder}/".lstrip("/") if folder else ""
    found = []
    for kind, part in (("FLOW", "flows"), ("FILE", "files")):
        place = f"{prefix}{namespace}/{part}"
        ids = {p: i for i, p in flow_paths(copy, tree, place).items()} if kind == "FLOW" else {}
        for path in tree.below(place):
            inner, name = path[len(prefix) :], path[len(place) + 1 :]
            if inner in wanted or name.rpartition("/")[2] in (
                IGNORE_FILE,
                ".gitkeep",
                ".gitignore",
            ):
                continue
            if kind == "FLOW" and not is_flow_file(name):
                continue
            found.append(Gone(inner, kind, namespace, f"{namespace}:{ids.get(name, name)}"))
    return found
