"""What goes wrong in an expression."""

from app.errors import Invalid


class ExpressionError(Invalid):
    """The template cannot be parsed or rendered; the message is for its author."""


class UndefinedError(ExpressionError):
    """A name or key that is not there; `??`, `default` and `is defined` forgive it."""

    def __init__(self, name: object, source: str, line: int) -> None:
        super().__init__(
            f"Unable to find `{name}` used in the expression `{source}` at line {line}"
        )


class BudgetExceeded(ExpressionError):
    """Rendering took too many steps, too much time, depth or text."""
