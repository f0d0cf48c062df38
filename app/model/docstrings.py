"""The docstrings below the fields of models, read when a schema is written.

Pydantic would read the source of every model whenever a process starts, which takes longer than
all else that happens then; only the reference and the schema of the language need the texts.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import AliasChoices, BaseModel, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A model whose fields are described by the docstring that stands below each of them."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema, with the docstrings of the fields as their descriptions."""
        found = handler(schema)
        properties = handler.resolve_ref_schema(found).get("properties", {})
        for name, field in cls.model_fields.items():
            text = _text(cls, name)
            prop = properties.get(_key(name, field))
            if text and prop is not None:
                prop.setdefault("description", text)
        return found


def _key(name: str, field: FieldInfo) -> str:
    """The name of a field in documents."""
    alias: Any = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else name


def _text(model: type[BaseModel], name: str) -> str | None:
    """What the nearest class that declares a field, and has something to say, says about it."""
    for cls in model.__mro__:
        if name in inspect.get_annotations(cls):
            text = _texts(cls.__module__).get((cls.__qualname__, name))
            if text:
                return text
    return None


@cache
def _texts(module: str) -> dict[tuple[str, str], str]:
    """All docstrings of fields in a module, by class and field."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {(node.name, field): text for node in classes for field, text in _fields(node)}


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        if isinstance(below.value.value, str):
            yield field.target.id, inspect.cleandoc(below.value.value)
