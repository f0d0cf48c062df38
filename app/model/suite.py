"""Flow tests (flow language 11): cases with fixtures, and what must hold after each."""

from typing import Any, Literal

from pydantic import Field

from app.model.flow import FLOW_ID_PATTERN
from app.model.namespace import LONGEST_NAMESPACE, NAMESPACE_PATTERN
from app.model.property import WireModel
from app.model.state import State
from app.model.task import ID_PATTERN

UNIT_TEST = "io.kestra.core.tests.flow.UnitTest"
#: operators that need nothing to compare with but true
JUDGEMENTS = ("is_null", "is_not_null", "is_true", "is_false")
COMPARISONS = (
    "equal_to", "not_equal_to", "contains", "starts_with", "ends_with", "in_", "not_in",
    "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to",
)  # fmt: skip


class TaskFixture(WireModel):
    """Stands in for a task: it does not run, and ends so."""

    id: str
    description: str | None = None
    state: State = State.SUCCESS
    outputs: dict[str, Any] = Field(default_factory=dict)


class TriggerFixture(WireModel):
    """Stands in for the trigger that would have started the execution."""

    id: str
    type: str | None = None
    variables: dict[str, Any] = Field(default_factory=dict)


class Fixtures(WireModel):
    """What a case is given."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    """Contents by name; expressions of the fixtures see their addresses as `files`."""
    tasks: tuple[TaskFixture, ...] = ()
    trigger: TriggerFixture | None = None


class Assertion(WireModel):
    """An expression over the execution at its end, and what must be true of it."""

    value: Any
    task_id: str | None = None
    description: str | None = None
    error_message: str | None = None
    equal_to: Any = None
    not_equal_to: Any = None
    contains: Any = None
    starts_with: Any = None
    ends_with: Any = None
    in_: list[Any] | str | None = Field(None, alias="in")
    not_in: list[Any] | str | None = None
    is_null: bool | None = None
    is_not_null: bool | None = None
    is_true: bool | None = None
    is_false: bool | None = None
    greater_than: Any = None
    greater_than_or_equal_to: Any = None
    less_than: Any = None
    less_than_or_equal_to: Any = None

    def asked(self) -> dict[str, Any]:
        """The operators that are written, with what they compare with."""
        names = self.model_fields_set & {*COMPARISONS, *JUDGEMENTS}
        return {name: getattr(self, name) for name in sorted(names)}


class Case(WireModel):
    """One execution of the flow."""

    id: str = Field(pattern=ID_PATTERN, max_length=256)
    type: Literal["io.kestra.core.tests.flow.UnitTest"]
    description: str | None = None
    disabled: bool = False
    fixtures: Fixtures = Fixtures()
    assertions: tuple[Assertion, ...] = Field(min_length=1)


class Suite(WireModel):
    """The tests of a flow."""

    id: str = Field(pattern=FLOW_ID_PATTERN, min_length=1, max_length=100)
    namespace: str = Field(pattern=NAMESPACE_PATTERN, min_length=1, max_length=LONGEST_NAMESPACE)
    flow_id: str
    description: str | None = None
    disabled: bool = False
    test_cases: tuple[Case, ...] = Field(min_length=1)
