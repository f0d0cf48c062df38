"""JSON of answers: always what every client can read, whatever a flow has made."""

from typing import Any

from flask.json.provider import DefaultJSONProvider

from app.model.json_text import finite


class JsonAnswer(DefaultJSONProvider):
    """As Flask's, in the order of the fields; NaN and the infinities are texts."""

    sort_keys = False

    def dumps(self, obj: Any, **options: Any) -> str:
        """The JSON of an answer."""
        try:
            return super().dumps(obj, allow_nan=False, **options)
        except ValueError:  # rare: only then is the answer walked
            return super().dumps(finite(obj), allow_nan=False, **options)
