"""What all resources share: the life of one thing of the server, from its table of fields."""

from collections.abc import Sequence
from typing import Any, ClassVar

from tf.iface import (
    CreateContext,
    DeleteContext,
    ImportContext,
    PlanContext,
    ReadContext,
    Resource,
    State,
    UpdateContext,
)
from tf.schema import Schema
from tf.types import Unknown
from tf.utils import Diagnostics

from trunkline_terraform import fields
from trunkline_terraform.client import ApiError, Client
from trunkline_terraform.fields import Field


class Thing(Resource):
    """A resource. A kind says its fields, the parts of its id, and three calls."""

    name: ClassVar[str]
    about: ClassVar[str]
    table: ClassVar[Sequence[Field]]
    parts: ClassVar[Sequence[str]]
    """The attributes that name one, parted by slashes in the id; the last may hold slashes."""
    changing: ClassVar[Sequence[str]] = ()
    """Attributes that the server changes at each write."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    @property
    def client(self) -> Client:
        """The configured client."""
        return self._provider.client

    # -- what a kind says

    def find(self, state: State) -> dict[str, Any] | None:
        """The API's JSON of a thing; None when it is gone. Raises ApiError."""
        raise NotImplementedError

    def write(self, state: State, *, is_new: bool) -> None:
        """Makes or changes it. Raises ApiError."""
        raise NotImplementedError

    def remove(self, state: State) -> None:
        """Removes it. Raises ApiError."""
        raise NotImplementedError

    # -- what Terraform asks

    @classmethod
    def get_name(cls) -> str:
        """The type's name without the provider's."""
        return cls.name

    @classmethod
    def get_schema(cls) -> Schema:
        """Its attributes."""
        return fields.schema(cls.about, (fields.ID, *cls.table))

    def create(self, ctx: CreateContext, planned: State) -> State | None:
        """Makes it; None (nothing is kept in the state) when that failed."""
        try:
            self.write(planned, is_new=True)
            return self._shown(planned)
        except ApiError as error:
            _tell(ctx.diagnostics, error)
            return None

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """How it is now; None when it is gone."""
        try:
            data = self.find(current)
        except ApiError as error:
            _tell(ctx.diagnostics, error)
            return current
        if data is None:
            return None
        known = {name: value for name, value in current.items() if name not in self.changing}
        return {**fields.read(self.table, data, known), "id": self._id(current)}

    def plan(self, ctx: PlanContext, current: State | None, planned: State) -> State | None:
        """What the server will change besides is not known yet."""
        if ctx.changed_fields:
            planned.update(dict.fromkeys(self.changing, Unknown))
        return planned

    def update(self, ctx: UpdateContext, current: State, planned: State) -> State | None:
        """Changes it; the state stays when that failed."""
        try:
            self.write(planned, is_new=False)
            return self._shown(planned)
        except ApiError as error:
            _tell(ctx.diagnostics, error)
            return current

    def delete(self, ctx: DeleteContext, current: State) -> State | None:
        """Removes it; that it is gone already is no error."""
        try:
            self.remove(current)
        except ApiError as error:
            if error.status != 404:
                _tell(ctx.diagnostics, error)
                return current
        return None

    def import_(self, ctx: ImportContext, id: str) -> State | None:
        """A thing that is there already, by its id."""
        named = id.split("/", len(self.parts) - 1)
        if len(named) != len(self.parts) or not all(named):
            shape = "/".join(self.parts)
            ctx.diagnostics.add_error(f"{id!r} is no id of a {self.name}", f"It is {shape}.")
            return None
        state = {field.name: None for field in self.table} | dict(
            zip(self.parts, named, strict=True)
        )
        try:
            data = self.find(state)
        except ApiError as error:
            _tell(ctx.diagnostics, error)
            return None
        if data is None:
            ctx.diagnostics.add_error(f"There is no {self.name} {id!r}")
            return None
        return {**fields.read(self.table, data, state), "id": id}

    def _shown(self, planned: State) -> State:
        """What was planned, its unknown values filled from the server."""
        data = self.find(planned)
        if data is None:
            raise ApiError(f"The {self.name} was written and is not there")
        seen = fields.read(self.table, data, {})
        known = {n: seen.get(n) if v is Unknown else v for n, v in planned.items()}
        return {**known, "id": self._id(planned)}

    def _id(self, state: State) -> str:
        return "/".join(str(state[part]) for part in self.parts)


def _tell(diagnostics: Diagnostics, error: ApiError) -> None:
    diagnostics.add_error(error.summary, error.detail)
