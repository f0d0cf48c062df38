"""The child sequences of a Dag: all exist from its opening, each counts what it waits for."""

from collections.abc import Collection

from app.database import sequences, steps
from app.database.session import Session
from app.engine.flowable.dag import Dag


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
    numbers = [idx for idx in range(total) if idx not in begun]
    rows = [sequences.unbegun(execution_id, scope_id, idx) for idx in numbers]
    for row in rows:
        row["waiting"] = len(dag.needs(row["idx"]) - set(ended))
    sequences.prepare(tx, rows)
    steps.write(tx, {"id": scope_id}, prepared=True)
