"""Connections, windows, pipelines, notifications: kept by name, read back as their models."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import Row

from app.database import git_outside, git_records, git_sources
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.gitops import window as windows_
from app.model.ids import new_id
from app.service.gitops.models import Connection, Notification, Pipeline, Window, read
from app.service.runtime import Runtime

M = TypeVar("M", bound=BaseModel)


class Records(Generic[M]):
    """The records of one kind."""

    def __init__(self, kind: str, model: type[M]) -> None:
        self.kind, self.model = kind, model

    def read_row(self, row: Row[Any]) -> M:
        """A row as its model."""
        return self.model.model_validate({**row.spec, "name": row.name})

    def list_all(self, rt: Runtime) -> list[tuple[str, M]]:
        """Ids and records, by name."""
        with rt.database.reading() as tx:
            return [(row.id, self.read_row(row)) for row in git_records.list_all(tx, self.kind)]

    def get_in(self, tx: Session, name: str) -> tuple[str, M]:
        """A record by name or id. Raises NotFound."""
        row = git_records.find(tx, self.kind, name)
        if row is None:
            raise NotFound(f"no Git {self.kind} {name!r}")
        return row.id, self.read_row(row)

    def get(self, rt: Runtime, name: str) -> tuple[str, M]:
        """A record by name or id. Raises NotFound."""
        with rt.database.reading() as tx:
            return self.get_in(tx, name)

    def put(self, rt: Runtime, data: Any, name: str | None = None) -> tuple[str, M]:
        """Creates a record, or replaces the one of `name`. Raises Invalid, Conflict, NotFound."""
        given = {**data, "name": data.get("name", name)} if isinstance(data, dict) else data
        model = read(given, self.model)
        spec = model.model_dump(mode="json", exclude={"name"})
        chosen: str = model.name  # type: ignore[attr-defined]
        with rt.database.transaction() as tx:
            other = git_records.find(tx, self.kind, chosen)
            if name is None:
                if other is not None:
                    raise Conflict(f"a Git {self.kind} {chosen!r} exists already")
                record_id = new_id()
                values = {"id": record_id, "kind": self.kind, "name": chosen, "spec": spec}
                git_records.add(tx, {**values, "created_at": rt.clock()})
            else:
                record_id, before = self.get_in(tx, name)
                if before.name != chosen:  # type: ignore[attr-defined]
                    raise Invalid(f"the name of a Git {self.kind} stays as it is")
                git_records.write(tx, record_id, chosen, spec)
        return record_id, model

    def drop(self, rt: Runtime, name: str) -> None:
        """Removes a record. Raises NotFound; Conflict for a connection that is in use."""
        with rt.database.transaction() as tx:
            record_id, record = self.get_in(tx, name)
            if isinstance(record, Connection):
                users = [r.name for r in git_sources.list_all(tx) if r.connection == record.name]
                if users:
                    raise Conflict(f"the connection is used by the sources {', '.join(users)}")
            if isinstance(record, Pipeline):
                for row in git_outside.waiting_promotions(tx):
                    if row.pipeline == record.name:
                        git_outside.write_promotion(tx, row.id, status="SUPERSEDED")
            git_records.drop(tx, record_id)


connections = Records("connection", Connection)
windows = Records("window", Window)
pipelines = Records("pipeline", Pipeline)
notifications = Records("notification", Notification)


def windows_in(tx: Session) -> Sequence[windows_.Window]:
    """Every window, as the rules read it."""
    found = [windows.read_row(row) for row in git_records.list_all(tx, windows.kind)]
    return [windows_.Window(**dict(window)) for window in found]
