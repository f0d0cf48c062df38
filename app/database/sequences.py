"""Rows of sequences: the branches, iterations and blocks of a scope.

A sequence in state CREATED is prepared: it exists and has not begun. It begins when it is `ready`
(`waiting` is 0) and its scope has room.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, delete, insert, select, text, update

from app.database.batch import insert_later
from app.database.change import change
from app.database.schema import sequences, task_runs
from app.database.session import Session
from app.model.ids import new_id
from app.model.state import State

S = sequences.c
T = task_runs.c


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new child sequence."""
    insert_later(tx, sequences, values)


_CHILDREN = (
    select(sequences)
    .where(S.scope == bindparam("scope"), S.block.in_(bindparam("blocks", expanding=True)), ~S.gone)
    .order_by(S.block, S.idx)
)


def children(tx: Session, scope_id: str, blocks: Iterable[str]) -> Sequence[Row[Any]]:
    """The sequences of a scope's blocks that are not set aside, in order."""
    return tx.execute(_CHILDREN, {"scope": scope_id, "blocks": list(blocks)}).all()


def reset(tx: Session, sequence_id: str, cursor: int, state: State, worst: int = 0) -> None:
    """Puts a sequence back to a step."""
    values = {"state": state, "cursor": cursor, "worst": worst}
    change(tx, sequences, {"id": sequence_id}, values)


def kill(tx: Session, sequence_ids: Sequence[str]) -> None:
    """Those of the sequences that run end as KILLED; what has not begun stays as it is."""
    for start in range(0, len(sequence_ids), 500):
        part = sequence_ids[start : start + 500]
        open_ = and_(S.id.in_(part), S.state == State.RUNNING)
        tx.execute(update(sequences).where(open_).values(state=State.KILLED))


def worst_before(tx: Session, sequence_id: str, cursor: int) -> int:
    """1 when a step before `cursor` ended in WARNING, else 0."""
    where = and_(T.sequence == sequence_id, T.pos < cursor, T.state == State.WARNING)
    return int(tx.execute(select(T.id).where(where, ~T.gone).limit(1)).first() is not None)


def worst_of(tx: Session, scope_id: str, first: int, count: int) -> dict[int, int]:
    """How the main sequences number `first` up to `first + count - 1` of a scope ended."""
    where = and_(S.scope == scope_id, S.block == "main", ~S.gone)
    where = and_(where, S.idx >= first, S.idx < first + count)
    return {row.idx: row.worst for row in tx.execute(select(S.idx, S.worst).where(where))}


def below(tx: Session, run_ids: Sequence[str]) -> list[str]:
    """The sequences that task runs hold as scopes."""
    found: list[str] = []
    for start in range(0, len(run_ids), 500):
        part = run_ids[start : start + 500]
        where = and_(S.scope.in_(part), ~S.gone)
        found.extend(tx.execute(select(S.id).where(where)).scalars())
    return found


def unbegun(execution_id: str, scope_id: str, idx: int) -> dict[str, Any]:
    """The values of a main sequence that does not begin yet."""
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


def prepare(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New sequences that do not begin yet."""
    for start in range(0, len(rows), 500):
        tx.execute(insert(sequences), [dict(row) for row in rows[start : start + 500]])


def drop_prepared(tx: Session, scope_id: str) -> None:
    """Removes the main sequences of a scope that have not begun."""
    where = and_(S.scope == scope_id, S.block == "main", S.state == State.CREATED, ~S.gone)
    tx.execute(delete(sequences).where(where))


_READY = (
    select(sequences)
    .where(
        S.scope == bindparam("scope"),
        text("sequences.state = 'CREATED' and sequences.waiting = 0"),
    )
    .order_by(S.idx)
    .limit(bindparam("most", type_=Integer()))
)


def ready(tx: Session, scope_id: str, most: int) -> Sequence[Row[Any]]:
    """Prepared sequences of a scope that wait for nothing, in order; an index holds just them."""
    return tx.execute(_READY, {"scope": scope_id, "most": most}).all()


_BEGIN = (
    update(sequences)
    .where(S.id.in_(bindparam("ids", expanding=True)), S.state == State.CREATED.value, ~S.gone)
    .values(state=State.RUNNING.value)
)


def begin(tx: Session, sequence_ids: Sequence[str]) -> bool:
    """Prepared sequences begin; False when one of them has begun already."""
    return tx.execute(_BEGIN, {"ids": sequence_ids}).rowcount == len(sequence_ids)


def unblock(tx: Session, scope_id: str, numbers: Sequence[int]) -> None:
    """Sequences with these numbers wait for one thing less."""
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        where = and_(S.scope == scope_id, S.block == "main", S.idx.in_(part), ~S.gone)
        tx.execute(update(sequences).where(where).values(waiting=S.waiting - 1))
