"""Values that must not be seen, and how they look in a text.

A value counts by what it is, not by where it came from: what a filter makes of a hidden value is
hidden as well. Best effort: values under four characters are shown, and so is what a script makes.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "******"
LEAST = 4  #: characters of a value that is hidden
MOST_DERIVED = 500  #: values that expressions have made of hidden ones


def forms_of(value: str) -> set[str]:
    """A value as it may stand in a text: plain, base64, URL, JSON, quoted for a shell, by lines."""
    data = value.encode("utf-8", "replace")
    found = {value, quote(value), quote_plus(value), quote(value, safe="")}
    for encoded in (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()):
        found |= {encoded, encoded.rstrip("=")}
    for is_ascii in (True, False):
        found.add(json.dumps(value, ensure_ascii=is_ascii)[1:-1])
    found |= {value.replace("'", "'\\''"), value.replace("'", "'\"'\"'")}
    found |= {line for line in value.splitlines() if len(line) >= LEAST}
    return found


def texts_in(value: Any) -> Iterator[str]:
    """Every text within a value, at any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            waiting += item


def masked(masks: "Masks", value: Any) -> Any:
    """A value whose texts, at any depth, show no hidden one."""
    if isinstance(value, str):
        return masks.apply(value)
    if isinstance(value, Mapping):
        return {masks.apply(str(key)): masked(masks, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(masks, item) for item in value]
    return value


class Masks:
    """The values that must not be seen, in the forms in which they may appear."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._forms: list[str] = []
        self._derived = 0

    def add(self, value: str) -> None:
        """Hides a value of four characters or more from now on."""
        if len(value) < LEAST or value in self.values:
            return
        self.values.append(value)
        self._forms = sorted({*self._forms, *forms_of(value)}, key=len, reverse=True)

    def derive(self, sources: Iterable[Any], result: Any) -> None:
        """Hides the texts of `result` when it was made of something hidden."""
        if isinstance(result, str) and (len(result) < LEAST or self.is_in(result)):
            return
        if not any(self.is_in(text) for source in sources for text in texts_in(source)):
            return
        for text in texts_in(result):
            if self._derived < MOST_DERIVED and not self.is_in(text):
                self._derived += 1
                self.add(text)

    def is_in(self, text: str) -> bool:
        """Whether a text shows a hidden value."""
        return any(form in text for form in self._forms)

    def apply(self, text: str) -> str:
        """The text with every hidden value replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def labels(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Labels without hidden values: they are searched for, so they cannot be encrypted."""
        return {self.apply(key): self.apply(value) for key, value in pairs.items()}

    def cut(self, text: str, at: int) -> int:
        """The last place up to `at` where no hidden value is cut in two; `at` when there is none.

        Sees values that are in the text as a whole: it must go on for a while behind `at`.
        """
        for form in self._forms:
            start = max(at - len(form) + 1, 0)
            found = text.find(form, start, at + len(form) - 1)
            if 0 < found < at:
                at = found
        return at
