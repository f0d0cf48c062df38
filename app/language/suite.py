"""A document to a suite of flow tests."""

from collections import Counter

from pydantic import ValidationError

from app.errors import Invalid, Violation
from app.language.document import read_document
from app.model.suite import Suite

_NO_OPERATOR = "must have an operator such as `equalTo`; for null there is `isNull: true`"


class InvalidSuite(Invalid):
    """The document is no valid suite."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("Invalid test suite", violations)


def parse_suite(text: str | bytes) -> Suite:
    """The suite of a YAML text. Raises DocumentError, or InvalidSuite with all violations."""
    document = read_document(text)
    if not isinstance(document.data, dict):
        raise InvalidSuite((document.violation((), "a test suite must be a map"),))
    try:
        suite = Suite.model_validate(document.data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise InvalidSuite(
            tuple(document.violation(tuple(item["loc"]), str(item["msg"])) for item in found)
        ) from None
    twice = [name for name, n in Counter(case.id for case in suite.test_cases).items() if n > 1]
    wrong = [document.violation(("testCases",), f"Duplicate test case {name}") for name in twice]
    wrong += [
        document.violation(("testCases", i, "assertions", j), _NO_OPERATOR)
        for i, case in enumerate(suite.test_cases)
        for j, assertion in enumerate(case.assertions)
        if not assertion.asked()
    ]
    if wrong:
        raise InvalidSuite(tuple(wrong))
    return suite
