"""Namespace files that would be a file and a folder at once: no execution could have both."""

from dataclasses import replace

from app.database import namespaces
from app.database.session import Session
from app.gitops.layout import Kind
from app.gitops.plan import Action, Item, Key, Plan, States
from app.service.file_names import TakenNames

_FIX = "delete or move it, or turn `prune` on where it was in Git"


def without_clashes(tx: Session, plan: Plan, states: States) -> bool:
    """Makes invalid in `states` what cannot lie beside files that stay; whether anything was so."""
    wrong = _clashing(tx, plan)
    changed = {k: replace(states.desired[k], hash=None, problems=(w,)) for k, w in wrong.items()}
    states.desired = {**states.desired, **changed}
    return bool(wrong)


def _clashing(tx: Session, plan: Plan) -> dict[Key, str]:
    files = [item for item in plan.changes if item.kind is Kind.FILE]
    gone = {item.key for item in files if item.action is Action.DELETE}
    places: dict[str, list[Item]] = {}
    for item in files:
        if item.action is Action.CREATE:
            places.setdefault(item.key.partition(":")[0], []).append(item)
    found: dict[Key, str] = {}
    for namespace, items in places.items():
        rows = namespaces.list_files(tx, namespace)
        taken = TakenNames(r.path for r in rows if f"{namespace}:{r.path}" not in gone)
        for item in items:
            other = taken.in_the_way_of(item.key.partition(":")[2])
            if other is not None:
                words = f"{item.path}: {other} is in {namespace}, so that this can be no file"
                found[item.kind, item.key] = f"{words}: {_FIX}"
    return found
