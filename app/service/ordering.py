"""The child sequences of a Dag: all exist from its opening, each counts what it waits for."""

from collections.abc import Collection
from typing import Any

from app.database import sequences, steps
from app.database.session import Session
from app.engine.flowable.dag import Dag
from app.model.ids import new_id
from app.model.state import State


def prepare(
    tx: Session,
    execution_id: str,
    scope_id: str,
    dag: Dag,
    *,
    begun: Collection[int] = (),
    ended: Collection[int] = (),
) -> None:
    """Inserts the sequences that have not begun, given those that have and those that ended well.

    What is in `ended` is no longer waited for.
    """
    total = dag.open(None).total
    rows = [_row(execution_id, scope_id, idx) for idx in range(total) if idx not in begun]
    for row in rows:
        row["waiting"] = len(dag.needs(row["idx"]) - set(ended))
    sequences.prepare(tx, rows)
    steps.write(tx, steps.T.id == scope_id, prepared=True)


def _row(execution_id: str, scope_id: str, idx: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "execution_id": execution_id,
        "scope": scope_id,
        "block": "main",
        "idx": idx,
        "cursor": 0,
        "state": State.CREATED,
        "worst": 0,
    }
