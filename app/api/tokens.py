"""API tokens on the wire: those of the caller, and those that an administrator makes for others."""

from typing import Any

from flask import Response

from app.api.auditing import add_detail
from app.api.short_lists import page_of
from app.api.web import json_body, runtime, wire_moment, without_none
from app.errors import Invalid
from app.model.duration import parse_duration
from app.service.access import given, tokens


def listed_tokens(account_id: str) -> Response:
    """The tokens of an account, without their secrets, the oldest first unless sorted."""
    now = runtime().clock()
    rows = tokens.list_tokens(runtime(), account_id)
    scopes = given.shown(runtime(), [row.scopes or [] for row in rows])
    found = [
        without_none(
            {
                "id": row.id,
                "name": row.name,
                "description": row.description,
                "prefix": row.prefix,
                "scopes": limits if row.scopes is not None else None,
                "iat": wire_moment(row.created_at),
                "exp": wire_moment(row.expires_at),
                "lastUsed": wire_moment(row.used_at),
                "extended": row.extended,
                "expired": row.expires_at is not None and row.expires_at <= now,
            }
        )
        for row, limits in zip(rows, scopes, strict=True)
    ]
    return page_of(found, "id name iat exp lastUsed")


def created_token(account_id: str) -> dict[str, Any]:
    """A new token as the body asks for it: `{name, description, maxAge, scopes}`."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        raise Invalid("`name` must be a text")
    description = data.get("description")
    if not isinstance(description, str | None):
        raise Invalid("`description` must be a text")
    age = data.get("maxAge")
    span = parse_duration(str(age)) if age is not None else None
    add_detail(name=data["name"], maxAge=age, scopes=data.get("scopes"))
    values, full = tokens.create_token(
        runtime(), account_id, data["name"], description, span, data.get("scopes")
    )
    return {"id": values["id"], "name": values["name"], "fullToken": full}
