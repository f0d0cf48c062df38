"""Values as YAML text."""

from collections.abc import Sequence
from typing import Any

import yaml

from app.expression.calls import filter_
from app.expression.filters_data import plain

#: what a text may look like and still stand without quotes
_UNQUOTED = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "timestamp")}


class _Plain(yaml.SafeDumper):
    """Lists stand one column to the right of what holds them; quotes are double ones."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never without an indent."""
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Double quotes where there have to be any."""
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Several lines stand in a block; a text that looks like a number or date has no quotes."""
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    tag = str(dumper.resolve(yaml.ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag if tag in _UNQUOTED else "tag:yaml.org,2002:str", text)


_Plain.add_representer(str, _text)


@filter_("yaml")
def yaml_text(value: Any) -> str:
    """YAML text with as few quotes as can be."""
    if value is None:
        return "null"
    text: str = yaml.dump(
        plain(value),
        Dumper=_Plain,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=4096,
    )
    text = text.removesuffix("...\n")
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return "".join(" " + line for line in text.splitlines(keepends=True)) if is_list else text
