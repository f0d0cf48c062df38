"""A document to a dashboard or to one chart."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import Invalid, Violation
from app.language.document import read_document
from app.model.dashboard import Chart, Dashboard

M = TypeVar("M", bound=BaseModel)


class InvalidDashboard(Invalid):
    """The document is no valid dashboard, or no valid chart."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("Invalid dashboard", violations)


def parse_dashboard(text: str) -> tuple[Dashboard, dict[str, Any]]:
    """The dashboard of a YAML text, and what was written.

    Raises DocumentError, InvalidDashboard.
    """
    return _parse(text, Dashboard)


def parse_chart(text: str) -> tuple[Chart, dict[str, Any]]:
    """The chart of a YAML text, and what was written. Raises DocumentError, InvalidDashboard."""
    return _parse(text, Chart)


def _parse(text: str, model: type[M]) -> tuple[M, dict[str, Any]]:
    document = read_document(text)
    if not isinstance(document.data, dict):
        raise InvalidDashboard((document.violation((), "must be a map"),))
    try:
        return model.model_validate(document.data), document.data
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise InvalidDashboard(
            tuple(
                document.violation(
                    tuple(item["loc"]), str(item["msg"]).removeprefix("Value error, ")
                )
                for item in found
            )
        ) from None
